"""Files made to hurt are refused in one line, whatever depth or size they claim."""

from __future__ import annotations

import shutil
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.resources import PROJECT
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.audio

MODEL = PROJECT / "bot" / "models" / "telephone"
SPEECH = FIXTURES / "8k" / "license_a.flac"
DEEP = 3_000
SRGS = 'xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en-US" mode="voice"'


@dataclass(frozen=True)
class Odd:
    """A file or folder, the command that is given it, and what its one line has to say."""

    make: Callable[[Path], list[str | Path]]
    says: str


def _wav(folder: Path, *chunks: bytes) -> list[str | Path]:
    body = b"WAVE" + b"".join(chunks)
    (folder / "odd.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return ["tones", folder / "odd.wav"]


def _chunk(name: bytes, size: int, content: bytes = b"") -> bytes:
    return name + struct.pack("<I", size) + content


def _grammar(folder: Path, text: str | bytes, rule: str = "menu") -> list[str | Path]:
    grammars = folder / "grammars"
    shutil.copytree(PROJECT / "grammars", grammars)
    content = text.encode() if isinstance(text, str) else text
    (grammars / f"{rule}.grxml").write_bytes(content)
    return ["grammar", "check", "--grammars", grammars]


def _rule_chain(rules: int) -> str:
    links = (f'<rule id="r{n}"><ruleref uri="#r{n + 1}"/></rule>' for n in range(rules))
    return f'<grammar {SRGS} root="r0">{"".join(links)}<rule id="r{rules}">yes</rule></grammar>'


def _nested_items(levels: int) -> str:
    inside = "<item>" * levels + "yes" + "</item>" * levels
    return f'<grammar {SRGS} root="r"><rule id="r">{inside}</rule></grammar>'


def _prompts(folder: Path, text: str | bytes) -> list[str | Path]:
    prompts = folder / "prompts"
    shutil.copytree(PROJECT / "prompts", prompts)
    (prompts / "zodd.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "settings.toml").write_text(f'prompts = "{prompts}"\n')
    return ["say", "--settings", folder / "settings.toml"]


def _settings(folder: Path, text: str) -> list[str | Path]:
    (folder / "settings.toml").write_text(text)
    return ["say", "--settings", folder / "settings.toml"]


def _script(folder: Path, text: str) -> list[str | Path]:
    (folder / "odd.yaml").write_text(text)
    return ["replay", folder / "odd.yaml", "--out", folder / "out"]


def _model(folder: Path, break_it: Callable[[Path], None]) -> list[str | Path]:
    model = folder / "model"
    shutil.copytree(MODEL, model)
    break_it(model)
    (folder / "settings.toml").write_text(f'model = "{model}"\n')
    return ["recognize", SPEECH, "--grammar", "yesno", "--settings", folder / "settings.toml"]


def _cut(name: str) -> Callable[[Path], None]:
    def cut(model: Path) -> None:
        whole = (model / name).read_bytes()
        (model / name).write_bytes(whole[: len(whole) // 2])

    return cut


def _remove(name: str) -> Callable[[Path], None]:
    return lambda model: (model / name).unlink()


FORMAT = struct.pack("<HHIIHH", 1, 1, 8_000, 16_000, 2, 16)

ODD = {
    "a format chunk of 4 GiB": Odd(
        lambda folder: _wav(folder, _chunk(b"fmt ", 0xFFFF_FFF0, FORMAT)), "odd.wav"
    ),
    "data of 1 GiB that are not there": Odd(
        lambda folder: _wav(
            folder, _chunk(b"fmt ", 16, FORMAT), _chunk(b"data", 1 << 30, bytes(64))
        ),
        "odd.wav",
    ),
    "ten thousand chunks": Odd(
        lambda folder: _wav(folder, *[_chunk(b"junk", 0)] * 10_000), "odd.wav"
    ),
    "1,500 rules in a chain": Odd(
        lambda folder: _grammar(folder, _rule_chain(1_500), "pin"), "more than 32 nested rules"
    ),
    "3,000 elements in one another": Odd(
        lambda folder: _grammar(folder, _nested_items(DEEP)), "menu.grxml"
    ),
    "a grammar in UTF-7": Odd(
        lambda folder: _grammar(
            folder, f'<?xml version="1.0" encoding="utf-7"?>{_rule_chain(1)}'.encode("utf-7")
        ),
        "use UTF-8",
    ),
    "a grammar in a codec that is none for text": Odd(
        lambda folder: _grammar(folder, f'<?xml version="1.0" encoding="zip"?>{_rule_chain(1)}'),
        "use UTF-8",
    ),
    "a grammar of 1 MiB": Odd(lambda folder: _grammar(folder, " " * (1 << 20)), "menu.grxml"),
    "prompts nested 3,000 deep": Odd(
        lambda folder: _prompts(folder, f"a: {'[' * DEEP}{']' * DEEP}\n"), "zodd.yaml"
    ),
    "prompts of mappings 3,000 deep": Odd(
        lambda folder: _prompts(folder, f"{'{a: ' * DEEP}1{'}' * DEEP}\n"), "zodd.yaml"
    ),
    "prompts that name themselves": Odd(
        lambda folder: _prompts(folder, "a: &a [*a, *a]\n"), "zodd.yaml"
    ),
    "prompts that are no text": Odd(
        lambda folder: _prompts(folder, b"\xff\xfe\x00a: \x81"), "zodd.yaml"
    ),
    "settings nested 3,000 deep": Odd(
        lambda folder: _settings(folder, f"model = {'[' * DEEP}{']' * DEEP}\n"), "settings"
    ),
    "a table 3,000 names deep": Odd(
        lambda folder: _settings(folder, f"[{'.'.join('a' * DEEP)}]\n"),
        "nested too deeply" if sys.version_info >= (3, 14) else "no setting",
    ),
    "a script nested 3,000 deep": Odd(
        lambda folder: _script(folder, f"name: x\nturns: {'[' * DEEP}{']' * DEEP}\n"), "odd.yaml"
    ),
    "a model without words.txt": Odd(
        lambda folder: _model(folder, _remove("graph/words.txt")), "words.txt"
    ),
    "a second model without words.txt": Odd(
        lambda folder: _model(folder, _remove("second/graph/words.txt")), "words.txt"
    ),
    "half a second model": Odd(
        lambda folder: _model(folder, _cut("second/am/final.mdl")), "second"
    ),
    "half a second graph": Odd(
        lambda folder: _model(folder, _cut("second/graph/HCLr.fst")), "second"
    ),
    "half a spotter": Odd(lambda folder: _model(folder, _cut("spotter.onnx")), "spotter.onnx"),
    "half a confidence": Odd(
        lambda folder: _model(folder, _cut("confidence.json")), "confidence.json"
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_unusable_file_is_refused_in_one_line_that_names_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ODD[name].make(tmp_path)
    monkeypatch.setattr(sys, "argv", ["elms-ivr", *map(str, arguments)])
    monkeypatch.chdir(PROJECT)
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert ended.value.code == 1
    lines = [line for line in err.splitlines() if line.startswith("elms-ivr: ")] or out.splitlines()
    assert ODD[name].says in " ".join(lines), (out, err)
    assert "Traceback" not in out + err
    assert max(map(len, lines)) < 700


@pytest.mark.parametrize("slot", ["number=" + "7" * 10_000, "number=" + "9" * 4_301])
def test_a_number_of_any_length_is_spoken_or_refused_in_one_line(
    slot: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["say", "license_number.confirm", slot, "--out", str(tmp_path / "said.wav")]
    monkeypatch.setattr(sys, "argv", ["elms-ivr", *arguments])
    monkeypatch.chdir(PROJECT)
    with pytest.raises(SystemExit) as ended:
        main()
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1
    assert len(lines) == 1
    assert len(lines[0]) < 700
