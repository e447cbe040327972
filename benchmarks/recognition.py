"""String accuracy by line condition, kind and length, and false accepts, with Wilson intervals.

The same audio goes through our turn and through Vosk as its documentation uses it (same model, its
phrase list, its own endpointer, all results of a recording joined). A string is right when every
digit is; ours counts as heard whatever its confidence.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import typer

from acoustic_model.evaluation import digits_of
from acoustic_model.judged_sets import Clip, crowd_words, digit_strings, out_of_grammar, sentences
from benchmarks.endpointing import spread
from benchmarks.listeners import Heard, documented, ours, settings, share
from benchmarks.recordings import SHARED, in_parallel, take

CONDITIONS = (
    "clean16k",
    "tel_pcm",
    "tel_ulaw",
    "tel_alaw",
    *(f"tel_ulaw_{noise}{snr}" for noise in ("babble", "car", "white") for snr in (20, 10, 5)),
    "tel_gsm",
    "tel_g726",
    "tel_ulaw_loss1",
    "tel_ulaw_loss3",
    "tel_ulaw_quiet",
    "tel_ulaw_hot",
    "tel_ulaw_echo",
)
NEEDS_FFMPEG = ("tel_gsm", "tel_g726")
DETAILED = ("tel_ulaw",)
"""Conditions that are also shown by kind and length."""

UNIVERSALS = "universals.grxml"
REJECTING = {
    "license number": ("license_number.grxml?length=6", UNIVERSALS),
    "PIN": ("pin.grxml?length=4", UNIVERSALS),
    "menu": ("menu.grxml", UNIVERSALS),
    "yes or no": ("yesno.grxml", UNIVERSALS),
}
REJECT_CONDITION = "tel_ulaw"


@dataclass(frozen=True, slots=True)
class Job:
    """One recording under one condition; ``uris`` empty for a digit string of its own length."""

    clip: Clip
    condition: str
    uris: tuple[str, ...] = ()


Both = tuple[Heard, Heard]
"""What we heard, what Vosk heard."""


def rows(limit: int | None = None) -> list[tuple[str, str]]:
    """The table's rows; ``limit`` takes so many recordings of each set only."""
    if not SHARED.is_dir():
        return [("all", "not measured: ../shared/audio is not here")]
    return _strings(limit) + _false_accepts(limit)


def listen(job: Job) -> Both:
    """Both ways on one recording."""
    taken = take(job.clip, job.condition)
    assert taken is not None
    length = len(job.clip.words)
    uris = job.uris or (f"digits.grxml?length={length}", UNIVERSALS)
    return ours(taken.audio, uris), documented(taken.audio, first=False)


def _strings(limit: int | None) -> list[tuple[str, str]]:
    usable = [c for c in CONDITIONS if c not in NEEDS_FFMPEG or shutil.which("ffmpeg")]
    clips = spread(digit_strings(SHARED), limit)
    jobs = [Job(clip, condition) for condition in usable for clip in clips]
    done = list(zip(jobs, in_parallel(listen, jobs, "strings"), strict=True))
    found = []
    for condition in usable:
        here = [(job.clip, both) for job, both in done if job.condition == condition]
        found += _both(f"strings, {condition}", here)
        if condition in DETAILED:
            found += _by(f"strings, {condition}", here, lambda clip: clip.kind)
            found += _by(f"strings, {condition}", here, lambda clip: clip.group)
            found += _by(f"strings, {condition}", here, _length)
    return found


def _by(
    title: str, heard: list[tuple[Clip, Both]], key: Callable[[Clip], str]
) -> list[tuple[str, str]]:
    found = []
    for name in sorted({key(clip) for clip, _ in heard}):
        found += _both(f"{title}, {name}", [one for one in heard if key(one[0]) == name])
    return found


def _length(clip: Clip) -> str:
    return f"{len(clip.words):2} digits"


def _both(title: str, heard: list[tuple[Clip, Both]]) -> list[tuple[str, str]]:
    wanted = [digits_of(clip.words) for clip, _ in heard]
    mine = sum(both[0].value == text for (_, both), text in zip(heard, wanted, strict=True))
    theirs = sum(both[1].value == text for (_, both), text in zip(heard, wanted, strict=True))
    count = len(heard)
    return [(title, f"ours {share(mine, count)}; documentation {share(theirs, count)}")]


def _false_accepts(limit: int | None) -> list[tuple[str, str]]:
    """Recordings of no grammar that are taken for something at the accepting confidence."""
    sets = {
        "oog_dev": [clip for clip in out_of_grammar(SHARED) if not clip.near],
        "dev_sentences": sentences(SHARED),
        "dev_words other": [
            clip
            for clip in crowd_words(SHARED)
            if clip.kind == "other" and clip.words != ("right",)
        ],
    }
    found = []
    for name, clips in sets.items():
        chosen = spread(clips, limit)
        for grammar, uris in REJECTING.items():
            jobs = [Job(clip, REJECT_CONDITION, uris) for clip in chosen]
            heard = in_parallel(listen, jobs, f"{name}, {grammar}")
            found.append((f"false accepts, {name}, {grammar}", _accepted(grammar, heard)))
    return found


def _accepted(grammar: str, heard: list[Both]) -> str:
    """Taken for the field's own entry, or for a command that works everywhere."""
    own = share(sum(_taken(mine, command=False) for mine, _ in heard), len(heard))
    command = share(sum(_taken(mine, command=True) for mine, _ in heard), len(heard))
    figure = f"as an entry {own}; as a command {command}"
    digits = {"license number": 6, "PIN": 4}.get(grammar)
    if digits is None:
        return figure
    theirs = sum(len(other.value) == digits for _, other in heard)
    return f"{figure}; documentation {share(theirs, len(heard))}"


def _taken(mine: Heard, *, command: bool) -> bool:
    sure = bool(mine.value) and mine.confidence >= settings().confidence.accept
    return sure and command == (mine.grammar == "universals")


def main(limit: int | None = None) -> None:
    """Print the rows."""
    for measured, figure in rows(limit):
        print(f"{measured:52} {figure}")


if __name__ == "__main__":
    typer.run(main)
