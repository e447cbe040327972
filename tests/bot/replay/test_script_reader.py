"""Replay scripts: what they can say, and how plainly a wrong one is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ScriptError
from bot.replay.script import (
    HangUp,
    LineSetup,
    Noise,
    PlayFile,
    PressKeys,
    SayText,
    Script,
    StaySilent,
    TurnExpectation,
)
from bot.replay.script_reader import find_scripts, read_script

pytestmark = pytest.mark.unit

SMALLEST = """\
name: A caller hangs up
turns:
  - hangup: true
expect:
  outcome: hangup
"""

WHOLE = """\
name: Half a number is said, the other half keyed
description: Words and keys make one entry.
line:
  rate: 16000
  keys: tones
  profile: telephone
backend: slow
time: 2022-06-14T10:30:00-05:00
condition:
  noise: babble.flac
  snr_db: 10
turns:
  - audio: voices/half.flac
    after_ms: 900
  - keys: 0 03
    gap_ms: 120
    sent: out-of-band
    during_prompt_ms: 300
    expect:
      field: license_number
      result: match
      value: 421003
      mode: mixed
      bargein: true
      reply_ms: 300
      prompt: licen[sc]e number
  - say: yes
    voice: gmw/en-US
    rate: 140
  - silence_ms: 12000
    expect: {result: noinput}
  - keys: "5827"
    expect: {field: pin, value: hidden}
  - keys: "1"
    if_heard: is that right
  - hangup: true
expect:
  outcome: hangup
  reason: caller left at menu
  verified: true
  asked: [license_number accept, menu hangup]
  spoken: ["Is that   right"]
  in_order: [welcome, PIN]
  not_spoken: [representative]
  max_turns: 6
  max_ms: 90000
"""


def script(folder: Path, text: str) -> Script:
    path = folder / "call.yaml"
    path.write_text(text, "utf-8")
    return read_script(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ScriptError) as refused:
        script(folder, text)
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith(str(folder / "call.yaml"))
    return message.removeprefix(str(folder / "call.yaml"))


def test_omitted_keys_have_defaults(tmp_path: Path) -> None:
    read = script(tmp_path, SMALLEST)
    assert read.line == LineSetup(8_000, "out-of-band", "plain")
    assert (read.backend, read.at, read.noise, read.description) == ("seeded", None, None, "")
    (turn,) = read.turns
    assert turn.act == HangUp()
    assert (turn.after_ms, turn.during_prompt_ms, turn.line) == (400, None, 3)
    assert turn.expect == TurnExpectation()
    assert read.expect.outcome == "hangup"
    assert read.expect.verified is None


def test_every_key_of_a_script_is_read(tmp_path: Path) -> None:
    for file in ("babble.flac", "voices/half.flac"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    read = script(tmp_path, WHOLE)
    assert read.line == LineSetup(16_000, "tones", "telephone")
    assert read.backend == "slow"
    assert read.at == datetime(2022, 6, 14, 15, 30, tzinfo=UTC)
    assert read.noise == Noise(tmp_path / "babble.flac", 10.0)
    assert [turn.act for turn in read.turns] == [
        PlayFile(tmp_path / "voices/half.flac"),
        PressKeys("003", 120, "out-of-band"),
        SayText("yes", "gmw/en-US", 140),
        StaySilent(12_000),
        PressKeys("5827"),
        PressKeys("1"),
        HangUp(),
    ]
    condition = read.turns[5].if_heard
    assert condition is not None
    assert condition.search("I heard that. Is that right?")
    assert [turn.after_ms for turn in read.turns[:2]] == [900, 400]
    assert read.turns[1].during_prompt_ms == 300
    wanted = read.turns[1].expect
    assert (wanted.field, wanted.result, wanted.value) == ("license_number", "match", "421003")
    assert wanted.prompt is not None
    assert wanted.prompt.search("your License number")
    assert (wanted.bargein, wanted.reply_ms) == (True, 300)
    expect = read.expect
    assert expect.spoken == ("Is that right",)
    assert (expect.verified, expect.reason) == (True, "caller left at menu")
    assert expect.asked == ("license_number accept", "menu hangup")
    assert (expect.in_order, expect.not_spoken) == (("welcome", "PIN"), ("representative",))
    assert (expect.max_turns, expect.max_ms) == (6, 90_000)


def test_a_turn_can_start_after_the_end_of_the_one_before(tmp_path: Path) -> None:
    text = SMALLEST.replace(
        "- hangup: true", "- keys: 42\n  - say: one\n    after_previous_ms: 900"
    )
    first, second = script(tmp_path, text).turns
    assert (first.after_previous_ms, second.after_previous_ms) == (None, 900)


def test_no_repr_shows_spoken_text_or_keys(tmp_path: Path) -> None:
    text = SMALLEST.replace("- hangup: true", '- keys: "5827"\n  - say: five eight two seven')
    shown = repr(script(tmp_path, text))
    assert "5827" not in shown
    assert "five eight" not in shown


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        (
            "hangup: true",
            "hangpu: true",
            ":3: turn 1: unknown name 'hangpu'; did you mean hang",
        ),
        ("hangup: true", "say: one\n    keys: 1", ":3: turn 1: exactly one of audio, say, keys"),
        ("hangup: true", "after_ms: 4", ":3: turn 1: exactly one of audio, say, keys"),
        ("hangup: true", "hangup: false", ":3: turn 1: hangup: false has no effect"),
        ("hangup: true", "hangup: maybe", ":3: turn 1: expected true or false, not 'maybe'"),
        ("hangup: true", "audio: no.wav", ":3: turn 1: file no.wav does not exist"),
        ("hangup: true", "keys: 12a", ":3: turn 1: keys may only contain 0123456789*#"),
        (
            "hangup: true",
            "keys: 1\n    voice: x",
            ":4: turn 1: voice is only allowed in a turn with say",
        ),
        ("hangup: true", "say: ''", ":3: turn 1: expected text, but this is empty"),
        ("hangup: true", "say: [one]", ":3: turn 1: expected text"),
        ("hangup: true", "say: one\n    rate: 900", ":4: turn 1: 900 is not between 80 and 300"),
        ("hangup: true", "silence_ms: long", ":3: turn 1: expected a number, not 'long'"),
        ("hangup: true", "silence_ms: 1.5", ":3: turn 1: expected a number, not '1.5'"),
        (
            "hangup: true",
            "keys: 1\n    after_ms: 1\n    during_prompt_ms: 1",
            ":3: turn 1: after_ms and during_prompt_ms cannot be combined",
        ),
        (
            "hangup: true",
            "keys: 1\n    after_previous_ms: 1\n    during_prompt_ms: 1",
            ":3: turn 1: during_prompt_ms and after_previous_ms cannot be combined",
        ),
        (
            "hangup: true",
            "keys: 1\n    after_previous_ms: 1",
            ":3: turn 1: after_previous_ms is not allowed in the first turn",
        ),
        (
            "hangup: true",
            "keys: 1\n    expect: {field: pin, value: 5827}",
            ":4: turn 1: entries of pin are never kept; write value: hidden",
        ),
        (
            "hangup: true",
            "keys: 1\n    expect: {prompt: '('}",
            ":4: turn 1: '(' is not a valid regular expression",
        ),
        (
            "outcome: hangup",
            "outcome: hangup\n  asked: [pin]",
            ":6: 'pin' must be a field",
        ),
        ("outcome: hangup", "outcome: bored", ":5: 'bored' is not one of completed, transferred"),
        ("outcome: hangup", "verified: true", ":5: outcome is missing"),
        ("outcome: hangup", "outcome: hangup\n  outcome: hangup", ":6: duplicate name outcome"),
        ("name: A caller hangs up\n", "", ":1: name is missing"),
        (
            "name: A caller hangs up",
            "name: A\nline: {rate: 44100}",
            ":2: '44100' is not one of 8000",
        ),
        ("name: A caller hangs up", "name: A\nline: fast", ":2: expected names with values"),
        ("name: A caller hangs up", "name: A\ntime: 2022-06-14 10:30", ":2: '2022-06-14 10:30' is"),
        (
            "name: A caller hangs up",
            "name: A\nbackend: gone",
            ":2: 'gone' is not one of seeded, down",
        ),
        ("name: A caller hangs up", "name: A\ncondition: {noise: x}", ":2: snr_db is missing"),
        ("  - hangup: true", "  []", ":3: a call needs at least one turn"),
        ("  - hangup: true", "  hangup: true", ":3: expected a list"),
        ("  - hangup: true", "  - [hangup", ":4: "),
        (SMALLEST, "", ":1: the file is empty"),
        (SMALLEST, "just words", ":1: expected names with values"),
        (SMALLEST, "[" * 5_000, ":1: is nested too deeply"),
        (SMALLEST, "a: !!python/name:os.system ''", ":1: unknown name 'a'"),
    ],
)
def test_an_invalid_script_is_refused_with_its_line(
    tmp_path: Path, wrong: str, right: str, complaint: str
) -> None:
    assert wrong in SMALLEST
    assert refusal(tmp_path, SMALLEST.replace(wrong, right)).startswith(complaint)


def test_a_refusal_of_a_pin_does_not_repeat_it(tmp_path: Path) -> None:
    turn = "keys: 1\n    expect: {field: pin, value: 5827}"
    assert "5827" not in refusal(tmp_path, SMALLEST.replace("hangup: true", turn))


def test_invalid_keys_are_not_repeated(tmp_path: Path) -> None:
    assert "58x7" not in refusal(tmp_path, SMALLEST.replace("hangup: true", "keys: 58x7"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name: \x00", b"a" * 1_000_001])
def test_a_binary_script_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "call.yaml"
    path.write_bytes(content)
    with pytest.raises(ScriptError):
        read_script(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="nameturns:expct- \n[]{}&*!'\"#|>0123", max_size=120))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str) -> None:
    try:
        script(tmp_path, text)
    except ScriptError as refused:
        assert "\n" not in str(refused)


def test_a_folder_gives_every_script_at_any_depth_in_order_and_once(tmp_path: Path) -> None:
    names = ("b.yaml", "a/2.yaml", "a/10.yaml", "a/notes.txt")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_scripts([tmp_path / "b.yaml", tmp_path])
    assert [str(one.relative_to(tmp_path)) for one in found] == ["b.yaml", "a/10.yaml", "a/2.yaml"]


def test_a_path_without_scripts_is_refused(tmp_path: Path) -> None:
    for path, complaint in ((tmp_path, "has no scripts"), (tmp_path / "x", "does not exist")):
        with pytest.raises(ScriptError, match=complaint):
            find_scripts([path])


def test_every_example_of_the_documentation_is_a_script(tmp_path: Path, project: Path) -> None:
    text = (project / "docs" / "replay.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        for name in re.findall(r"[\w/]+\.flac", example):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        assert script(tmp_path, example).turns


def test_the_documentation_names_every_key(project: Path) -> None:
    text = (project / "docs" / "replay.md").read_text("utf-8")
    for key in re.findall(r"^ *-? ?(\w+):", WHOLE, re.MULTILINE):
        assert f"`{key}`" in text, key
