"""Callers with habits: they correct themselves, introduce numbers, talk to others, want a person.

Their own words are synthetic; where they are asked again, they answer with their recordings, as the
callers of :mod:`benchmarks.calls.scripts` do.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.calls.scripts import (
    NUMBER_ASKED,
    PIN_ASKED,
    VOICES,
    Behavior,
    Scene,
    Turn,
    other_number,
    spoken_digits,
)

NUMBER_FIRST = "license number|each digit"
PIN_WANTED = r"\bpin\b"
MENU_ASKED = "press four"
OFFERED = "speak with a representative"
TELEPHONE = "six oh one, five five five, oh one four two"
PERSON = (
    "I want to talk to somebody",
    "can I speak to a person please",
    "get me a representative",
    "I'd like to talk to someone about my application",
    "customer service please",
)
REMARKS = ("not now please", "be quiet please", "I'm on the phone", "turn that down please")
FORGOT = ("I forgot my PIN", "I don't have a PIN", "what PIN", "how do I set a PIN")
NO_NUMBER = ("I don't have one", "I don't know my license number", "I can't find it")
QUESTIONS = ("what are your hours", "how do I apply", "processing time", "transcripts and scores")


def _says(scene: Scene, text: str, if_heard: str, **more: object) -> Turn:
    """A turn in the voice that the caller has in this call."""
    voice = VOICES[sum(map(ord, scene.account.speaker)) % len(VOICES)]
    return {"say": text, "voice": voice, "if_heard": if_heard, **more}


def _number(scene: Scene) -> str:
    return spoken_digits(scene.account.license_number)


def _introduces(scene: Scene) -> list[Turn]:
    number = f"{scene.rng.choice(('hi, my license number is', 'it is', 'let me see'))} "
    pin = f"{scene.rng.choice(('my PIN is', 'okay', 'that would be'))} "
    return [
        _says(scene, number + _number(scene), NUMBER_ASKED),
        _says(scene, pin + spoken_digits(scene.account.pin_digits), PIN_ASKED),
        *scene.rounds(scene.own),
    ]


def _corrects_in_one_breath(scene: Scene) -> list[Turn]:
    wrong = spoken_digits(other_number(scene).license_number)
    mark = scene.rng.choice(("no,", "sorry,", "oh no, I mean", "no wait,"))
    return [
        _says(scene, f"{wrong}, {mark} {_number(scene)}", NUMBER_ASKED),
        *scene.rounds(scene.own),
    ]


def _stutters(scene: Scene) -> list[Turn]:
    """Begins, stops after some digits, and begins anew."""
    number = scene.account.license_number
    begun = spoken_digits(number[: scene.rng.randrange(1, 4)])
    return [
        _says(scene, f"{begun}, uh, {_number(scene)}", NUMBER_ASKED),
        *scene.rounds(scene.own),
    ]


def _says_uh(scene: Scene) -> list[Turn]:
    number, at = scene.account.license_number, scene.rng.randrange(1, 6)
    said = f"{spoken_digits(number[:at])} uh {spoken_digits(number[at:])}"
    return [_says(scene, said, NUMBER_ASKED), *scene.rounds(scene.own)]


def _keys_and_says(scene: Scene) -> list[Turn]:
    """Each digit is spoken as its key is pressed."""
    turns: list[Turn] = []
    for digit in scene.account.license_number:
        pace = {"after_previous_ms": 450} if turns else {"if_heard": NUMBER_ASKED}
        turns.append({"keys": digit, **pace})
        turns.append(_says(scene, spoken_digits(digit), "", after_previous_ms=120))
    for turn in turns:
        if not turn.get("if_heard", "x"):
            del turn["if_heard"]
    return [*turns, *scene.rounds(replace(scene.own, spoken_pin=False))]


def _telephone_first(scene: Scene) -> list[Turn]:
    return [_says(scene, TELEPHONE, NUMBER_ASKED), *scene.rounds(scene.own)]


def _talks_to_others(scene: Scene) -> list[Turn]:
    """To somebody in the room: at the license number, at the PIN, and at the menu."""
    remarks = scene.rng.sample(REMARKS, 3)
    first, second, third = (
        _says(scene, remark, asked)
        for remark, asked in zip(remarks, (NUMBER_ASKED, PIN_ASKED, MENU_ASKED), strict=True)
    )
    number = scene.round(scene.own, to_the_pin=True)
    pin = scene.round(scene.own)
    return [first, *number, second, *number, *pin[:-2], third, *scene.rounds(scene.own)]


def _wants_a_person(scene: Scene) -> list[Turn]:
    wish = scene.rng.choice(PERSON)
    return [_says(scene, wish, NUMBER_FIRST) for _ in range(3)]


def _wants_a_person_later(scene: Scene) -> list[Turn]:
    """Hears the status first."""
    wish = scene.rng.choice(PERSON)
    before = scene.round(scene.own)[:-2]
    return [*before, *before, *[_says(scene, wish, MENU_ASKED) for _ in range(3)]]


def _forgot_the_pin(scene: Scene) -> list[Turn]:
    """Hears how it is set, and wants the person who is offered."""
    number = scene.round(scene.own, to_the_pin=True)
    forgot = _says(scene, scene.rng.choice(FORGOT), PIN_WANTED)
    wanted = {"audio": scene.says("yes"), "if_heard": OFFERED}
    return [*number, *number, forgot, forgot, forgot, wanted, wanted, wanted]


def _has_no_number(scene: Scene) -> list[Turn]:
    """Hears where it is found, and wants the person who is offered."""
    lacks = _says(scene, scene.rng.choice(NO_NUMBER), NUMBER_FIRST)
    wanted = {"audio": scene.says("yes"), "if_heard": OFFERED}
    return [lacks, lacks, lacks, wanted, wanted, wanted]


def _wants_information(scene: Scene) -> list[Turn]:
    asks = _says(scene, scene.rng.choice(QUESTIONS), "for hours, press one|to apply, press three")
    ends = _says(scene, "no thank you", "for hours, press one|to apply, press three")
    information = _says(scene, "information", NUMBER_FIRST)
    return [information, information, information, asks, ends, ends, ends]


HABITS = (
    Behavior("introduces the numbers", _introduces),
    Behavior("corrects in one breath", _corrects_in_one_breath),
    Behavior("stutters", _stutters),
    Behavior("says uh inside the number", _says_uh),
    Behavior("keys and says the number", _keys_and_says),
    Behavior("says a telephone number first", _telephone_first),
    Behavior("talks to others", _talks_to_others),
    Behavior("wants a person", _wants_a_person, goal="person"),
    Behavior("wants a person after the status", _wants_a_person_later, goal="person"),
    Behavior("forgot the PIN", _forgot_the_pin, goal="person"),
    Behavior("has no license number", _has_no_number, goal="person"),
    Behavior("wants information", _wants_information, goal="information"),
)
"""Callers as people describe them, each with what the call is for."""
