"""Which tests call which functions of a file: a fault in a function is tried on those alone."""

from __future__ import annotations

import ast
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

import pytest

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

WHOLE_MODULE = 0
"""Stands in place of a function's first line where something is no function's alone."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What one run of a file's tests has shown."""

    seconds: dict[str, float]
    """How long each test took, in the order in which they ran."""
    callers: dict[int, set[str]]
    """By a function's first line: the tests that called it."""
    early: set[int]
    """Functions that ran when tests were collected."""

    def function_at(self, source: str, line: int) -> int:
        """The function of a line, unless what it did may be left from before the tests."""
        function = function_at(source, line)
        return WHOLE_MODULE if function in self.early else function

    def tests_of(self, source: str, line: int) -> list[str]:
        """The tests for a fault in this line: file by file as they ran, the quickest first."""
        function = self.function_at(source, line)
        names = list(self.seconds)
        if function != WHOLE_MODULE:
            called = self.callers.get(function, set())
            names = [name for name in names if name in called]
        files = {name.split("::")[0]: None for name in self.seconds}
        rank = {file: index for index, file in enumerate(files)}
        return sorted(names, key=lambda name: (rank[name.split("::")[0]], self.seconds[name]))


def function_at(source: str, line: int) -> int:
    """The first line, decorators included, of the innermost function with this line in its body.

    What is evaluated with the module, what a cache may keep for later tests, and one of several
    functions of one name, is no function's alone.
    """
    functions = dict(_functions(ast.parse(source)))
    around = [node for node in functions if node.body[0].lineno <= line <= (node.end_lineno or 0)]
    names = Counter(functions.values())
    if any(names[functions[node]] > 1 or _is_cached(node) for node in around):
        return WHOLE_MODULE
    return max(map(_first_line, around), default=WHOLE_MODULE)


def _functions(node: ast.AST, name: str = "") -> Iterator[tuple[Function, str]]:
    """Every function with its qualified name."""
    for child in ast.iter_child_nodes(node):
        inner = f"{name}.{child.name}" if isinstance(child, Function | ast.ClassDef) else name
        if isinstance(child, Function):
            yield child, inner
        yield from _functions(child, inner)


def _first_line(function: Function) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _is_cached(function: Function) -> bool:
    return any("cache" in ast.unparse(each) for each in function.decorator_list)


class Tracer:
    """A plugin of pytest that sees which functions of a file are called, and by which tests."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._tests: list[str] = []
        self._now: list[str] = []
        self._seconds: dict[str, float] = {}
        self._callers: dict[int, set[str]] = {}
        self._early: set[int] = set()
        sys.settrace(self._trace)

    def stop(self) -> None:
        """What was called so far was called early."""
        sys.settrace(None)
        self._early = set(self._callers)

    def start(self, tests: Sequence[str]) -> None:
        """Watch these tests, whose functions have the code of ``marked``."""
        self._tests = list(tests)
        _watching.append(self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """A fixture may serve all tests of its file."""
        file = item.nodeid.split("::")[0]
        self._now = [test for test in self._tests if test.startswith(f"{file}::")]
        yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """What is called now is called by one test."""
        self._now = [item.nodeid]
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up set-up, call and what comes after it."""
        before = self._seconds.get(report.nodeid, 0.0)
        self._seconds[report.nodeid] = before + report.duration

    def write(self, path: Path) -> None:
        """Write it all down."""
        _watching.clear()
        callers = {line: sorted(tests) for line, tests in self._callers.items() if tests}
        told = {"seconds": self._seconds, "callers": callers, "early": sorted(self._early)}
        path.write_text(json.dumps(told))

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Calls alone: no line of the called function is followed."""
        if event == "call" and frame.f_code.co_filename == self._file:
            self.called(frame.f_code.co_firstlineno)

    def called(self, first_line: int) -> None:
        """A function was called, by the tests of this moment."""
        self._callers.setdefault(first_line, set()).update(self._now)


_watching: list[Tracer] = []


def called(first_line: int) -> None:
    """What each function of ``marked`` does first."""
    for tracer in _watching:
        tracer.called(first_line)


def marked(source: str) -> str:
    """The source with a call of ``called`` at the beginning of each function.

    It costs a run of the tests next to nothing, which tracing every call in the process does not.
    """
    tree = ast.parse(source)
    for function, _ in _functions(tree):
        line = _first_line(function)
        mark = f"__import__({__name__!r}, fromlist=['called']).called({line})"
        function.body[:0] = ast.parse(mark).body
    return ast.unparse(tree)


def read(path: Path) -> Traced:
    """What a tracer wrote."""
    told = json.loads(path.read_text())
    callers = {int(line): set(tests) for line, tests in told["callers"].items()}
    return Traced(told["seconds"], callers, set(told["early"]))


class Only:
    """A plugin of pytest that runs these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._rank = {test: index for index, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        chosen = [item for item in items if item.nodeid in self._rank]
        items[:] = sorted(chosen, key=lambda item: self._rank[item.nodeid])
