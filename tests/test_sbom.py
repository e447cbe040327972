"""The bill of materials: valid, complete, the same each time, and silent about who made it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.sbom import document
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.unit, pytest.mark.timeout(600)]  # loading the validator takes seconds

EPOCH = "1800000000"
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def written() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOURCE_DATE_EPOCH", EPOCH)
        yield document()


@pytest.fixture(scope="module")
def bom(written: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(written)
    return read


def test_the_bill_of_materials_is_valid_cyclonedx(written: str) -> None:
    """By the schema that comes with the library; nothing is fetched."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415  takes a second

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None


def test_the_bill_of_materials_describes_this_version(bom: dict[str, Any]) -> None:
    described = bom["metadata"]["component"]
    assert (described["name"], described["version"]) == ("elms-ivr", "0.1.0")
    assert described["licenses"][0]["license"]["id"] == "Apache-2.0"
    assert bom["metadata"]["timestamp"] == "2027-01-15T08:00:00+00:00"


def test_the_bill_of_materials_has_every_requirement_with_its_hashes(
    project: Path, bom: dict[str, Any]
) -> None:
    lock = (project / "requirements" / "service.txt").read_text("utf-8")
    assert {each["name"]: each["version"] for each in bom["components"]} == dict(PIN.findall(lock))
    hashes = {
        each["content"]
        for component in bom["components"]
        for reference in component["externalReferences"]
        for each in reference["hashes"]
    }
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", lock))


def test_every_component_has_a_license(bom: dict[str, Any]) -> None:
    assert [each["name"] for each in bom["components"] if not each.get("licenses")] == []
    stated = {each["name"]: json.dumps(each["licenses"]) for each in bom["components"]}
    assert "GPL-3.0-or-later" in stated["espeakng-loader"]
    assert "LGPL-3.0-only" in stated["psycopg"]


def test_every_component_is_required_by_something(bom: dict[str, Any]) -> None:
    names = {each["bom-ref"]: each["name"] for each in bom["components"]}
    requires = {
        names.get(each["ref"], "elms-ivr"): {names[one] for one in each.get("dependsOn", [])}
        for each in bom["dependencies"]
    }
    assert {"vosk", "fastapi", "psycopg"} <= requires["elms-ivr"]
    assert "psycopg-binary" in requires["elms-ivr"] | requires["psycopg"]
    assert "cffi" in requires["vosk"]
    assert set(names.values()) - set().union(*requires.values()) == set()


def test_the_command_writes_the_same_again(project: Path, written: str, tmp_path: Path) -> None:
    file = tmp_path / "dist" / "elms-ivr.cdx.json"
    run = subprocess.run(
        [sys.executable, "-m", "scripts.sbom", str(file)],
        cwd=project,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{file}\n", "")
    assert file.read_text("utf-8") == written


def test_the_bill_of_materials_has_nothing_of_its_machine(project: Path, written: str) -> None:
    assert str(project) not in written
    assert "file:" not in written
    assert str(Path.home()) not in written
