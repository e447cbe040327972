"""The spoken recordings: voices and texts, in groups with exact pauses between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from audio_fixtures.voices import Voice

ANNA = Voice("hibari", "heart", speed=0.95)
PAUL = Voice("pico", "en-US", speed=0.85)
GRACE = Voice("pico", "en-GB", speed=0.85)
STEPH = Voice("espeak-ng", "gmw/en-US+steph")
ADAM = Voice("espeak-ng", "gmw/en+adam")


@dataclass(frozen=True, slots=True)
class Caller:
    """One recording. In the manifest, ``role`` replaces secret words."""

    name: str
    voice: Voice
    groups: tuple[str, ...]
    pause_ms: int = 0
    level_db: float = -19.0
    keys: str = ""
    role: str = ""
    wide: bool = False
    """Whether to keep it at 16 kHz too."""


_A = "four two one nine oh three"
_B = "three zero zero seven one five"
_A_HALVES = ("four two one", "nine oh three")
_A_PAIRS = ("four two", "one nine", "oh three")

_LICENSES = (
    Caller("license_a", ANNA, (_A,), wide=True),
    Caller("license_a_grace", GRACE, (_A,)),
    Caller("license_a_steph", STEPH, (_A,)),
    Caller("license_a_adam", ADAM, (_A,)),
    Caller("license_a_zero", replace(PAUL, speed=0.75), ("four two one nine zero three",)),
    Caller("license_a_pairs", ANNA, ("forty two nineteen oh three",)),
    Caller("license_a_pause_400", GRACE, _A_HALVES, 400),
    Caller("license_a_pause_800", ANNA, _A_HALVES, 800, wide=True),
    Caller("license_a_pause_1200", STEPH, _A_PAIRS, 1_200),
    Caller("license_a_my_number_is", ANNA, ("my number is " + _A,)),
    Caller("license_a_five", GRACE, ("four two one nine oh",)),
    Caller("license_a_first_half", ANNA, ("four two one",)),
    Caller("license_a_second_half", ANNA, ("nine oh three",)),
    Caller("license_a_spoken_and_keyed", ANNA, ("four two one",), 400, keys="903"),
    Caller("license_a_slow", replace(ANNA, speed=0.75), _A_PAIRS, 600),
    Caller("license_a_quiet", ANNA, (_A,), level_db=-40.0),
    Caller("license_a_high", replace(ANNA, pitch=1.12), (_A,)),
    Caller("license_a_hesitant", ANNA, ("four two one", "uh", "nine oh three"), 500),
    Caller("license_b", PAUL, (_B,), wide=True),
    Caller("license_b_anna", ANNA, (_B,)),
    Caller("license_b_oh", replace(ANNA, speed=0.85), ("three oh oh, seven one five",)),
    Caller("license_b_double", PAUL, ("three double oh seven one five",)),
    Caller("license_b_pause_800", PAUL, ("three zero zero", "seven one five"), 800),
)

_PINS = (
    Caller("pin_a", ANNA, ("five eight two seven",), role="the PIN of account A", wide=True),
    Caller("pin_a_paul", PAUL, ("five eight two seven",), role="the PIN of account A"),
    Caller("pin_a_pairs", ANNA, ("fifty eight twenty seven",), role="the PIN of account A, pairs"),
    Caller("pin_a_pause_800", PAUL, ("five eight", "two seven"), 800, role="the PIN of account A"),
    Caller("pin_b", PAUL, ("nine one six four",), role="the PIN of account B"),
    Caller("pin_b_anna", ANNA, ("nine one six four",), role="the PIN of account B"),
    Caller("wrong_pin", ANNA, ("six zero three eight",), role="a PIN that is wrong for both"),
    Caller("wrong_pin_paul", PAUL, ("six zero three eight",), role="a PIN that is wrong for both"),
)

_WORDS = (
    "yes",
    "no",
    "representative",
    "repeat",
    "help",
    "stop",
    "slower",
    "start over",
    "goodbye",
    "one",
    "two",
    "three",
    "four",
    "five",
)

CALLERS = (
    *_LICENSES,
    *_PINS,
    *(Caller(word.replace(" ", "_"), ANNA, (word,), wide=True) for word in _WORDS),
    *(Caller(f"{word}_paul", PAUL, (word,)) for word in ("yes", "no", "one", "two")),
)
