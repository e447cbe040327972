"""The driver of a collect: events in, engines in between, a record out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from bot.audio.files import level_db
from bot.hearing.listener import HearingParameters, Listener, ListenerParameters
from bot.hearing.workers import InlineWorkers, ThreadWorkers
from bot.turn.collect import Collected, collect
from bot.turn.options import CollectOptions
from bot.types import (
    UNKNOWN,
    AudioFrame,
    Dtmf,
    Hangup,
    HungUp,
    Mark,
    NoMatch,
    Properties,
    Text,
)
from tests.support.fakes import (
    RATE,
    FakeDetection,
    FakeDetector,
    FakeRecognition,
    FakeRecognizer,
    alone,
    spoken,
)
from tests.support.scripted_collect import NUMBER, Prompt, Script, turn, value
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit


def test_speech_on_a_line_is_a_match_with_its_times() -> None:
    found = turn(500, spoken("four two one nine oh three"), 3_000)
    assert value(found) == "421903"
    assert found.timing.speech_start_ms is not None
    assert 480 <= found.timing.speech_start_ms <= 560
    assert found.timing.reply_after_ms is not None
    assert found.timing.reply_after_ms <= 240
    assert found.partials[-1][1] == "four two one nine oh three"


def test_speech_just_before_the_detection_is_heard() -> None:
    found = turn(2_000, spoken("four two one nine oh three"), 3_000)
    assert value(found).startswith("4")


@pytest.mark.parametrize("piece_ms", [20, 40, 100])
def test_engines_hear_pieces_of_a_minimum_length(piece_ms: int) -> None:
    given: list[int] = []

    class Counting(FakeDetection):
        def accept(self, frame: AudioFrame) -> float:
            given.append(frame.duration_ms)
            return super().accept(frame)

    class Counter(FakeDetector):
        def start(self, rate: int) -> FakeDetection:
            return Counting()

    parameters = HearingParameters(listener=ListenerParameters(piece_ms=piece_ms))
    listener = Listener(alone(), Counter(), InlineWorkers(), RATE, parameters=parameters)
    options = CollectOptions(NUMBER, Properties())
    script = Script(400, spoken("four two one nine oh three"), 3_000)
    assert value(asyncio.run(collect(listener, script, Prompt(), options, 0))) == "421903"
    assert set(given) == {piece_ms}


def test_during_a_prompt_the_detector_hears_all_and_judges_only_sound_that_could_stop_it() -> None:
    heard: list[tuple[str, bool]] = []

    class Noting(FakeDetection):
        def accept(self, frame: AudioFrame) -> float:
            heard.append(("judged", any(frame.pcm)))
            return super().accept(frame)

        def defer(self, frame: AudioFrame) -> None:
            heard.append(("deferred", any(frame.pcm)))

    class Noter(FakeDetector):
        def start(self, rate: int) -> FakeDetection:
            return Noting()

    async def listen() -> None:
        listener = Listener(alone(), Noter(), InlineWorkers(), RATE)
        script = Script(400, Mark("prompt", 0), 400, spoken("four two one nine oh three"), 3_000)
        await collect(listener, script, Prompt("prompt"), CollectOptions(NUMBER, Properties()), 0)

    asyncio.run(listen())
    assert heard[:10] == [("deferred", False)] * 10, "silence while the prompt plays"
    assert ("deferred", True) not in heard
    assert {what for what, _ in heard[10:]} == {"judged"}, "everything behind the prompt"


class Keeping(FakeRecognition):
    """Keeps what it was given."""

    def __init__(self) -> None:
        super().__init__(())
        self.given = b""

    def accept(self, frame: AudioFrame) -> tuple[str, ...]:
        self.given += frame.pcm
        return super().accept(frame)


class Levels(FakeRecognizer):
    """Keeps every recognition with its phrases."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[tuple[str, ...], Keeping]] = []

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> FakeRecognition:
        self.started.append((tuple(phrases), Keeping()))
        return self.started[-1][1]

    def last(self, *, among_fillers: bool) -> bytes:
        """What the last recognition with fillers among its phrases was given, or without."""
        given = [
            one.given for phrases, one in self.started if ("filler" in phrases) == among_fillers
        ]
        return given[-1]


def at_level(pcm: bytes, gain_db: float) -> bytes:
    louder = np.frombuffer(pcm, "<i2") * 10 ** (gain_db / 20)
    return louder.round().astype("<i2").tobytes()


def test_a_quiet_caller_is_heard_as_loud_as_any_other() -> None:
    said = spoken("four two one nine oh three")
    levels = []
    for gain_db in (0, -12, -18):
        recognizer = Levels()
        listener = Listener(alone(recognizer, ("filler",)), FakeDetector(), InlineWorkers(), RATE)
        script = Script(500, at_level(said, gain_db), 3_000)
        found = asyncio.run(
            collect(listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0)
        )
        assert value(found) == "421903"
        levels.append(level_db(np.frombuffer(recognizer.last(among_fillers=False), "<i2")))
    assert max(levels) - min(levels) < 1


def test_a_caller_who_gets_louder_is_redecoded_from_the_start_at_one_level() -> None:
    recognizer = Levels()
    listener = Listener(alone(recognizer, ("filler",)), FakeDetector(), InlineWorkers(), RATE)
    softly, loudly = at_level(spoken("four two one"), -15), spoken("nine oh three")
    script = Script(500, softly, loudly, 3_000)
    found = asyncio.run(
        collect(listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0)
    )
    assert value(found) == "421903"
    last = np.frombuffer(recognizer.last(among_fillers=False), "<i2")
    words = last[last != 0]
    assert level_db(words[-160:]) - level_db(words[:160]) == pytest.approx(15, abs=0.5)


def test_the_filler_pass_hears_the_same_when_the_caller_gets_louder_after_an_answer() -> None:
    recognizer = Levels()
    listener = Listener(alone(recognizer, ("filler",)), FakeDetector(), InlineWorkers(), RATE)
    softly, loudly = at_level(spoken("four two one nine oh three"), -15), spoken("seven")
    script = Script(500, softly, loudly, 5_000)
    asyncio.run(collect(listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0))
    assert recognizer.last(among_fillers=True) == recognizer.last(among_fillers=False)


def test_keys_on_a_line_are_a_match() -> None:
    keys = [Dtmf(key, 0) for key in "421903"]
    assert value(turn(300, *keys, 300)) == "421903"


def test_words_and_keys_on_a_line_make_one_entry() -> None:
    keys = [Dtmf(key, 0) for key in "903"]
    found = turn(300, spoken("four two one"), 700, *keys, 5_000)
    assert value(found) == "421903"


def test_the_noinput_timer_starts_at_the_end_of_the_prompt() -> None:
    found = turn(4_000, Mark("p", 0), 12_000, prompt=Prompt("p"))
    assert found.timing.prompt_end_ms == 4_000
    assert found.timing.end_ms == pytest.approx(14_000, abs=60)


def test_the_mark_of_another_prompt_is_ignored() -> None:
    found = turn(1_000, Mark("old", 0), 12_000, Mark("p", 0), 1_000, prompt=Prompt("p"))
    assert isinstance(found.result, HungUp)
    assert found.timing.prompt_end_ms == 13_000


def test_a_caller_who_speaks_into_the_prompt_stops_it() -> None:
    prompt = Prompt("p")
    found = turn(1_000, spoken("four two one nine oh three"), 3_000, prompt=prompt)
    assert prompt.told == ["pause", "stop"]
    assert found.bargein
    assert value(found) == "421903"


def test_a_prompt_that_was_paused_for_noise_is_resumed_and_its_new_mark_counts() -> None:
    prompt = Prompt("p")
    noise = np.full(RATE // 5, 400, "<i2").tobytes()
    found = turn(1_000, noise, 2_000, Mark("again", 0), 12_000, prompt=prompt)
    assert prompt.told == ["pause", "resume"]
    assert found.timing.prompt_end_ms is not None


def test_text_and_hangups_end_a_turn() -> None:
    assert value(turn(100, Text("421903", 0))) == "421903"
    assert isinstance(turn(100, Hangup(0)).result, HungUp)
    assert isinstance(turn(300, spoken("four two"), Hangup(0)).result, HungUp)


def test_a_secret_turn_keeps_times_and_not_words() -> None:
    found = turn(300, spoken("four two one nine oh three"), 3_000, secret=True)
    assert value(found) == "421903"
    assert found.partials == ()
    assert "four" not in repr(found)
    assert "421903" not in repr(found)


def test_the_callers_level_is_known_only_after_a_spoken_match() -> None:
    async def listen(*parts: bytes | int) -> Listener:
        listener = Listener(alone(), FakeDetector(), InlineWorkers(), RATE)
        await collect(listener, Script(*parts), Prompt(), CollectOptions(NUMBER, Properties()), 0)
        return listener

    assert asyncio.run(listen(300, spoken("four two"), 5_000)).caller_db is None
    known = asyncio.run(listen(300, spoken("four two one nine oh three"), 5_000)).caller_db
    assert known is not None
    assert -40 < known < -20


def test_one_listener_serves_several_collects_in_turn() -> None:
    async def twice() -> list[Collected]:
        listener = Listener(alone(), FakeDetector(), InlineWorkers(), RATE)
        script = Script(300, spoken("four two"), 4_000, spoken("four two one nine oh three"), 3_000)
        listening = CollectOptions(NUMBER, Properties())
        first = await collect(listener, script, Prompt(), listening, 0)
        return [first, await collect(listener, script, Prompt(), listening, first.timing.end_ms)]

    first, second = asyncio.run(twice())
    assert isinstance(first.result, NoMatch)
    assert [one.value for one in first.result.partial] == ["42"]
    assert value(second) == "421903"


def test_engines_can_run_in_threads() -> None:
    async def threaded() -> Collected:
        with ThreadWorkers(2) as workers:
            listener = Listener(alone(), FakeDetector(), workers, RATE)
            script = Script(300, spoken("four two one nine oh three"), 3_000)
            return await collect(
                listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0
            )

    assert value(asyncio.run(threaded())) == "421903"


def test_a_fault_of_a_worker_reaches_the_caller_of_the_function() -> None:
    async def fails() -> None:
        with ThreadWorkers(1) as workers:
            await workers.run(lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fails())


FILLERS = ("_b _eh _d", "_k _ae _t")


class Keeper(FakeRecognizer):
    """Keeps the phrase lists that it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, ...]] = []

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> FakeRecognition:
        self.told.append(tuple(phrases))
        return super().start(phrases, rate, max_nbest, wide=wide)


def test_the_filler_pass_decodes_the_same_audio_again_at_the_end() -> None:
    recognizer = Keeper()
    listener = Listener(alone(recognizer, FILLERS), FakeDetector(), InlineWorkers(), RATE)
    script = Script(spoken("four two one nine oh three"), 1_000)
    collected = asyncio.run(
        collect(listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0)
    )
    assert value(collected) == "421903"
    *_, among = recognizer.told
    assert set(among) >= {"_b _eh _d", "_k _ae _t", "four"}
    assert UNKNOWN not in among
    assert sum(set(FILLERS) <= set(told) for told in recognizer.told) == 1


def test_fillers_keep_up_with_an_answer_that_is_close() -> None:
    pieces: list[int] = []

    class Counting(FakeRecognition):
        def accept(self, frame: AudioFrame) -> tuple[str, ...]:
            pieces.append(len(frame.pcm))
            return super().accept(frame)

    class Counted(FakeRecognizer):
        def start(
            self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
        ) -> FakeRecognition:
            among = set(FILLERS) <= set(phrases)
            return Counting(()) if among else FakeRecognition(())

    listener = Listener(alone(Counted(), FILLERS), FakeDetector(), InlineWorkers(), RATE)
    script = Script(spoken("four two one nine oh three"), 1_000)
    asyncio.run(collect(listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0))
    before, *later = pieces
    piece = RATE * 40 // 1000 * 2
    assert before > 10 * piece
    assert later
    assert max(later) <= piece


@pytest.mark.parametrize(
    ("field", "wide"),
    [
        ("digits.grxml?length=6", True),
        ("digits.grxml?length=6&alphabet=23456789", True),
        ("digits.grxml?length=1", True),
        ("menu.grxml", False),
        ("yesno.grxml", False),
    ],
)
def test_distant_alternatives_are_searched_when_that_is_cheap(field: str, wide: bool) -> None:
    grammars = active(field, "universals.grxml")
    asked: list[tuple[int, bool]] = []

    class Noting(FakeRecognizer):
        def start(
            self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
        ) -> FakeRecognition:
            asked.append((max_nbest, wide))
            return super().start(phrases, rate, max_nbest)

    listener = Listener(alone(Noting()), FakeDetector(), InlineWorkers(), RATE)
    script = Script(spoken("one"), 5_000)
    properties = Properties(max_nbest=3, max_nbest_digits=20)
    asyncio.run(collect(listener, script, Prompt(), CollectOptions(grammars, properties), 0))
    assert set(asked) == {(20 if wide else 3, wide)}


def test_a_turn_reports_the_passes_of_its_recognition_and_their_time() -> None:
    found = turn(500, spoken("four two one"), 700, spoken("nine oh three"), 3_000)
    told = [text for _, text in found.timeline if text.startswith("heard in")]
    assert told == ["heard in 2 passes, 0 ms"]


def test_an_entry_of_keys_takes_no_recognition_pass() -> None:
    found = turn(300, *(Dtmf(key, 0) for key in "421903"), 300)
    assert not [text for _, text in found.timeline if "pass" in text]


def test_without_fillers_nothing_is_decoded_twice() -> None:
    recognizer = Keeper()
    listener = Listener(alone(recognizer), FakeDetector(), InlineWorkers(), RATE)
    script = Script(spoken("four two one nine oh three"), 1_000)
    asyncio.run(collect(listener, script, Prompt(), CollectOptions(NUMBER, Properties()), 0))
    assert set(recognizer.told) == {NUMBER.phrases()}
