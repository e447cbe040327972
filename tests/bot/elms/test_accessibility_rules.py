"""The rules for callers (docs/accessibility.md) that no other test holds, A1 to A14."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble
from bot.adapters.synthesizer_engines import speech_engine
from bot.audio.files import Audio, Samples, read_audio
from bot.grammar import ActiveGrammars, Answer
from bot.hearing.listener import Listener
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import InlineWorkers
from bot.lines.simulated_caller import CallerAction
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import BackendClient, Settings
from bot.synthesis.cache import SpeechCache
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.turn.collect import collect
from bot.turn.options import CollectOptions
from bot.types import (
    HungUp,
    Interpretation,
    Match,
    NoInput,
    NoMatch,
    Prompt,
    Properties,
    Result,
    Say,
    Silence,
)
from tests.bot.calls.test_calls import Scene, talk
from tests.bot.turn import test_recordings as recordings
from tests.support.dialog_driver import LICENSE_NUMBER, PIN, event, heard, play
from tests.support.fakes import spoken
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.audio

GRAMMARS = project_grammars()
PROMPTS = Prompts.load(PROJECT / "prompts", constants={"length": 6})
QUESTIONS = (
    "license_number.grxml?length=6",
    "pin.grxml?length=4",
    "digits.grxml?length=1",
    "yesno.grxml",
    "menu.grxml",
)
FIXTURES = PROJECT / "audio_fixtures" / "8k"
DOUBTFUL = Interpretation("", LICENSE_NUMBER, 0.5, "voice", "field")
OTHERWISE = Interpretation("", "425903", 0.45, "voice", "field")
STATES: dict[str, list[Result]] = {
    "license number": [],
    "read-back": [heard(LICENSE_NUMBER, 0.6, "voice")],
    "PIN": [heard(LICENSE_NUMBER)],
    "digits around a blank": [Match((DOUBTFUL, OTHERWISE))],
    "missing digit": [Match((DOUBTFUL, OTHERWISE)), heard("yes")],
    "check after a wrong PIN": [heard(LICENSE_NUMBER), heard("1111")],
    "menu": [heard(LICENSE_NUMBER), heard(PIN)],
}


def active(question: str) -> ActiveGrammars:
    return ActiveGrammars([GRAMMARS.get(question), GRAMMARS.get("universals.grxml")])


# -- A1, A3, A6: every question, by voice and by keys ------------------------------------------


@pytest.mark.parametrize("question", ["yesno.grxml", "menu.grxml"])
def test_a1_every_choice_can_be_spoken_and_keyed(question: str) -> None:
    pair = GRAMMARS.get(question)
    said = {value for words in pair.voice.examples for _, value in _meanings(question, words)}
    keyed = {value for keys in pair.dtmf.examples for _, value in _keyed(question, keys)}
    assert said - {"representative"} == keyed - {"representative"}


def _meanings(question: str, words: str) -> tuple[tuple[str, str], ...]:
    return active(question).match("voice", words.split()).values


def _keyed(question: str, keys: str) -> tuple[tuple[str, str], ...]:
    return active(question).match("dtmf", list(keys.replace(" ", ""))).values


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("words", ["representative", "agent", "operator"])
def test_a3_a_person_can_be_asked_for_at_every_question(question: str, words: str) -> None:
    assert "representative" in {value for _, value in _meanings(question, words)}


@pytest.mark.parametrize("question", QUESTIONS[:2] + QUESTIONS[3:])
def test_a3_zero_alone_asks_for_a_person_at_every_question(question: str) -> None:
    assert "representative" in {value for _, value in _keyed(question, "0")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a6_repeat_and_star_are_understood_at_every_question(question: str) -> None:
    assert active(question).match("voice", ["repeat"]).values[0][1] == "repeat"
    star = active(question).match("dtmf", ["*"])
    assert (star.answer, star.values[0][1]) == (Answer.MAX, "repeat")


@pytest.mark.parametrize("state", STATES)
def test_a6_repeat_asks_the_same_question_again(state: str) -> None:
    call = play([*STATES[state], event("repeat"), event("repeat")])
    fields = [collect.field for collect in call.collects]
    assert len(set(fields[-3:])) == 1
    keys = [collect.prompts[-1].key for collect in call.collects[-3:]]
    assert len(set(keys)) == 1


def star() -> Match:
    return heard("repeat", grammar="universals")


@pytest.mark.parametrize("state", STATES)
def test_a1_universal_commands_can_be_keyed_with_star(state: str) -> None:
    call = play([*STATES[state], star(), star(), star(), star()])
    asked, again, slower, helped, faster = [
        [prompt.key for prompt in collect.prompts] for collect in call.collects[-5:]
    ]
    assert again[-1] == slower[-1] == faster[-1] == asked[-1]
    assert (slower[0], faster[0]) == ("universals.slower", "universals.faster")
    assert helped[0].endswith(".help")
    assert [one.rate_percent for one in call.speaks] == [Settings().slow.rate_percent, 100]


def test_a1_each_star_after_another_event_is_a_first_star() -> None:
    call = play([star(), NoInput(), star(), NoMatch(), star(), event("help"), star()])
    assert call.speaks == []


@pytest.mark.parametrize("state", STATES)
def test_a1_help_says_how_to_slow_down_by_key(state: str) -> None:
    call = play([*STATES[state], event("help"), event("help")])
    helped = [PROMPTS.text(collect.prompts[-1]) for collect in call.collects[-2:]]
    assert "For slower speech, press star twice." in " ".join(helped)


def test_a1_star_pressed_twice_over_a_prompt_slows_the_whole_call() -> None:
    keys = [
        CallerAction(keys="**", when="prompt-start", after_ms=300),
        CallerAction(keys=LICENSE_NUMBER),
    ]
    call = talk(Scene([*keys, CallerAction(keys=PIN), CallerAction(keys="4")]))
    assert "more slowly" in call.voice.text
    assert call.record.outcome.verified


# -- A4, A5: time ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_a4_before_the_last_silence_more_time_is_offered_and_star_gives_it(state: str) -> None:
    silences: list[Result] = [NoInput(), NoInput()]
    call = play([*STATES[state], *silences])
    offered = PROMPTS.text(call.collects[-1].prompts[-1])
    assert "For more time, press star" in offered
    again = play([*STATES[state], *silences, event("repeat"), *silences])
    assert again.outcome.outcome == "hangup", "the caller was still waited for"


def test_a5_the_normal_pace_waits_ten_seconds_and_five_seconds_between_keys() -> None:
    turn = Settings().turn
    assert turn.timeout_ms >= 10_000
    assert turn.interdigit_timeout_ms >= 5_000


def test_a5_the_slow_pace_waits_thirty_seconds_and_fifteen_and_three_minutes() -> None:
    slow = Settings().slow
    assert slow.timeout_ms >= 30_000
    assert slow.interdigit_timeout_ms >= 15_000
    assert slow.patience_ms >= 180_000


def test_a5_a_first_key_after_nearly_ten_seconds_and_keys_nearly_five_apart_are_taken() -> None:
    call = talk(
        Scene(
            [
                CallerAction(after_ms=9_500, keys=LICENSE_NUMBER, gap_ms=4_700),
                CallerAction(after_ms=9_500, keys=PIN, gap_ms=4_700),
                CallerAction(keys="4"),
            ]
        )
    )
    assert [turn.result for turn in call.record.turns] == ["match"] * 3
    assert call.record.outcome.verified


def test_a5_after_slower_a_first_key_after_nearly_thirty_seconds_is_taken() -> None:
    call = talk(
        Scene(
            [
                CallerAction(pcm=spoken("slower")),
                CallerAction(after_ms=29_500, keys=LICENSE_NUMBER, gap_ms=14_500),
                CallerAction(keys=PIN),
                CallerAction(keys="4"),
            ]
        )
    )
    assert [turn.result for turn in call.record.turns] == ["match"] * 4
    assert call.record.outcome.verified


def test_a6_slower_speech_takes_at_least_a_fifth_longer() -> None:
    speech = Settings().speech
    texts = ("Please say or key your four digit PIN.", "Your license is ready to issue.")

    async def lengths(rate_percent: int) -> int:
        engine = speech_engine(speech)
        async with SentenceSynthesizer(engine, speech, SpeechCache(None)) as voice:
            await voice.start()
            segments = tuple(Say(text) for text in texts)
            return sum(len(pcm) for pcm in await voice.speak(segments, 8_000, rate_percent))

    normal = asyncio.run(lengths(100))
    slow = asyncio.run(lengths(Settings().slow.rate_percent))
    assert slow >= 1.2 * normal


# -- A7: digits as they are read back ----------------------------------------------------------


@pytest.mark.parametrize("key", ["license_number.confirm", "license_number.check"])
def test_a7_a_number_is_read_back_digit_by_digit_with_its_leading_zeros(key: str) -> None:
    segments = PROMPTS.segments(Prompt(key, values={"number": "004210"}))
    said = [one.text for one in segments if isinstance(one, Say)]
    assert said[1:7] == ["zero", "zero", "four", "two", "one", "zero"]
    first, last = segments.index(Say("zero", True, "004210")), len(segments) - 1
    between = [one.ms for one in segments[first:last] if isinstance(one, Silence)]
    assert min(between) >= 250
    assert max(between) > 250, "groups are further apart than digits"


# -- A10: what stops a prompt ------------------------------------------------------------------


def babble(minutes: int, talkers: int = 8, level_db: float = -36.0) -> Audio:
    """Recorded callers who all talk at once; ``level_db`` is 10 dB under a usual caller."""
    rng = np.random.default_rng(10)
    voices = [_loud(read_audio(path).samples) for path in sorted(FIXTURES.glob("license_*.flac"))]
    mixed = np.zeros(minutes * 60 * recordings.RATE)
    for _ in range(talkers):
        at = 0
        while at < len(mixed):
            voice = voices[rng.integers(len(voices))][: len(mixed) - at]
            mixed[at : at + len(voice)] += voice
            at += len(voice)
    mixed *= 32_768 * 10 ** (level_db / 20) / mixed.std()
    return Audio(np.clip(mixed, -32_768, 32_767).astype(np.int16), recordings.RATE)


def _loud(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    loud = np.abs(samples) > np.abs(samples).max() / 50
    voiced = samples[int(np.argmax(loud)) : len(loud) - int(np.argmax(loud[::-1]))]
    level = float(voiced.std())
    return voiced.astype(np.float64) / level


def test_a10_ten_minutes_of_babble_stop_no_prompt(project: Path) -> None:
    ensemble = load_ensemble(project / "bot" / "models" / "telephone")
    number = Vocabulary(GRAMMARS, ensemble.first).active(recordings.NUMBER)
    prompt = recordings.Prompt()
    listener = Listener(ensemble, SileroDetector(), InlineWorkers(), recordings.RATE)
    events = recordings.Recording(babble(minutes=10))
    found = asyncio.run(collect(listener, events, prompt, CollectOptions(number, Properties()), 0))
    assert "stop" not in prompt.told
    assert isinstance(found.result, HungUp)


def test_a10_keys_stop_a_prompt_that_a_voice_cannot_stop() -> None:
    settings = Settings.model_validate({"turn": {"bargein": False}})
    keys = [
        CallerAction(keys=keys, when="prompt-start", after_ms=300) for keys in (LICENSE_NUMBER, PIN)
    ]
    call = talk(Scene([*keys, CallerAction(keys="4", when="prompt-start")], settings=settings))
    assert [turn.bargein for turn in call.record.turns] == [True, True, True]
    assert call.record.outcome.verified


# -- A11: waiting ------------------------------------------------------------------------------


def test_a11_one_moment_is_heard_within_two_seconds() -> None:
    assert BackendClient().one_moment_ms <= 2_000
