"""Vosk behind bot.interfaces.Recognizer, so strict that libvosk 0.3.45 cannot end the process.

These kill or hang it (each tried by itself): a phrase list that is empty or not JSON, the word
``<eps>``, a phrase list on a model without ``HCLr.fst``, ``SetGrammar`` (never used here: a new
recognizer per utterance costs under 1 ms), two threads on one recognizer, rates that are not in
RATES, ``Model(lang=…)`` without a network (sys.exit). libvosk drops words that the model lacks with
only a log line; here they are an error.

Endpointing is ours: ``AcceptWaveform`` returns True where the engine would end the utterance;
continuing without asking for ``Result`` keeps one utterance, pauses and all.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.adapters.comfort_noise import Hiss
from bot.adapters.engine_audio import check_audio
from bot.adapters.vosk_library import vosk
from bot.adapters.vosk_model_check import filler_phrases, inspect_model
from bot.adapters.vosk_trial_load import rehearse
from bot.audio.files import to_pcm, to_samples
from bot.audio.resampler import FrameResampler
from bot.errors import ModelError, RecognitionError
from bot.temporary_folders import scratch_folder
from bot.types import UNKNOWN, AudioFrame, Hypothesis

RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000)
_NEVER = frozenset({"", "<eps>", "#0", "<s>", "</s>", "!SIL"})
"""Symbols of a decoding graph that are not words; ``<eps>`` in a phrase list aborts."""

NARROW_REACH, WIDE_REACH = 2.0, 4.0
"""Beams of the lattice, in log-likelihood: the model files' own, and the one for ``wide`` (decision
71).
"""

_PHRASE_LISTS = 64
"""Number of checked phrase lists kept: a service has one per question."""

_SILENT = -2
"""Log level of the service; at -1 libvosk warns on stderr."""

EMBEDDED = Path(__file__).resolve().parent.parent / "models"


class VoskRecognizer:
    """One loaded acoustic model, shared by all utterances of all calls (thread-safe)."""

    def __init__(self, folder: Path) -> None:
        """Load a model directory. Raises ModelError.

        Any model but the embedded ones is first tried in a separate process.
        """
        vosk.SetLogLevel(_SILENT)
        self.shape = inspect_model(folder)
        if EMBEDDED not in folder.resolve().parents:
            rehearse(folder, self.shape.rate)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:
            raise ModelError(f"{folder}: libvosk cannot load this model ({error})") from None
        self.fillers = filler_phrases(folder)
        self._wide = _widened(folder) if self.fillers else self._model
        self._fillers = frozenset(word for phrase in self.fillers for word in phrase.split())
        self._unknown = (UNKNOWN,) if self._knows(UNKNOWN) and not self.fillers else ()
        self._grammar = lru_cache(_PHRASE_LISTS)(self._checked)

    def missing(self, words: Iterable[str]) -> tuple[str, ...]:
        """Return the words that the model does not know, in order, each once."""
        return tuple(dict.fromkeys(word for word in words if not self._knows(word)))

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> VoskRecognition:
        """Begin an utterance of these phrases at ``rate`` Hz. Raises RecognitionError."""
        if rate not in RATES:
            raise RecognitionError(f"cannot recognize at {rate} Hz; use one of {RATES}")
        if not 1 <= max_nbest <= 100:
            raise RecognitionError(f"max_nbest is {max_nbest}; 1 to 100 are possible")
        grammar = self._grammar(tuple(phrases))
        upsampled = rate < self.shape.rate and not self.shape.allow_upsample
        engine_rate = self.shape.rate if upsampled else rate
        model, reach = (self._wide, WIDE_REACH) if wide else (self._model, NARROW_REACH)
        engine = vosk.KaldiRecognizer(model, float(engine_rate), grammar)
        engine.SetMaxAlternatives(max_nbest)
        resampler = FrameResampler(rate, engine_rate)
        return VoskRecognition(engine, rate, resampler, self._fillers, reach)

    def _knows(self, word: str) -> bool:
        return word not in _NEVER and self._model.vosk_model_find_word(word) >= 0

    def _checked(self, phrases: tuple[str, ...]) -> str:
        """Return the phrase list as libvosk needs it; its parser does not decode ``\\u``."""
        words = [word for phrase in phrases for word in phrase.split()]
        if not words:
            raise RecognitionError("the phrase list is empty; give at least one phrase")
        unknown = self.missing(words)
        if unknown:
            raise RecognitionError(f"the model does not know: {', '.join(unknown)}")
        return json.dumps([*phrases, *self._unknown], ensure_ascii=False)


def _widened(folder: Path) -> vosk.Model:
    """Load the model again, with a lattice that keeps alternatives far below the best.

    libvosk reads the beam only from the model's own files, so these are linked into another folder,
    except for that one. Raises ModelError if that fails.
    """
    try:
        with scratch_folder("model") as scratch:
            copy = scratch / folder.name
            for file in (found for found in folder.rglob("*") if found.is_file()):
                link = copy / file.relative_to(folder)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(file.resolve())
            conf = copy / "conf" / "model.conf"
            narrow = conf.read_text("utf-8")
            conf.unlink()
            conf.write_text(f"{narrow}\n--lattice-beam={WIDE_REACH}\n", "utf-8")
            return vosk.Model(str(copy))
    except OSError as error:
        place = tempfile.gettempdir()
        raise ModelError(f"{folder} cannot be linked to from {place}: {error}") from None


class VoskRecognition:
    """One utterance. Raises RecognitionError for a second thread, or for audio after the end."""

    def __init__(
        self,
        engine: Any,
        rate: int,
        resampler: FrameResampler,
        fillers: frozenset[str],
        reach: float,
    ) -> None:
        """``engine`` is a fresh KaldiRecognizer at the resampler's output rate."""
        self.reach = reach
        self._engine = engine
        self._rate = rate
        self._fillers = fillers
        self._resampler = resampler
        self._hiss = Hiss()
        self._busy = threading.Lock()
        self._over = False
        self._fed = False

    def accept(self, frame: AudioFrame) -> tuple[str, ...]:
        """Take the next audio; return the words of the partial result so far."""
        check_audio(frame, self._rate)
        self._enter()
        try:
            if frame.pcm:
                self._engine.AcceptWaveform(self._at_engine_rate(frame))
                self._fed = True
            partial = json.loads(self._engine.PartialResult()) if self._fed else {}
            return self._words(partial.get("partial", ""))
        finally:
            self._busy.release()

    def final(self) -> tuple[Hypothesis, ...]:
        """End the utterance; return alternatives, best first; empty if nothing was heard."""
        self._enter()
        try:
            self._over = True
            result = json.loads(self._engine.FinalResult()) if self._fed else {}
        finally:
            self._busy.release()
        found = (
            Hypothesis(self._words(one["text"]), float(one["confidence"]))
            for one in result.get("alternatives", ())
        )
        return tuple(hypothesis for hypothesis in found if hypothesis.words)

    def _words(self, text: str) -> tuple[str, ...]:
        return tuple(UNKNOWN if word in self._fillers else word for word in text.split())

    def _enter(self) -> None:
        if not self._busy.acquire(blocking=False):
            raise RecognitionError("an utterance was used by two threads at once")
        if self._over:
            self._busy.release()
            raise RecognitionError("the utterance has ended; start a new one")

    def _at_engine_rate(self, frame: AudioFrame) -> bytes:
        samples = to_samples(self._resampler.accept(frame).pcm)
        return to_pcm(self._hiss.under(samples))
