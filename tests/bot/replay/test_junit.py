"""JUnit XML: what build servers count is what happened."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from bot.replay.junit import Case, Suite, junit_xml, write_junit

pytestmark = pytest.mark.unit

CASES = (
    Case("keyed", "replay.basic", 1.25, file="calls/keyed.yaml"),
    Case(
        "spoken",
        "replay.basic",
        2.0,
        failures=("turn 2: value is 421503, not 421903", "outcome is gave-up, not completed"),
        output="0.12 s ELMS Thank you for calling",
    ),
    Case("broken", "replay.basic", 0.0, error="call.yaml:3: there is no file a.wav"),
    Case("later", "replay.more", 0.0, skipped="the run was stopped"),
)
SUITE = Suite("replay", "2022-06-14T15:04:05+00:00", CASES, 3.3, {"model": "telephone"})

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}
REQUIRED = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}


def check(element: Element) -> None:
    """Only known elements in their places, with the attributes that readers ask for."""
    assert set(element.attrib) >= REQUIRED.get(element.tag, set())
    assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    for child in element:
        check(child)


def parsed(suite: Suite) -> Element:
    root: Element = fromstring(junit_xml(suite).encode())
    check(root)
    return root


def test_the_structure_is_that_of_junit_readers() -> None:
    (suite,) = parsed(SUITE)
    assert [child.tag for child in suite] == ["properties", *["testcase"] * 4]


def test_counts_are_of_cases_and_not_of_failures_in_them() -> None:
    for element in (parsed(SUITE), parsed(SUITE)[0]):
        counts = [element.get(name) for name in ("tests", "failures", "errors", "skipped", "time")]
        assert counts == ["4", "1", "1", "1", "3.300"]


def test_a_failed_case_has_expected_and_actual_values() -> None:
    case = parsed(SUITE)[0][2]
    (failure,) = case.findall("failure")
    assert failure.get("message") == "turn 2: value is 421503, not 421903"
    assert failure.text == "\n".join(CASES[1].failures)
    assert case.findtext("system-out") == "0.12 s ELMS Thank you for calling"


def test_a_call_that_could_not_be_made_is_an_error() -> None:
    case = parsed(SUITE)[0][3]
    assert [child.tag for child in case] == ["error"]
    assert case[0].get("message") == "call.yaml:3: there is no file a.wav"


def test_a_run_without_calls_is_a_document() -> None:
    assert parsed(Suite("replay", "now", (), 0.0)).get("tests") == "0"


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_can_be_written(text: str) -> None:
    case = Case(text, text, 0.1, failures=(text,), file=text, output=text)
    root = parsed(Suite(text, text, (case,), 0.1, {text: text}))
    assert root.get("tests") == "1"


def test_the_file_is_complete_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "out" / "junit.xml"
    write_junit(path, SUITE)
    assert path.read_text("utf-8") == junit_xml(SUITE)
    assert [one.name for one in path.parent.iterdir()] == ["junit.xml"]
