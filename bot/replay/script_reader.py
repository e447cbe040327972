"""Reads and checks whole replay scripts, including the files they name, before any call begins.

Nodes are read one by one instead of by pydantic models: every error names its line, scalars stay as
they were written (``keys: 0042``), and most rules involve several members of one turn. Models would
need a second map from positions to lines, and validators for the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import get_args

from bot.clock import YEARS
from bot.elms.login import SECRET_FIELDS
from bot.errors import ScriptError
from bot.replay.script import (
    ANSWERED,
    HIDDEN_VALUE,
    Act,
    Backend,
    CallExpectation,
    HangUp,
    KeysAs,
    LineSetup,
    Noise,
    PlayFile,
    PressKeys,
    Profile,
    SayText,
    Script,
    ScriptTurn,
    StaySilent,
    TurnExpectation,
    TurnResult,
)
from bot.strict_yaml import Node, read_yaml
from bot.types import KEYS, Mode, Outcome

LONGEST_MS = 600_000


def find_scripts(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The scripts in files and folders (*.yaml, at any depth), sorted by name, without duplicates.

    Raises ScriptError for a missing path or a folder without scripts.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.yaml"))
            if not inside:
                raise ScriptError(f"{path}: the folder has no scripts (*.yaml)")
            found.update(dict.fromkeys(inside))
        elif path.is_file():
            found[path] = None
        else:
            raise ScriptError(f"{path}: file or folder does not exist")
    return tuple(found)


def read_script(path: Path) -> Script:
    """Read one script. Raises ScriptError, one line with file, line, and turn."""
    has = read_yaml(path).mapping(
        ("name", "description", "line", "backend", "time", "condition", "turns", "expect"),
        required=("name", "turns", "expect"),
    )
    turns = has["turns"].items("turn")
    if not turns:
        raise has["turns"].error("a call needs at least one turn")
    read = tuple(_turn(node) for node in turns)
    if read[0].after_previous_ms is not None:
        raise turns[0].error("after_previous_ms is not allowed in the first turn")
    return Script(
        path=path,
        name=has["name"].text(),
        description=has["description"].text() if "description" in has else "",
        line=_line(has["line"]) if "line" in has else LineSetup(),
        backend=has["backend"].choice(get_args(Backend)) if "backend" in has else "seeded",
        at=_moment(has["time"]) if "time" in has else None,
        noise=_noise(has["condition"]) if "condition" in has else None,
        turns=read,
        expect=_call_expectation(has["expect"]),
    )


def _line(node: Node) -> LineSetup:
    has = node.mapping(("rate", "keys", "profile"))
    return LineSetup(
        rate=int(has["rate"].choice(("8000", "16000"))) if "rate" in has else 8_000,
        keys=has["keys"].choice(get_args(KeysAs)) if "keys" in has else "out-of-band",
        profile=has["profile"].choice(get_args(Profile)) if "profile" in has else "plain",
    )


def _moment(node: Node) -> datetime:
    written = node.text()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None or moment.year not in YEARS:
        raise node.error(
            f"{written!r} is not a time with an offset, such as 2022-06-14T10:30-05:00"
        )
    return moment


def _noise(node: Node) -> Noise:
    has = node.mapping(("noise", "snr_db"), required=("noise", "snr_db"))
    return Noise(_file(has["noise"]), has["snr_db"].number(-20, 60))


def _file(node: Node) -> Path:
    """A path in the script, relative to the script's folder."""
    file = node.path.parent / node.text()
    if not file.is_file():
        raise node.error(f"file {node.text()} does not exist (paths are relative to the script)")
    return file


_ACTS = ("audio", "say", "keys", "silence_ms", "hangup")
_MOMENTS = ("after_ms", "during_prompt_ms", "after_previous_ms")
_MANNERS = {"voice": "say", "rate": "say", "gap_ms": "keys", "sent": "keys"}


def _turn(node: Node) -> ScriptTurn:
    has = node.mapping((*_ACTS, *_MANNERS, *_MOMENTS, "if_heard", "expect"))
    acts = [name for name in _ACTS if name in has]
    if len(acts) != 1:
        raise node.error(f"exactly one of {', '.join(_ACTS)} is required")
    for name, belongs in _MANNERS.items():
        if name in has and belongs not in has:
            raise has[name].error(f"{name} is only allowed in a turn with {belongs}")
    moments = [name for name in _MOMENTS if name in has]
    if len(moments) > 1:
        raise node.error(f"{' and '.join(moments)} cannot be combined")
    begins_ms = {name: has[name].whole(0, LONGEST_MS) for name in moments}
    return ScriptTurn(
        line=node.node.start_mark.line + 1,
        act=_act(acts[0], has),
        after_ms=begins_ms.get("after_ms", 400),
        during_prompt_ms=begins_ms.get("during_prompt_ms"),
        after_previous_ms=begins_ms.get("after_previous_ms"),
        if_heard=_pattern(has["if_heard"]) if "if_heard" in has else None,
        expect=_turn_expectation(has["expect"]) if "expect" in has else TurnExpectation(),
    )


def _act(name: str, has: dict[str, Node]) -> Act:
    node = has[name]
    match name:
        case "audio":
            return PlayFile(_file(node))
        case "say":
            rate = has["rate"].whole(80, 300) if "rate" in has else None
            return SayText(node.text(), has["voice"].text() if "voice" in has else None, rate)
        case "keys":
            return _keys(node, has)
        case "silence_ms":
            return StaySilent(node.whole(1, LONGEST_MS))
    if not node.truth():
        raise node.error("hangup: false has no effect; remove the turn")
    return HangUp()


def _keys(node: Node, has: dict[str, Node]) -> PressKeys:
    keys = node.text().replace(" ", "")
    if not set(keys) <= set(KEYS):
        raise node.error(f"keys may only contain {KEYS}")
    return PressKeys(
        keys,
        has["gap_ms"].whole(20, 60_000) if "gap_ms" in has else 90,
        has["sent"].choice(get_args(KeysAs)) if "sent" in has else None,
    )


def _turn_expectation(node: Node) -> TurnExpectation:
    has = node.mapping(("field", "result", "value", "mode", "prompt", "bargein", "reply_ms"))
    name = has["field"].text() if "field" in has else None
    value = has["value"].text() if "value" in has else None
    if name in SECRET_FIELDS and value not in {None, HIDDEN_VALUE}:
        raise has["value"].error(f"entries of {name} are never kept; write value: hidden")
    return TurnExpectation(
        field=name,
        result=has["result"].choice(get_args(TurnResult)) if "result" in has else None,
        value=value,
        mode=has["mode"].choice(get_args(Mode)) if "mode" in has else None,
        prompt=_pattern(has["prompt"]) if "prompt" in has else None,
        bargein=has["bargein"].truth() if "bargein" in has else None,
        reply_ms=has["reply_ms"].whole(0, LONGEST_MS) if "reply_ms" in has else None,
    )


def _pattern(node: Node) -> re.Pattern[str]:
    try:
        return re.compile(node.text(), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise node.error(f"{node.text()!r} is not a valid regular expression ({error})") from None


_OF_A_CALL = ("outcome", "reason", "verified", "asked", "spoken", "in_order", "not_spoken",
              "max_turns", "max_ms")  # fmt: skip


def _call_expectation(node: Node) -> CallExpectation:
    has = node.mapping(_OF_A_CALL, required=("outcome",))
    return CallExpectation(
        outcome=has["outcome"].choice(get_args(Outcome)),
        reason=has["reason"].text() if "reason" in has else None,
        verified=has["verified"].truth() if "verified" in has else None,
        asked=_asked(has["asked"]) if "asked" in has else None,
        spoken=_phrases(has["spoken"]) if "spoken" in has else (),
        in_order=_phrases(has["in_order"]) if "in_order" in has else (),
        not_spoken=_phrases(has["not_spoken"]) if "not_spoken" in has else (),
        max_turns=has["max_turns"].whole(1, 500) if "max_turns" in has else None,
        max_ms=has["max_ms"].whole(1, 10 * LONGEST_MS) if "max_ms" in has else None,
    )


def _asked(node: Node) -> tuple[str, ...]:
    for item in node.items():
        _, _, became = item.text().partition(" ")
        if became not in ANSWERED:
            raise item.error(
                f"{item.text()!r} must be a field followed by one of {', '.join(ANSWERED)}"
            )
    return _phrases(node)


def _phrases(node: Node) -> tuple[str, ...]:
    return tuple(" ".join(one.text().split()) for one in node.items())
