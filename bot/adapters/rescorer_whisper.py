"""Whisper as bot.interfaces.Rescorer: scores Vosk's hypotheses, and adds its own.

It was trained on other speakers than our own models, so it makes different mistakes (decision 76).
Its own hypotheses (decisions 81 and 66) are digit strings if the likeliest alternative is nothing
but a number, otherwise any words; only the grammars decide what those mean. The encoder and the
search run in CTranslate2, the forced decoding here (bot.adapters.whisper_decoder).
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
"""Longest audio that Whisper takes, seconds."""
LEAST_NUMBER_S, LEAST_WORD_S = 5, 3
"""Audio is padded with silence to this length, seconds: a shorter window makes numbers less
accurate, and a longer one takes more time."""
SILENCE_BEHIND_S = 0.2
LEVEL = 0.05
"""Root mean square to which audio is scaled (−26 dBFS)."""

OWN = 5
"""Number of its own hypotheses, and width of the beam that finds them."""
TOKENS_A_SECOND, TOKENS_BESIDE, MOST_TOKENS = 5, 2, 30
"""Longest text in tokens: per second of audio, plus a constant, and at most. Speech has fewer."""
MOST_JOINED = 2
"""Number of its own beginnings that are joined with proposed numbers, and of those numbers."""
MOST_AMISS = 1
"""Most digits by which its own string may differ in length from the likeliest alternative. Whisper
may stop early or repeat the beginning, and part of a number is not a hypothesis."""

FEWEST_DIGITS = 4
LONGEST_DIGIT_S, BESIDE_S = 0.7, 1.0
"""Where fewer digits are the likeliest alternative, and take longer than this, words are searched
for: one digit may be what a remark to somebody else sounds like."""

_COMMON_TOKENS = 4_000
"""The most frequent tokens, which come first in the vocabulary: texts are scored against these, all
numbers, and the words of the alternatives."""
_HALVED = 2
"""CTranslate2 ends a text at half of ``max_length``."""
_ENDS = (".", "!", "?")
_SPACE = "Ġ"
"""A space, as the vocabulary writes it."""
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
        """Score the alternatives, as in bot.interfaces.Rescorer."""
        check_audio(utterance, utterance.rate)
        samples = resample(to_samples(utterance.pcm), utterance.rate, RATE_HZ)
        asked = list(alternatives)
        if not FEWEST_SAMPLES <= len(samples) <= LONGEST_S * RATE_HZ or not any(asked):
            return {}
        number = any(map(is_number, asked))
        encoded = self._encoded(_leveled(samples), LEAST_NUMBER_S if number else LEAST_WORD_S)
        longest = min(MOST_TOKENS, TOKENS_BESIDE + int(TOKENS_A_SECOND * len(samples) / RATE_HZ))
        likeliest = [word for word in asked[0] if word != UNKNOWN]
        digits = _is_digits(likeliest, len(samples) / RATE_HZ)
        search = (
            partial(self._own_digits, encoded, len(figures(likeliest)))
            if digits
            else partial(self._own_words, encoded, longest)
        )
        searching = self._searcher.submit(search)
        decoding = self._decoder.begin(np.array(encoded)[0], self._prompt)
        decoding.follow(self._tokens(_texts({words: spellings(words) for words in asked})))
        fitting = [] if digits or language is None else self._fitting(decoding, language, longest)
        own = searching.result()
        joined = () if digits else _joined(own, asked)
        return self._scored(decoding, [*asked, *joined, *fitting], own)

    def _scored(
        self, decoding: ForcedDecoding, asked: Sequence[Words], own: Mapping[Words, float]
    ) -> dict[Words, Rescored]:
        """Score the proposed alternatives and its own hypotheses."""
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
        """Encode this audio, padded with silence; shape (1, frames, width)."""
        seconds = int(np.ceil(len(samples) / RATE_HZ + SILENCE_BEHIND_S))
        size = RATE_HZ * min(LONGEST_S, max(least_s, seconds))
        features = log_mel(np.pad(samples, (0, size - len(samples))), self._engine.n_mels)
        return self._engine.encode(self._floats(np.ascontiguousarray(features[None])))

    def _own_words(self, encoded: Any, longest: int) -> dict[Words, float]:
        """Return its own hypotheses of any words, with log-likelihoods."""
        return _merged(
            (said_once(words, cut=cut), score)
            for words, score, cut in self._searched(encoded, longest)
        )

    def _own_digits(self, encoded: Any, wanted: int) -> dict[Words, float]:
        """Return its own digit strings of about this length, with log-likelihoods."""
        longest = wanted + MOST_AMISS + 1
        return _merged(
            (words, score)
            for words, score, _ in self._searched(encoded, longest, self._no_digits)
            if abs(len(words) - wanted) <= MOST_AMISS
        )

    def _searched(
        self, encoded: Any, longest: int, without: Sequence[int] = (-1,)
    ) -> Iterator[tuple[Words, float, bool]]:
        """Return the likeliest texts of up to ``longest`` tokens without the tokens ``without``,
        and whether each was cut off there. The token -1 stands for symbols that are not spoken."""
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
    """Return all spellings without duplicates."""
    return list(dict.fromkeys(text for same in written.values() for text in same))


def _joined(own: Iterable[Words], asked: Iterable[Words]) -> Iterator[Words]:
    """Join what it heard before a number with the proposed numbers: the first model does not know
    "I think it's", and a rescorer may take "and" for "one"."""
    beginnings = dict.fromkeys(filter(None, map(before_number, own)))
    numbers = dict.fromkeys(filter(None, map(number_at_end, asked)))
    for beginning, number in product(islice(beginnings, MOST_JOINED), islice(numbers, MOST_JOINED)):
        yield (*beginning, *number)


def _merged(found: Iterable[tuple[Words, float]]) -> dict[Words, float]:
    """Merge equal texts; the likelihood is that of all spellings together."""
    merged: dict[Words, float] = {}
    for words, score in found:
        if words:
            merged[words] = float(np.logaddexp(merged.get(words, -np.inf), score))
    return merged


def _together(scores: Sequence[TextScore], own: float | None) -> Rescored:
    """Score one alternative by all of its spellings together."""
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
    """Load the model. Raises ModelError if CTranslate2 cannot load it, or cannot run here."""
    engine: Any = importlib.import_module("ctranslate2")
    try:
        return engine.models.Whisper(
            str(folder), device="cpu", compute_type="int8", inter_threads=threads, intra_threads=1
        )
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{folder}: CTranslate2 cannot load this model ({reason})") from None


def _one_thread_for_each_product() -> None:
    """Multiply matrices on one thread: these are so small that sharing takes ten times as long."""
    importlib.import_module("threadpoolctl").threadpool_limits(1, user_api="blas")


def _prompt(found: WhisperFolder, folder: Path) -> tuple[list[int], int]:
    """Return the tokens that precede every text, and the one that ends it."""
    names = ["<|startoftranscript|>", "<|notimestamps|>"]
    if found.multilingual:
        names[1:1] = ["<|en|>", "<|transcribe|>"]
    *prompt, end = (found.tokenizer.token_to_id(name) for name in (*names, "<|endoftext|>"))
    if None in (*prompt, end):
        raise ModelError(f"{folder}: its tokenizer is not Whisper's")
    return prompt, end


def _only(tokenizer: Any, text: str) -> int:
    """Return the single token of a symbol."""
    return int(tokenizer.encode(text, add_special_tokens=False).ids[0])


def _all_but_digits(found: WhisperFolder, end: int) -> list[int]:
    """Return all tokens except the end and those of single digits."""
    tokens: dict[str, int] = found.tokenizer.get_vocab()
    digits = {token for text, token in tokens.items() if text.removeprefix(_SPACE) in _FIGURES}
    return sorted({*range(found.tokenizer.get_vocab_size())} - digits - {end})


def _common(found: WhisperFolder, end: int) -> list[int]:
    """Return the tokens that every text is scored against."""
    vocabulary: dict[str, int] = found.tokenizer.get_vocab()
    numbers = (token for text, token in vocabulary.items() if text.strip(_SPACE).isdecimal())
    return sorted({*range(_COMMON_TOKENS), *numbers, end})
