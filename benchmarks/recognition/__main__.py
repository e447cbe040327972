"""Measures recognition of strings, words, and rejection: ours and others on the same audio.

Recordings of ../shared/audio are rendered once for each condition of degrade.py and recognized by
our turn, by Vosk as its documentation uses it, by pocketsphinx with the length known, and by
Whisper alone. Each part's row is printed when it ends. Answers are kept, so that a stopped run
resumes; figures of all recordings go to docs/recognition.json, and from there to
docs/recognition.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import results
from benchmarks.recognition.answers import KEPT, Answer, Kept, model_version, versions
from benchmarks.recognition.figures import ALL, Cost, Figure, Recognition, count, cpu_per_audio
from benchmarks.recognition.judged import LINE, Judged, judged, left_out
from benchmarks.recognition.listener_ours import hears_with_whisper
from benchmarks.recognition.listeners import NAMES, TITLES, Job, listen, memory_mb
from benchmarks.recognition.recordings import SHARED, in_parallel
from bot.resources import PROJECT

EVERY_IN_TABLE = 10
VOICES = PROJECT / ".cache" / "acoustic_model"
COSTLY_CONDITIONS = (LINE, "tel_ulaw_babble10")
"""Pocketsphinx and Whisper alone take most of the time, so they hear these only."""

KEEP_EVERY = 64
"""Answers are written after so many recordings, in the order in which they were asked."""


def rows() -> list[tuple[str, str]]:
    """The table's rows, of every tenth recording."""
    if not SHARED.is_dir():
        return [("all", "not measured: ../shared/audio is not here")]
    return list(table(measure(EVERY_IN_TABLE)))


def measure(
    every: int,
    voices: Path = VOICES,
    folder: Path | None = None,
    only: Sequence[str] = (),
    names: Sequence[str] = NAMES,
) -> Recognition:
    """Ask ``names`` what was not asked yet, and count; ``only`` the measures that begin so."""
    begins = tuple(only) or ""
    folder = folder or KEPT
    wanted = [one for one in judged(every, voices, folder) if one.measure.startswith(begins)]
    kept = _ask(wanted, folder, names)
    given = _given(wanted, kept, names)
    memory = memory_mb(names)
    costs = []
    for name in names:
        answers = [answer for _, who, answer in given if who == name]
        costs.append(Cost(name, cpu_per_audio(answers), memory[name]))
    figures, leads = count(given)
    return Recognition(
        model_version(),
        every,
        figures,
        tuple(costs),
        leads=leads,
        left_out=left_out(voices),
        made=f"{datetime.now(UTC):%Y-%m-%d}",
        whisper=hears_with_whisper(),
    )


Asked = dict[tuple[str, str], Kept]
"""Answers by listener and condition."""


def _given(
    wanted: Sequence[Judged], kept: Asked, names: Sequence[str]
) -> list[tuple[Judged, str, Answer]]:
    return [
        (one, name, answer)
        for one in wanted
        for name in names
        if may_be_asked(name, one)
        and (answer := kept[name, one.condition].get(one.recording, one.question.name))
    ]


def _ask(wanted: list[Judged], folder: Path, names: Sequence[str]) -> Asked:
    known = versions()
    kept = {
        (name, condition): Kept(folder / "recognition", name, known[name], condition)
        for name in names
        for condition in dict.fromkeys(one.condition for one in wanted)
    }
    jobs = [job for one in wanted if (job := Job(one, tuple(_lacking(one, kept, names)))).names]
    heard = in_parallel(listen, jobs, "recognition")
    new: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    try:
        for part, of in groupby(wanted, lambda one: (one.measure, one.condition)):
            judged_now = list(of)
            for number, job in enumerate((job for job in jobs if _part(job) == part), 1):
                for name, answer in next(heard):
                    new[name, job.judged.condition].append(answer)
                if number % KEEP_EVERY == 0:
                    _keep(new, kept)
            _keep(new, kept)
            _tell(count(_given(judged_now, kept, names))[0])
    finally:
        _keep(new, kept)
    return kept


def _part(job: Job) -> tuple[str, str]:
    return job.judged.measure, job.judged.condition


def _tell(figures: Sequence[Figure]) -> None:
    """Print a part that is done."""
    for one in figures:
        if one.by in (ALL, "question"):
            where = one.condition if one.by == ALL else f"{one.condition}, {one.group}"
            print(f"{one.measure} ({where}), {TITLES[one.listener]}: {one.share}", flush=True)


def _lacking(one: Judged, kept: Asked, names: Sequence[str]) -> Iterator[str]:
    """Return the listeners that have not heard it yet and can be asked."""
    for name in names:
        known = kept[name, one.condition].get(one.recording, one.question.name)
        if known is None and may_be_asked(name, one):
            yield name


def may_be_asked(name: str, one: Judged) -> bool:
    """Return True if a listener supports such a question, and is cheap enough to ask."""
    if name == "ours":
        return True
    if name == "vosk":
        return bool(one.question.digits) or one.measure == "single words"
    return bool(one.question.digits) and one.condition in COSTLY_CONDITIONS


def _keep(new: dict[tuple[str, str], list[Answer]], kept: Asked) -> None:
    for key, answers in new.items():
        kept[key].add(answers)
    new.clear()


def table(found: Recognition) -> Iterator[tuple[str, str]]:
    """Measured, and figure, as in the table of all benchmarks."""
    overall = [one for one in found.figures if one.by == ALL]
    for measured in dict.fromkeys((one.measure, one.condition) for one in overall):
        shares = [
            f"{TITLES[name]} {share}"
            for name in NAMES
            if (share := found.find(measured[0], name, condition=measured[1]))
        ]
        where = "" if measured[1] == LINE else f", {measured[1]}"
        yield f"{measured[0]}{where}", "; ".join(shares)
    for cost in found.costs:
        yield (
            f"cost, {TITLES[cost.listener]}",
            f"{cost.cpu_per_audio:.4f} CPU s per s of audio, {cost.memory_mb:.0f} MB",
        )


def main(
    every: Annotated[int, typer.Option(min=1, help="Use only every n-th recording of a set.")] = 1,
    out: Annotated[Path, typer.Option(help="File for the figures.")] = results.RESULTS,
    voices: Annotated[
        Path, typer.Option(help="Work folder of acoustic_model, for its voices.")
    ] = VOICES,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only measures that begin with this; other figures stay unchanged."),
    ] = None,
    listener: Annotated[
        list[str] | None,
        typer.Option(help=f"Of {', '.join(NAMES)}; figures of the others stay unchanged."),
    ] = None,
) -> None:
    """Measure, keep the figures and print them."""
    if not SHARED.is_dir():
        typer.echo(f"benchmarks: {SHARED} does not exist; recognition is measured on it", err=True)
        raise typer.Exit(1)
    only, listener = only or [], listener or []
    for what in left_out(voices):
        typer.echo(f"left out: {what}", err=True)
    if strange := set(listener) - set(NAMES):
        raise typer.BadParameter(f"{', '.join(sorted(strange))}: listen as one of {NAMES}")
    found = measure(every, voices, only=only, names=listener or NAMES)
    if every > 1 and out == results.RESULTS:
        typer.echo(
            f"not kept: {out} has the figures of all recordings; use --out for these", err=True
        )
        return
    if only or listener:
        earlier = Recognition.from_json(results.read(out)["recognition"])
        found = earlier.with_later(found, only, listener)
    results.store("recognition", found.as_json(), out)


if __name__ == "__main__":
    typer.run(main)
