"""The callers: the speakers of ../shared/audio/dev, with accounts that match their recordings.

A speaker's six-digit recordings are license numbers, each with one of the speaker's four-digit
recordings as the PIN. Words that a speaker did not record (yes, no, help) are said by somebody
else.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from acoustic_model.errors import SourceError
from acoustic_model.evaluation.evaluation import digits_of
from acoustic_model.evaluation.test_sets import (
    Clip,
    crowd_words,
    digit_strings,
    sentences,
    single_digits,
)
from benchmarks.recognition.recordings import SHARED
from benchmarks.recognition.speakers import groups
from server.seed.demonstration import ACCOUNTS

OWN_WORDS = ("yes", "no", "help", "repeat")
TAKEN = frozenset(account.license_number for account in ACCOUNTS)


@dataclass(frozen=True, slots=True)
class Account:
    """A calling educator: recordings and their digits."""

    speaker: str
    source: str
    voice: str
    number: Clip
    pin: Clip
    license_number: str
    pin_digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """All callers, and the words that they may say."""

    accounts: tuple[Account, ...]
    pins: Mapping[str, tuple[Clip, ...]]
    """All four-digit recordings of a speaker."""
    words: Mapping[str, tuple[Clip, ...]]
    """Recordings of each word, by any speaker."""
    chatter: tuple[Clip, ...]
    """Out-of-grammar sentences."""

    def others(self, account: Account) -> tuple[Account, ...]:
        """The other accounts of the same speaker."""
        return tuple(o for o in self.accounts if o.speaker == account.speaker and o is not account)

    def wrong_pins(self, account: Account) -> tuple[Clip, ...]:
        """Recordings of the same speaker that are not the account's PIN."""
        known = self.pins[account.speaker]
        return tuple(clip for clip in known if digits_of(clip.words) != account.pin_digits)

    def word(self, word: str, speaker: str, rng: Random) -> Clip:
        """The speaker's own recording of a word, or somebody else's."""
        own = [clip for clip in self.words[word] if clip.speaker == speaker]
        return rng.choice(own or self.words[word])


def cast() -> Cast:
    """Read the recordings; license numbers are unique to a speaker. Raises SourceError."""
    by_length: dict[tuple[str, int], list[Clip]] = defaultdict(list)
    for clip in digit_strings(SHARED):
        by_length[clip.speaker, len(clip.words)].append(clip)
    accounts: dict[str, Account] = {}
    for (speaker, length), clips in sorted(by_length.items()):
        pins = by_length.get((speaker, 4), [])
        if length == 6 and pins:
            for index, clip in enumerate(clips):
                number = digits_of(clip.words)
                if number not in TAKEN:
                    account = _account(clip, pins[index % len(pins)])
                    accounts.setdefault(number, account)
    pins_of = {who: tuple(clips) for (who, length), clips in by_length.items() if length == 4}
    return Cast(tuple(accounts.values()), pins_of, _words(), tuple(sentences(SHARED)))


def _account(number: Clip, pin: Clip) -> Account:
    known = groups(number)
    return Account(
        speaker=number.speaker,
        source=known["source"],
        voice=known.get("voice", ""),
        number=number,
        pin=pin,
        license_number=digits_of(number.words),
        pin_digits=digits_of(pin.words),
    )


def _words() -> dict[str, tuple[Clip, ...]]:
    found: dict[str, list[Clip]] = defaultdict(list)
    for clip in [*crowd_words(SHARED), *single_digits(SHARED), *_commands()]:
        found[" ".join(clip.words)].append(clip)
    lacking = [word for word in (*OWN_WORDS, "four") if not found[word]]
    if lacking:
        raise SourceError(f"{SHARED} has no recording of {', '.join(lacking)}")
    return {word: tuple(clips) for word, clips in found.items()}


def _commands() -> list[Clip]:
    """Single commands of the AN4 test speakers."""
    folder = SHARED / "train_an4"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [
            Clip(folder / row["file"], (row["words"],), "an4", row["speaker"], "command")
            for row in csv.DictReader(file)
            if row["split"] == "dev" and row["words"] in OWN_WORDS
        ]
