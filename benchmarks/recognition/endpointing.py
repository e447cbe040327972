"""From the end of the last word to the decision, and strings cut early, ours beside Vosk's own.

µ-law, 8 kHz, digit strings of ../shared/audio/dev; audio time. Pauses are put into the deepest dip
of a string. Early: decided before the last word has ended; the times are of the others. Strings
with a silence of their own are left out: six of one speaker have two seconds of it where the label
says "eight".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import typer

from acoustic_model.evaluation.test_sets import Clip, digit_strings
from benchmarks.recognition.heard import string_of
from benchmarks.recognition.judged import spread
from benchmarks.recognition.listener_ours import OurTurn
from benchmarks.recognition.listener_vosk import first_result
from benchmarks.recognition.recordings import SHARED, in_parallel, longest_silence_ms, take
from bot.evaluation.statistics import Share

CONDITION = "tel_ulaw"
PAUSES_MS = (0, 400, 800, 1_200)
OWN_SILENCE_MS = 1_500


@dataclass(frozen=True, slots=True)
class Job:
    """One string with one pause in it."""

    clip: Clip
    pause_ms: int


Delays = tuple[int, int]
"""Milliseconds from the end of the last word to the decision: ours, Vosk's."""


def rows(limit: int | None = None) -> list[tuple[str, str]]:
    """The table's rows; ``limit`` takes so many strings only, spread over all."""
    if not SHARED.is_dir():
        return [("all", "not measured: ../shared/audio is not here")]
    spoken = [clip for clip in digit_strings(SHARED) if longest_silence_ms(clip) < OWN_SILENCE_MS]
    clips = spread(spoken, limit)
    jobs = [Job(clip, pause) for pause in PAUSES_MS for clip in clips]
    done = list(in_parallel(measure, jobs, "endpointing"))
    found = []
    for pause in PAUSES_MS:
        measured = [d for job, d in zip(jobs, done, strict=True) if job.pause_ms == pause and d]
        title = f"pause of {pause / 1000} s inside" if pause else "no pause inside"
        found.append((f"{title}: ours", _figure([ours_ms for ours_ms, _ in measured])))
        found.append((f"{title}: Vosk's endpointer", _figure([theirs for _, theirs in measured])))
    return found


def measure(job: Job) -> Delays | None:
    """Both ways on one string; None where no pause fits in."""
    taken = take(job.clip, CONDITION, job.pause_ms)
    if taken is None:
        return None
    mine = OurTurn().hear(taken.audio, string_of(len(job.clip.words))).decided_ms
    theirs = first_result(taken.audio).decided_ms
    return mine - taken.end_ms, theirs - taken.end_ms


def _figure(delays_ms: list[int]) -> str:
    waited = [delay for delay in delays_ms if delay >= 0]
    p50, p95 = np.percentile(waited, [50, 95])
    early = len(delays_ms) - len(waited)
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms; early {Share(early, len(delays_ms))}"


def main(limit: int | None = None) -> None:
    """Print the rows."""
    for measured, figure in rows(limit):
        print(f"{measured:45} {figure}")


if __name__ == "__main__":
    typer.run(main)
