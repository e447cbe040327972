"""The speakers of ../shared/audio, and the held-out synthetic voices."""

from __future__ import annotations

from pathlib import Path

import soundfile

from acoustic_model.audio_types import RATE_HZ
from acoustic_model.data.corpus import Corpus
from acoustic_model.evaluation.decoding import MENU
from acoustic_model.evaluation.evaluation import judged_voices
from acoustic_model.evaluation.test_sets import Clip
from acoustic_model.lexicon.lexicon import DIGITS

SYNTHETIC = "synthetic"
SOURCES = {"an4": "AN4", "fsdd": "FSDD", "others": "others", SYNTHETIC: "synthetic voices"}


def groups(clip: Clip) -> dict[str, str]:
    """A recording's groups, by which results are split."""
    known = {
        "source": SOURCES.get(clip.group, clip.group),
        "voice": clip.voice,
        "accent": clip.accent,
        "speaker": clip.speaker if clip.group != SYNTHETIC else clip.speaker.rpartition("#")[0],
        "kind": clip.kind,
        "length": f"{len(clip.words)} digits",
    }
    return {by: group for by, group in known.items() if group}


def voices(work: Path, kept: Path) -> tuple[list[Clip], list[Clip]]:
    """Digit strings and menu words of held-out synthetic voices, as files below ``kept``.

    ``work`` is where the acoustic model's corpora are; empty if they are not there.
    """
    folder = work / "corpus-voices"
    if not folder.is_dir():
        return [], []
    kept.mkdir(parents=True, exist_ok=True)
    strings: list[Clip] = []
    words: list[Clip] = []
    for corpus, utterance in judged_voices(Corpus.open(folder)):
        spoken = utterance.spoken
        if set(spoken) <= set(DIGITS) and len(spoken) > 1:
            chosen = strings
        elif " ".join(spoken) in MENU and spoken[0] not in DIGITS:
            chosen = words
        else:
            continue
        path = kept / f"{utterance.start}-{utterance.samples}.flac"
        if not path.is_file():
            soundfile.write(path, corpus.audio(utterance), RATE_HZ)
        chosen.append(Clip(path, spoken, SYNTHETIC, utterance.speaker, utterance.kind))
    return strings, words
