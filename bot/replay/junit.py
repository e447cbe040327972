"""JUnit XML, the format in which build servers read test results.

There is no standard; this is the common subset accepted by Jenkins, GitLab, and GitHub's reporters:
testsuites > testsuite > properties?, testcase* > failure | error | skipped | system-out.

junitparser was weighed: it would take away the counting, and leave the cleaning of characters that
XML cannot hold, whole files, the file of a case, and times in three decimals to us.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from bot.atomic_file import write_whole

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot represent, not even escaped."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call.

    ``failures`` are expectations that did not hold, ``error`` is why the call could not be made,
    and ``skipped`` why it was not made. ``output`` is shown unchanged. ``classname`` groups cases.
    """

    name: str
    classname: str
    seconds: float
    failures: tuple[str, ...] = ()
    error: str | None = None
    skipped: str | None = None
    file: str | None = None
    output: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one run; ``started`` is an ISO time."""

    name: str
    started: str
    cases: Sequence[Case]
    seconds: float
    properties: Mapping[str, str] = field(default_factory=dict)


def junit_xml(suite: Suite) -> str:
    """The whole document."""
    counts = {
        "tests": len(suite.cases),
        "failures": sum(bool(case.failures) and case.error is None for case in suite.cases),
        "errors": sum(case.error is not None for case in suite.cases),
        "skipped": sum(case.skipped is not None for case in suite.cases),
    }
    totals = {name: str(count) for name, count in counts.items()} | {"time": _time(suite.seconds)}
    root = ElementTree.Element("testsuites", {"name": _clean(suite.name), **totals})
    element = ElementTree.SubElement(
        root,
        "testsuite",
        {"name": _clean(suite.name), **totals, "timestamp": _clean(suite.started)},
    )
    if suite.properties:
        properties = ElementTree.SubElement(element, "properties")
        for name, value in suite.properties.items():
            pair = {"name": _clean(name), "value": _clean(value)}
            ElementTree.SubElement(properties, "property", pair)
    for case in suite.cases:
        _add(element, case)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def write_junit(path: Path, suite: Suite) -> None:
    """Write the whole document or nothing. Raises OSError."""
    write_whole(path, junit_xml(suite).encode())


def _add(suite: ElementTree.Element, case: Case) -> None:
    names = {"name": _clean(case.name), "classname": _clean(case.classname)}
    file = {"file": _clean(case.file)} if case.file is not None else {}
    element = ElementTree.SubElement(
        suite, "testcase", {**names, **file, "time": _time(case.seconds)}
    )
    if case.error is not None:
        _tell(element, "error", "error", case.error)
    elif case.failures:
        _tell(element, "failure", "expectation", "\n".join(case.failures))
    if case.skipped is not None:
        ElementTree.SubElement(element, "skipped", {"message": _clean(case.skipped)})
    if case.output:
        ElementTree.SubElement(element, "system-out").text = _clean(case.output)


def _tell(case: ElementTree.Element, name: str, kind: str, text: str) -> None:
    """Add an element with the first line as its message and everything as its text."""
    message = _clean(text.partition("\n")[0])
    ElementTree.SubElement(case, name, {"message": message, "type": kind}).text = _clean(text)


def _time(seconds: float) -> str:
    return f"{max(0.0, seconds):.3f}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
