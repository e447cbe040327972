"""The folder of grammars, and a compiled grammar as the rest of the bot uses it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random

from bot.errors import GrammarError
from bot.grammar import phrases as phrasing
from bot.grammar.compiler import compile_rule
from bot.grammar.expansions import Document, Reference, Rule
from bot.grammar.length_limits import ANY_LENGTH, Length, split_uri
from bot.grammar.library import SUFFIX, Contents, Library, contents_of
from bot.grammar.match_result import Reading
from bot.grammar.matcher import Matcher
from bot.grammar.pruning import spelled_with
from bot.grammar.transducer import Transducer
from bot.types import KEYS, UNKNOWN, Following, Mode

KEY_WORDS = dict(
    zip(
        "0123456789",
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        strict=True,
    )
)
HOMOPHONES = {
    **{"o": "oh", "won": "one", "to": "two", "too": "two"},
    **{"for": "four", "fore": "four", "ate": "eight"},
}
"""Spellings of a digit by a typist, or by a recognizer without grammars."""
DTMF_SUFFIX = ".dtmf" + SUFFIX
ASIDES = "asides"


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """One compiled rule set, immutable; ``name`` is the file's stem, the same for both modes."""

    uri: str
    name: str
    mode: Mode
    examples: tuple[str, ...]
    of_digits: bool
    """True if a digit word is a digit of the value."""
    _matcher: Matcher
    _phrases: tuple[str, ...]

    def match(self, tokens: Sequence[str]) -> Reading:
        """Return how far the tokens got and what they mean.

        Tokens of a voice grammar are words in any case. ``[unk]`` at either end is skipped: noises
        around an entry are not part of it, and at the end it may be a word that is still being
        spoken; between words only GARBAGE matches it. A key among spoken words is that key if the
        grammar names it, otherwise its digit word; in a grammar of digits "won" and "for" are one
        and four. Tokens of a dtmf grammar are keys. No tokens at all are POTENTIAL.
        """
        if self.mode == "dtmf":
            return self._matcher.match(tokens)
        words = [token.lower() for token in tokens]
        while words and words[-1] == UNKNOWN:
            words.pop()
        first = next((index for index, word in enumerate(words) if word != UNKNOWN), 0)
        return self._matcher.match([self._known(word) for word in words[first:]])

    def after(self, tokens: Sequence[str]) -> Following:
        """Return the words that may follow these in a spoken entry, keys aside."""
        found = self._matcher.after([self._known(token) for token in tokens])
        return replace(found, words=tuple(word for word in found.words if word not in KEYS))

    def has(self, word: str) -> bool:
        """Return True if the grammar knows the word, by itself or as another spelling of a
        digit.
        """
        return self._known(word.lower()) in self._matcher.words

    def _known(self, word: str) -> str:
        """Return the word as the grammar spells it."""
        if word in self._matcher.words:
            return word
        return (KEY_WORDS | HOMOPHONES if self.of_digits else KEY_WORDS).get(word, word)

    def phrases(self) -> tuple[str, ...]:
        """Return the phrases for the recognizer; see ``without`` for words that it lacks.

        These are words, balanced over pairs of digits, for entries of any length, and whole phrases
        for commands. Phrases are repeated in proportion to their weight.
        """
        return self._phrases

    def words(self) -> tuple[str, ...]:
        """Return every word (or key) of the grammar once, including those that a model lacks."""
        words = self._matcher.network.words()
        return words if self.mode == "dtmf" else tuple(w for w in words if w not in KEYS)

    def sample(self, random: Random) -> str:
        """Return one random utterance (or keys, separated by spaces) that matches."""
        return phrasing.sample(self._matcher, random, spoken=self.mode == "voice")

    def without(self, words: Collection[str]) -> Grammar:
        """Return the same grammar with phrases that avoid these words; matching is unchanged."""
        lacking = frozenset(words)
        return Grammar(
            self.uri,
            self.name,
            self.mode,
            self.examples,
            self.of_digits,
            self._matcher,
            tuple(p for p in self._phrases if lacking.isdisjoint(p.split())),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Both modes of one field."""

    voice: Grammar
    dtmf: Grammar

    def without(self, words: Collection[str]) -> Pair:
        """Return the same pair with voice phrases that avoid these words."""
        return Pair(self.voice.without(words), self.dtmf)


@dataclass(frozen=True, slots=True, eq=False)
class Asides:
    """Words beside an answer, from a folder that has ``asides.grxml``.

    ``remarks`` have no meaning, and are passed to the recognizer so that they are not heard as
    commands; ``corrections`` separate digits that are taken back from those that are meant.
    """

    remarks: Grammar
    corrections: Grammar

    def without(self, words: Collection[str]) -> Asides:
        """Return the same with phrases that avoid these words."""
        return Asides(self.remarks.without(words), self.corrections.without(words))


class Grammars:
    """The loaded folder. ``NAME.grxml`` is for speech, ``NAME.dtmf.grxml`` beside it for keys."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._networks: dict[tuple[str, str, str | None], Transducer] = {}
        self._phrases: dict[tuple[str, str, str | None], tuple[str, ...]] = {}
        self._pairs: dict[str, Pair] = {}
        self.names = tuple(
            file.removesuffix(SUFFIX)
            for file, document in library.documents.items()
            if not file.endswith(DTMF_SUFFIX) and document.root
        )

    @classmethod
    def read(cls, folder: Path) -> Grammars:
        """Read all grammars of a folder; each is compiled when first requested.

        A process reads and compiles the same files once. Raises GrammarError naming file and line.
        """
        try:
            contents = contents_of(folder)
        except OSError:
            return cls(Library.read(folder))  # which says what is wrong
        return _read(folder, contents)

    @classmethod
    def load(cls, folder: Path) -> Grammars:
        """Read and compile all grammars of a folder. Raises GrammarError naming file and line."""
        grammars = cls.read(folder)
        for name in grammars.names:
            grammars.get(name + SUFFIX)
        return grammars

    def get(self, uri: str) -> Pair:
        """Return both modes of a grammar: ``menu.grxml``, ``digits.grxml?length=6``.

        Parameters are those of VoiceXML's builtin digits: length, or minlength and maxlength; and
        alphabet, the digits allowed in the value. ``#rule`` names a public rule other than the
        root. Raises GrammarError.
        """
        pair = self._pairs.get(uri)
        if pair is None:
            file, length, rule = split_uri(uri)
            dtmf = file.removesuffix(SUFFIX) + DTMF_SUFFIX
            if file in self._library.documents and dtmf not in self._library.documents:
                raise GrammarError(
                    f"{file}: {dtmf} is missing beside it; every field must have keys too"
                )
            pair = Pair(self._grammar(file, length, rule), self._grammar(dtmf, length, rule))
            self._pairs[uri] = pair
        return pair

    @property
    def asides(self) -> Asides | None:
        """Return the words beside answers; None if the folder has no such grammar."""
        if ASIDES + SUFFIX not in self._library.documents:
            return None
        marks = self.get(f"{ASIDES}{SUFFIX}#correction").voice
        return Asides(self.get(ASIDES + SUFFIX).voice, marks)

    def _grammar(self, file: str, length: Length, rule_name: str | None) -> Grammar:
        document = self._library.documents.get(file)
        if document is None:
            raise GrammarError(f"grammar file {file} does not exist")
        name = rule_name or document.root
        if name is None:
            raise GrammarError(f"{file} has no root rule; name one after #")
        rule = document.rules.get(name)
        if rule is None or not rule.public:
            raise GrammarError(f"{file} has no public rule {name}")
        key = (file, rule.name, length.alphabet)
        if key not in self._phrases:
            try:
                network = self._network(document, rule, length.alphabet)
                self._phrases[key] = phrasing.phrases(network, rule.examples)
            except GrammarError as error:
                raise rule.place.error(str(error)) from None
        matcher = Matcher(self._networks[key], length)
        if not matcher.horizon.open(0, ()):
            raise rule.place.error("nothing can match this rule within its limits")
        query = _query(length)
        return Grammar(
            uri=file + query + (f"#{rule_name}" if rule_name else ""),
            name=file.removesuffix(DTMF_SUFFIX).removesuffix(SUFFIX),
            mode=document.mode,
            examples=rule.examples,
            of_digits=_of_digits(matcher),
            _matcher=matcher,
            _phrases=self._phrases[key],
        )

    def _network(self, document: Document, rule: Rule, alphabet: str | None) -> Transducer:
        key = (document.file, rule.name, alphabet)
        if key not in self._networks:
            self._networks[key] = self._compiled(document, rule, alphabet)
        return self._networks[key]

    def _compiled(self, document: Document, rule: Rule, alphabet: str | None) -> Transducer:
        if alphabet is not None:
            return spelled_with(self._network(document, rule, None), alphabet)
        match rule.expansion:
            case Reference(length=length) if length == ANY_LENGTH:
                return self._network(*self._library.resolve(document, rule.expansion), None)
            case _:
                return compile_rule(self._library, document, rule)


@lru_cache(maxsize=4)
def _read(folder: Path, _contents: Contents) -> Grammars:
    return Grammars(Library.read(folder))


def _of_digits(matcher: Matcher) -> bool:
    """Return True if every digit word begins a value with that digit."""
    readings = ((key, matcher.match((word,))) for key, word in KEY_WORDS.items())
    return any(key in (*read.values, *read.partial) for key, read in readings)


def _query(length: Length) -> str:
    if length == ANY_LENGTH:
        return ""
    alphabet = [f"alphabet={length.alphabet}"] if length.alphabet is not None else []
    if length.least == length.most:
        return "?" + "&".join([f"length={length.least}", *alphabet])
    limits = [f"minlength={length.least}"] if length.least else []
    limits += [f"maxlength={length.most}"] if length.most is not None else []
    return "?" + "&".join(limits + alphabet)
