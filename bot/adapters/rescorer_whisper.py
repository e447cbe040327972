"""Whisper behind bot.interfaces.Rescorer: how likely what Vosk proposes is to another listener.

It learned from other people than our own models did, so its mistakes are others (decision 76). It
also says what it hears itself (decisions 81 and 66): digits alone where the likeliest alternative
is nothing but a number, else words, which mean something only where the grammars say so. The
encoder and that search run in CTranslate2, the decoder here (bot.adapters.whisper_decoder).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np

from bot.adapters.engine_audio import check_audio
from bot.adapters.whisper_decoder import ForcedDecoding, TextScore, WhisperDecoder
from bot.adapters.whisper_folder import WhisperFolder, open_folder
from bot.adapters.whisper_sentences import likeliest_sentences
from bot.adapters.whisper_weights import Floats
from bot.audio.files import Samples, resample, to_samples
from bot.audio.log_mel import RATE_HZ, log_mel
from bot.errors import ModelError
from bot.hearing.spellings import (
    Words,
    before_number,
    capitalized,
    figures,
    is_number,
    is_numeral,
    is_repeated,
    number_at_end,
    spellings,
)
from bot.hearing.transcript import said_once, words_of
from bot.interfaces import Language, Rescored
from bot.types import UNKNOWN, AudioFrame

FEWEST_SAMPLES = 400
"""One frame, at the engine's rate."""
LONGEST_S = 30
"""What Whisper hears at once."""
LEAST_NUMBER_S, LEAST_WORD_S = 5, 3
"""Audio is padded to this with silence: in a shorter window numbers are heard worse, and a longer
one costs time."""
SILENCE_BEHIND_S = 0.2
LEVEL = 0.05
"""Root mean square that audio is brought to (−26 dBFS)."""

OWN = 5
"""How many texts it hears itself, and how many it follows on the way to them."""
TOKENS_A_SECOND, TOKENS_BESIDE, MOST_TOKENS = 5, 2, 30
"""Longest text for audio of so many seconds, and for any audio; speech has fewer tokens."""
MOST_JOINED = 2
"""How many beginnings that it heard are joined with how many numbers that were proposed."""
MOST_AMISS = 1
"""Digits that a string may have more or less than the likeliest alternative: Whisper stops early or
says the beginning again, and a part of a number is none of its own."""

FEWEST_DIGITS = 4
LONGEST_DIGIT_S, BESIDE_S = 0.7, 1.0
"""Where fewer digits are the likeliest alternative, and take longer than this, words are searched
for: one digit may be what a remark to somebody else sounds like."""

_COMMON_TOKENS = 4_000
"""The first of the vocabulary, which are its most frequent pieces: what is said is compared with
these, with all numbers, and with the words of the alternatives."""
_HALVED = 2
"""CTranslate2 ends a text at half of ``max_length``."""
_ENDS = (".", "!", "?")
_SPACE = "Ġ"
"""How the vocabulary writes one."""
_FIGURES = frozenset("0123456789")


class WhisperRescorer:
    """A loaded model, shared by all calls (thread-safe)."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load a CTranslate2 Whisper directory. Raises ModelError."""
        _one_thread_for_each_product()
        found = open_folder(folder)
        self.identity = found.identity
        self._tokenizer = found.tokenizer
        self._prompt, self._end = _prompt(found, folder)
        self._engine = _engine(folder, threads)
        self._searcher = ThreadPoolExecutor(threads, thread_name_prefix="whisper")
        self._floats: Any = importlib.import_module("ctranslate2").StorageView.from_array
        self._no_digits = _all_but_digits(found, self._end)
        self._words: dict[tuple[str, bool], tuple[int, ...]] = {}
        self._ends = (self._end, *(_only(found.tokenizer, sign) for sign in _ENDS))
        try:
            self._decoder = WhisperDecoder(found.weights, _common(found, self._end))
            self.score(AudioFrame(bytes(2 * RATE_HZ), RATE_HZ, 0), [("yes",)])
        except (KeyError, ValueError, RuntimeError, IndexError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{folder} is not a CTranslate2 Whisper model: {reason}") from None

    def score(
        self,
        utterance: AudioFrame,
        alternatives: Iterable[Words],
        language: Language | None = None,
    ) -> dict[Words, Rescored]:
        """As in bot.interfaces.Rescorer."""
        check_audio(utterance, utterance.rate)
        samples = resample(to_samples(utterance.pcm), utterance.rate, RATE_HZ)
        asked = list(alternatives)
        if not FEWEST_SAMPLES <= len(samples) <= LONGEST_S * RATE_HZ or not any(asked):
            return {}
        number = any(map(is_number, asked))
        encoded = self._encoded(_leveled(samples), LEAST_NUMBER_S if number else LEAST_WORD_S)
        decoding = self._decoder.begin(np.array(encoded)[0], self._prompt)
        longest = min(MOST_TOKENS, TOKENS_BESIDE + int(TOKENS_A_SECOND * len(samples) / RATE_HZ))
        likeliest = [word for word in asked[0] if word != UNKNOWN]
        digits = _is_digits(likeliest, len(samples) / RATE_HZ)
        search = (
            partial(self._own_digits, encoded, len(figures(likeliest)))
            if digits
            else partial(self._own_words, encoded, longest)
        )
        searching = self._searcher.submit(search)
        decoding.follow(self._tokens(_texts({words: spellings(words) for words in asked})))
        fitting = [] if digits or language is None else self._fitting(decoding, language, longest)
        own = searching.result()
        joined = () if digits else _joined(own, asked)
        return self._scored(decoding, [*asked, *joined, *fitting], own)

    def _scored(
        self, decoding: ForcedDecoding, asked: Sequence[Words], own: Mapping[Words, float]
    ) -> dict[Words, Rescored]:
        """Score what was asked and what it heard itself."""
        written = {words: spellings(words) for words in (*asked, *own)}
        texts = _texts(written)
        scores = dict(zip(texts, decoding.scores(self._tokens(texts), self._ends), strict=True))
        return {
            words: _together([scores[text] for text in same], own.get(words))
            for words, same in written.items()
        }

    def _fitting(self, decoding: ForcedDecoding, language: Language, longest: int) -> list[Words]:
        """Return the likeliest of all sentences that may be said."""
        return likeliest_sentences(decoding, language, self._word, self._ends, longest)

    def _word(self, word: str, first: bool) -> tuple[int, ...]:
        """The tokens of a word in a sentence."""
        text = word.capitalize() if first else capitalized(word)
        if (text, first) not in self._words:
            self._words[text, first] = tuple(self._tokens([text])[0])
        return self._words[text, first]

    def _encoded(self, samples: Floats, least_s: int) -> Any:
        """What the encoder makes of this audio with silence behind it, shape (1, frames, width)."""
        seconds = int(np.ceil(len(samples) / RATE_HZ + SILENCE_BEHIND_S))
        size = RATE_HZ * min(LONGEST_S, max(least_s, seconds))
        features = log_mel(np.pad(samples, (0, size - len(samples))), self._engine.n_mels)
        return self._engine.encode(self._floats(np.ascontiguousarray(features[None])))

    def _own_words(self, encoded: Any, longest: int) -> dict[Words, float]:
        """Return the texts of any kind that it hears itself, with log-likelihoods."""
        return _merged(
            (said_once(words, cut=cut), score)
            for words, score, cut in self._searched(encoded, longest)
        )

    def _own_digits(self, encoded: Any, wanted: int) -> dict[Words, float]:
        """Return strings of about as many digits, with log-likelihoods."""
        longest = wanted + MOST_AMISS + 1
        return _merged(
            (words, score)
            for words, score, _ in self._searched(encoded, longest, self._no_digits)
            if abs(len(words) - wanted) <= MOST_AMISS
        )

    def _searched(
        self, encoded: Any, longest: int, without: Sequence[int] = (-1,)
    ) -> Iterator[tuple[Words, float, bool]]:
        """The likeliest texts of up to ``longest`` tokens that have none of these tokens, and
        whether they were cut off there; -1 stands for signs that nobody says."""
        (found,) = self._engine.generate(
            encoded,
            [self._prompt],
            beam_size=OWN,
            num_hypotheses=OWN,
            length_penalty=0,
            max_length=_HALVED * longest,
            suppress_tokens=list(without),
            return_scores=True,
        )
        texts = map(words_of, self._tokenizer.decode_batch(found.sequences_ids))
        cut = (len(tokens) >= longest for tokens in found.sequences_ids)
        yield from zip(texts, found.scores, cut, strict=True)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokenizer.encode_batch(
            [f" {text}" for text in texts], add_special_tokens=False
        )
        return [one.ids for one in encoded]


def _is_digits(likeliest: Sequence[str], seconds: float) -> bool:
    """Return True for digits that fill the audio: a remark may sound like one or two."""
    alone = all(map(is_numeral, likeliest)) and not any(map(is_repeated, likeliest))
    many = len(figures(likeliest))
    return alone and (many >= FEWEST_DIGITS or seconds < BESIDE_S + LONGEST_DIGIT_S * many)


def _texts(written: Mapping[Words, Sequence[str]]) -> list[str]:
    """All spellings, each once."""
    return list(dict.fromkeys(text for same in written.values() for text in same))


def _joined(own: Iterable[Words], asked: Iterable[Words]) -> Iterator[Words]:
    """What it heard before a number, followed by the number that was proposed: "I think it's" is
    more than the first model knows, and "and" may be a "one" to the rescorer."""
    beginnings = dict.fromkeys(filter(None, map(before_number, own)))
    numbers = dict.fromkeys(filter(None, map(number_at_end, asked)))
    for beginning, number in product(islice(beginnings, MOST_JOINED), islice(numbers, MOST_JOINED)):
        yield (*beginning, *number)


def _merged(found: Iterable[tuple[Words, float]]) -> dict[Words, float]:
    """Each text once, as likely as all its spellings together."""
    merged: dict[Words, float] = {}
    for words, score in found:
        if words:
            merged[words] = float(np.logaddexp(merged.get(words, -np.inf), score))
    return merged


def _together(scores: Sequence[TextScore], own: float | None) -> Rescored:
    """One alternative, however it is written."""
    if not scores:
        return Rescored()
    every = np.logaddexp.reduce([one.log_likelihood for one in scores])
    return Rescored(float(every), min(one.behind for one in scores), own)


def _leveled(samples: Samples) -> Floats:
    scaled = samples.astype(np.float32) / np.float32(32_768)
    level = float(np.sqrt(np.mean(np.square(scaled))))
    gain = np.float32(LEVEL / level if level > 0 else 1.0)
    return np.asarray(np.clip(scaled * gain, -1.0, 1.0), np.float32)


def _engine(folder: Path, threads: int) -> Any:
    """Raises ModelError where CTranslate2 cannot load the model, or cannot run here."""
    engine: Any = importlib.import_module("ctranslate2")
    try:
        return engine.models.Whisper(
            str(folder), device="cpu", compute_type="int8", inter_threads=threads, intra_threads=1
        )
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{folder}: CTranslate2 cannot load this model ({reason})") from None


def _one_thread_for_each_product() -> None:
    """Products of matrices this small take ten times as long where threads share them."""
    importlib.import_module("threadpoolctl").threadpool_limits(1, user_api="blas")


def _prompt(found: WhisperFolder, folder: Path) -> tuple[list[int], int]:
    """What stands before every text, and the token that ends one."""
    names = ["<|startoftranscript|>", "<|notimestamps|>"]
    if found.multilingual:
        names[1:1] = ["<|en|>", "<|transcribe|>"]
    *prompt, end = (found.tokenizer.token_to_id(name) for name in (*names, "<|endoftext|>"))
    if None in (*prompt, end):
        raise ModelError(f"{folder}: its tokenizer is not Whisper's")
    return prompt, end


def _only(tokenizer: Any, text: str) -> int:
    """The one token of a sign."""
    return int(tokenizer.encode(text, add_special_tokens=False).ids[0])


def _all_but_digits(found: WhisperFolder, end: int) -> list[int]:
    """All tokens but those of one digit, and the end."""
    tokens: dict[str, int] = found.tokenizer.get_vocab()
    digits = {token for text, token in tokens.items() if text.removeprefix(_SPACE) in _FIGURES}
    return sorted({*range(found.tokenizer.get_vocab_size())} - digits - {end})


def _common(found: WhisperFolder, end: int) -> list[int]:
    """The tokens that all texts are compared with."""
    vocabulary: dict[str, int] = found.tokenizer.get_vocab()
    numbers = (token for text, token in vocabulary.items() if text.strip(_SPACE).isdecimal())
    return sorted({*range(_COMMON_TOKENS), *numbers, end})
