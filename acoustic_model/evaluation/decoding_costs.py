"""Fits the costs that decoding adds to each word, on speakers and voices unknown to the network.

The set is one real speaker in fourteen and the held-out synthetic voices of even sessions, passed
through the simulated telephone of training. No recording of the test sets takes part.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acoustic_model.data.corpus import Corpus, Utterance
from acoustic_model.errors import TrainingError
from acoustic_model.evaluation.decoding import DIGIT_LIST, Decoder
from acoustic_model.evaluation.evaluation import digits_of, is_judged_voice
from acoustic_model.export.export import Costs, write_graph
from acoustic_model.lexicon.lexicon import DIGITS, UNKNOWN, Lexicon
from acoustic_model.telephone.channel import through_telephone
from acoustic_model.training.sampler import LONGEST_S, Mixer, is_calibration

WORD_COSTS = (-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, 0.0)
UNKNOWN_COSTS = (-5.0, -4.0, -3.0, -2.5, -2.0, -1.5, -1.0, 0.0, 1.0)
FILLER_COSTS = (-6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0)
_HARDNESS = 0.5
_MOST = 160
"""Clips of each kind: few enough to fit within minutes."""


@dataclass(frozen=True, slots=True)
class CalibrationClip:
    """One piece of audio that the costs are fitted on."""

    audio: NDArray[np.int16]
    digits: str
    """Empty for speech without digits."""


def calibration_set(corpora: Sequence[Corpus], mixer: Mixer) -> list[CalibrationClip]:
    """Digits, and speech without digits, of speakers and voices held out of training."""
    rng = np.random.default_rng(5)
    chosen: dict[bool, list[tuple[Corpus, Utterance]]] = {True: [], False: []}
    for corpus in corpora:
        for utterance in corpus.utterances:
            said = set(utterance.spoken or utterance.words)
            pure, without = said <= set(DIGITS), not said & set(DIGITS)
            if said and _is_kept(utterance) and (pure or without):
                chosen[pure].append((corpus, utterance))
    clips = []
    for pure, members in chosen.items():
        for place in rng.permutation(len(members))[:_MOST]:
            corpus, utterance = members[place]
            audio = corpus.audio(utterance).astype(np.float32) / np.float32(32768)
            heard = through_telephone(audio, rng, _HARDNESS, mixer.noises)
            samples = np.round(heard * 32767).astype(np.int16)
            clips.append(CalibrationClip(samples, digits_of(utterance.spoken) if pure else ""))
    return clips


def fit_costs(
    folder: Path,
    words: Lexicon,
    clips: Sequence[CalibrationClip],
    report: Callable[[str], None] = lambda _: None,
) -> Costs:
    """Fits the word cost for most strings right, then ``[unk]`` and filler costs for fewest errors.

    `folder` is an exported model; a copy is decoded with, and `folder` is left unchanged. Raises
    :class:`TrainingError` if no digits were held out of training.
    """
    strings = [clip for clip in clips if clip.digits]
    if not strings:
        raise TrainingError(
            "no digits were held out of training to fit the costs on; prepare more voices, or give "
            "--word-cost and --unknown-cost"
        )
    costs = Costs(0.0, 0.0)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "model"
        shutil.copytree(folder, copy)

        def best(choices: Sequence[Costs], score: Callable[[Decoder], float]) -> Costs:
            found = []
            for choice in choices:
                write_graph(copy, words, choice)
                found.append(score(Decoder(copy)))
                shown = f"word {choice.word:g}, [unk] {choice.unknown:g}, fillers {choice.filler:g}"
                report(f"{shown}: {found[-1]:.1f} % right")
            return choices[middle_of_best(found)]

        costs = best(
            [Costs(word, 0.0) for word in WORD_COSTS], lambda decoder: _right(decoder, strings)
        )
        costs = best(
            [replace(costs, unknown=unknown) for unknown in UNKNOWN_COSTS],
            lambda decoder: _right_or_rejected(decoder, clips, frozenset({UNKNOWN})),
        )
        if not words.fillers:
            return costs
        return best(
            [replace(costs, filler=filler) for filler in FILLER_COSTS],
            lambda decoder: _right_or_rejected(decoder, clips, words.fillers),
        )


def middle_of_best(scores: Sequence[float], within: float = 0.3) -> int:
    """Middle index of the scores that are at most `within` below the best."""
    good = [place for place, score in enumerate(scores) if score >= max(scores) - within]
    return good[len(good) // 2]


def _right(decoder: Decoder, strings: Sequence[CalibrationClip]) -> float:
    heard = [digits_of(decoder.text(clip.audio, DIGIT_LIST).split()) for clip in strings]
    return 100 * float(np.mean([h == c.digits for h, c in zip(heard, strings, strict=True)]))


def _right_or_rejected(
    decoder: Decoder, clips: Sequence[CalibrationClip], others: frozenset[str]
) -> float:
    """Mean of two shares: strings right, and other speech rejected by one of `others`."""
    phrases = (*DIGIT_LIST, *sorted(others))
    right: dict[bool, list[bool]] = {True: [], False: []}
    for clip in clips:
        heard = decoder.text(clip.audio, phrases).split()
        rejected = bool(others & set(heard)) or not heard
        expected = digits_of(heard) == clip.digits and not rejected
        right[bool(clip.digits)].append(expected if clip.digits else rejected)
    return 50 * sum(float(np.mean(each)) for each in right.values() if each)


def _is_kept(utterance: Utterance) -> bool:
    held_out = utterance.source.endswith("-heldout") and not is_judged_voice(utterance)
    return utterance.duration_s < LONGEST_S and (held_out or is_calibration(utterance))
