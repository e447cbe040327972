"""Scores of a model: strings, single digits, and commands, by group, speaker, and condition.

Out-of-grammar speech is scored for the whole chain (benchmarks.recognition), not for the model.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_model.artifacts import digest
from acoustic_model.data.corpus import Corpus, Utterance
from acoustic_model.errors import TrainingError
from acoustic_model.evaluation.decoding import DIGIT_LIST, MENU, Decoder, on_line, rehearse
from acoustic_model.evaluation.test_sets import (
    CONDITIONS,
    Clip,
    crowd_words,
    digit_strings,
    single_digits,
    under,
)
from acoustic_model.lexicon.lexicon import DIGITS
from acoustic_model.training.features import RATE_HZ

WORD_CONDITION = "tel_ulaw"
SECOND = "second"
"""Folder of the second model within a model's folder; it is scored separately."""
SPOTTER = "spotter.onnx"
"""File of the spotter within a model's folder (``spotting.network``)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its 95 % Wilson interval (Wilson 1927), in percent."""

    measure: str
    condition: str
    group: str
    count: int
    of: int

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.count / max(1, self.of)

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval in percent."""
        return wilson(self.count, self.of)


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one model, with its size and speed."""

    model: str
    figures: tuple[Figure, ...]
    cpu_per_audio: float
    """CPU seconds per second of audio, engine and decoding included."""
    megabytes: float
    judged: str
    """Hash of the files that were scored: two models may have the same name."""

    def to_json(self) -> str:
        """JSON for the file that the model card is made from."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Reads what :meth:`to_json` wrote; raises :class:`TrainingError` for anything else."""
        try:
            values = json.loads(text)
            figures = tuple(Figure(**each) for each in values.pop("figures"))
            return cls(figures=figures, **values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise TrainingError("the figures are damaged; evaluate the model again") from error


class Meter:
    """Decodes, and counts CPU time."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._cpu_s, self._audio_s = 0.0, 0.0

    def text(self, audio: NDArray[np.int16], phrases: Iterable[str]) -> str:
        """See :meth:`Decoder.text`."""
        started = time.process_time()
        heard = self._decoder.text(audio, tuple(phrases))
        self._cpu_s += time.process_time() - started
        self._audio_s += len(on_line(audio)) / RATE_HZ
        return heard

    @property
    def cpu_per_audio(self) -> float:
        """CPU seconds per second of audio so far."""
        return self._cpu_s / max(self._audio_s, 1e-9)


def evaluate(
    folder: Path,
    audio: Path | None,
    voices: list[tuple[Corpus, Utterance]],
    every: int = 1,
    report: Callable[[str], None] = lambda _: None,
) -> Report:
    """Scores the model in `folder` on the sets below `audio` and on synthetic `voices`.

    `every` takes only every n-th clip, for a quick look. Raises :class:`ModelFileError` if the
    engine cannot use the model.
    """
    rehearse(folder)
    meter = Meter(Decoder(folder))
    figures = _on_recordings(meter, audio, every, report) if audio else []
    figures += _on_voices(meter, voices[::every])
    report("synthetic voices")
    size = megabytes(folder) - megabytes(folder / SECOND) - megabytes(folder / SPOTTER)
    files = judged_files(folder)
    return Report(folder.name, tuple(figures), meter.cpu_per_audio, size, files)


def judged_files(folder: Path) -> str:
    """Hash of the files of a model's directory that are scored: the model without additions."""
    return "".join(digest(folder / part)[:16] for part in ("am", "conf", "graph"))


def megabytes(folder: Path) -> float:
    """Size in MB of a file, or of all files below a folder; 0 if missing."""
    files = [folder, *folder.rglob("*")]
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def judged_voices(corpus: Corpus) -> list[tuple[Corpus, Utterance]]:
    """Utterances of held-out voices that no cost was fitted on."""
    return [(corpus, each) for each in corpus.utterances if is_judged_voice(each)]


def _on_recordings(
    meter: Meter, audio: Path, every: int, report: Callable[[str], None]
) -> list[Figure]:
    figures: list[Figure] = []
    for condition in CONDITIONS:
        figures += _strings(meter, condition, digit_strings(audio)[::every], audio)
        report(f"strings, {condition}")
    condition = WORD_CONDITION
    figures += _digits(meter, condition, single_digits(audio)[::every], audio)
    crowd = crowd_words(audio)
    figures += _commands(
        meter, condition, [c for c in crowd if c.kind == "command"][::every], audio
    )
    report("single words")
    return figures


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of ``count`` in ``of``, in percent."""
    if of == 0:
        return 0.0, 100.0
    z, share = 1.96, count / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))


def digits_of(words: Iterable[str]) -> str:
    """Digit words as digits; other words are left out."""
    return "".join(str(max(0, DIGITS.index(word) - 1)) for word in words if word in DIGITS)


def _strings(meter: Meter, condition: str, clips: list[Clip], audio: Path) -> list[Figure]:
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for clip, samples in under(condition, clips, audio):
        heard = digits_of(meter.text(samples, DIGIT_LIST).split())
        for group in _groups(clip):
            right[group][0] += heard == digits_of(clip.words)
            right[group][1] += 1
    return [Figure("strings", condition, group, *counts) for group, counts in right.items()]


def _groups(clip: Clip) -> list[str]:
    """The groups that a string counts toward; speakers appear as source and name."""
    split = {"kind": clip.kind, "voice": clip.voice, "accent": clip.accent}
    named = [f"{by}: {name}" for by, name in split.items() if name]
    return ["all", clip.group, f"{clip.group}: {clip.speaker}", *named]


def _digits(meter: Meter, condition: str, clips: list[Clip], audio: Path) -> list[Figure]:
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for clip, samples in under(condition, clips, audio):
        right[clip.group][0] += digits_of(meter.text(samples, DIGIT_LIST).split()) == digits_of(
            clip.words
        )
        right[clip.group][1] += 1
    return [Figure("single digits", condition, group, *counts) for group, counts in right.items()]


def _commands(meter: Meter, condition: str, clips: list[Clip], audio: Path) -> list[Figure]:
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for clip, samples in under(condition, clips, audio):
        if clip.words == ("go",):
            continue
        right[clip.words[0]][0] += meter.text(samples, MENU).split() == list(clip.words)
        right[clip.words[0]][1] += 1
    return [Figure("commands", condition, word, *counts) for word, counts in right.items()]


def _on_voices(meter: Meter, voices: list[tuple[Corpus, Utterance]]) -> list[Figure]:
    """Digits and commands spoken by synthetic voices."""
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for corpus, utterance in voices:
        said = " ".join(utterance.spoken)
        digits = set(utterance.spoken) <= set(DIGITS)
        if said not in MENU and not digits:
            continue
        heard = meter.text(corpus.audio(utterance), DIGIT_LIST if digits else MENU)
        matches = digits_of(heard.split()) == digits_of(said.split()) if digits else heard == said
        for name in ("digits",) if digits else (said, "all commands"):
            right[name][0] += matches
            right[name][1] += 1
    return [Figure("synthetic voices", "clean", group, *counts) for group, counts in right.items()]


def is_judged_voice(utterance: Utterance) -> bool:
    """Return True for a held-out voice to score: odd sessions; costs are fitted on the even
    ones.
    """
    held_out = utterance.source.endswith("-heldout")
    return held_out and int(utterance.speaker.rpartition("#")[2]) % 2 == 1
