"""Plays utterances of callers: understood, asked again, or silently wrong, by state and voice.

The utterances are those of tests/data/utterances, in synthetic voices over a µ-law line, through
the turn and the decision of a call. Answers are kept, so that a stopped run resumes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import json_lines
from benchmarks.recognition.answers import KEPT, versions
from benchmarks.recognition.judged import LINE
from benchmarks.recognition.listener_ours import decided, recognition, settings
from benchmarks.recognition.phrases import VOICES, spoken_clip
from benchmarks.recognition.recordings import in_parallel, take
from bot.dialog.form import Field, Left
from bot.dialog.interpreter import YES_NO
from bot.elms.before_login import form_of
from bot.elms.callflow import FORMS
from bot.elms.pin_discretion import PinDiscretion
from bot.elms.session import Session
from bot.evaluation.statistics import Share
from bot.types import Match, Result
from tests.support.utterances import Meaning, State, states

UNDERSTOOD, ASKED_AGAIN, WRONG = "understood", "asked again", "silently wrong"
KEEP_EVERY = 16


@dataclass(frozen=True, slots=True)
class Utterance:
    """One utterance in one voice, in one state."""

    state: str
    grammars: tuple[str, ...]
    text: str
    meaning: Meaning
    voice: str


@dataclass(frozen=True, slots=True)
class Judgment:
    """The outcome, and the value that was heard ("" for none)."""

    state: str
    voice: str
    text: str
    outcome: str
    value: str
    words: str
    confidence: float
    decision: str


def table(every: int) -> list[Utterance]:
    """Each n-th utterance, in all voices; what can be said anywhere is asked in one state each."""
    asked = states()
    own = [(state, text) for state in asked for text in state.own]
    own += [
        (asked[index % len(asked)], text)
        for index, text in enumerate(dict.fromkeys(_common(asked)))
    ]
    return [
        Utterance(state.name, state.grammars, text, state.all[text], voice)
        for state, text in own[::every]
        for voice in VOICES
    ]


def _common(asked: Sequence[State]) -> Iterator[str]:
    """Values that no state uses otherwise."""
    for text in asked[0].anywhere:
        if all(text in state.anywhere for state in asked):
            yield text


def field_of(state: str, grammars: Sequence[str]) -> Field:
    """The question of a state, as the dialog asks it."""
    session = Session.begin(settings(), is_open=True)
    number, pin = FORMS["login"].fields(session)
    if state in ("license_number", "before_login"):
        return number
    if state == "pin":
        return pin
    if state == "read_back":
        return Field("yesno", YES_NO, likely=0.8, corrected_by=(grammars[-1],))
    digits = grammars[0].partition("?length=")[2]
    if digits:
        return Field(
            state, grammars[0], read_back=True, length=int(digits), discretion=PinDiscretion()
        )
    return Field(state, grammars[0])


def judge(result: Result, decision: str, meaning: Meaning, state: str = "") -> str:
    """Return what a caller who means this would say about the call's decision."""
    right = (
        isinstance(result, Match)
        and meaning is not None
        and _effect(result.best.value, state) == _effect(meaning[1], state)
    )
    if decision in ("accept", "event"):
        return UNDERSTOOD if right else WRONG
    if decision == "confirm" and right:
        return UNDERSTOOD
    return UNDERSTOOD if meaning is None else ASKED_AGAIN


def _effect(value: str, state: str) -> str:
    """At the PIN, "I don't know" leads to where "I don't know my PIN" does."""
    return form_of(Left("command", state, value)).form if value == "none" else value


def listen(one: Utterance) -> Judgment:
    """Hear it as a call would."""
    clip = spoken_clip(KEPT / "phrases", one.voice, one.text)
    taken = take(clip, LINE)
    assert taken is not None
    result = asyncio.run(recognition(one.grammars).collect(taken.audio)).result
    decision = decided(field_of(one.state, one.grammars), result)
    outcome = judge(result, decision, one.meaning, one.state)
    best = result.best if isinstance(result, Match) else None
    return Judgment(
        one.state,
        one.voice,
        one.text,
        outcome,
        best.value if best else "",
        best.utterance if best else "",
        round(best.confidence, 3) if best else 0.0,
        decision,
    )


def measure(every: int, folder: Path = KEPT) -> list[Judgment]:
    """Hear what was not heard yet."""
    kept = folder / "utterances" / f"{versions()['ours'][:16]}.jsonl"
    known = {(one.state, one.voice, one.text): one for one in _read(kept)}
    wanted = table(every)
    (folder / "phrases").mkdir(parents=True, exist_ok=True)
    lacking = [one for one in wanted if (one.state, one.voice, one.text) not in known]
    for judged in in_parallel(listen, lacking, "utterances"):
        json_lines.append(kept, [asdict(judged)])
        known[judged.state, judged.voice, judged.text] = judged
    return [known[one.state, one.voice, one.text] for one in wanted]


def _read(path: Path) -> Iterator[Judgment]:
    return (Judgment(**row) for row in json_lines.read(path))


def lines(judged: Sequence[Judgment]) -> Iterator[str]:
    """The table: a row for each state and voice, and one for all."""
    yield "| | utterances | understood | asked again | silently wrong |"
    yield "|---|---|---|---|---|"
    groups = {"all": list(judged)}
    for one in judged:
        groups.setdefault(one.state.replace("_", " "), []).append(one)
    for voice in VOICES:
        groups[f"voice {voice}"] = [one for one in judged if one.voice == voice]
    for name, members in groups.items():
        counts = Counter(one.outcome for one in members)
        shares = [Share(counts[what], len(members)) for what in (UNDERSTOOD, ASKED_AGAIN, WRONG)]
        yield f"| {name} | {len(members)} | {' | '.join(_percent(one) for one in shares)} |"


def _percent(share: Share) -> str:
    return f"{share.percent:.1f} %"


def main(
    every: Annotated[int, typer.Option(min=1, help="Use only every n-th utterance.")] = 1,
    show: Annotated[bool, typer.Option(help="List utterances that were not understood.")] = False,
) -> None:
    """Measure, and print the table."""
    judged = measure(every)
    for line in lines(judged):
        print(line)
    for one in judged if show else ():
        if one.outcome != UNDERSTOOD:
            heard = f"{one.words!r} = {one.value} ({one.confidence:.2f}, {one.decision})"
            print(f"{one.outcome:14} {one.state:16} {one.voice:6} {one.text!r}: {heard}")


if __name__ == "__main__":
    typer.run(main)
