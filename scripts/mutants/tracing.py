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
"""Used instead of a function's first line for code that belongs to no single function."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What one run of a file's tests shows."""

    seconds: dict[str, float]
    """Duration of each test, in the order in which they ran."""
    callers: dict[int, set[str]]
    """The tests that called each function, by the function's first line."""
    early: set[int]
    """Functions that ran while tests were collected."""

    def function_at(self, source: str, line: int) -> int:
        """Return the function of a line, or WHOLE_MODULE if its effects may remain from before the
        tests."""
        function = function_at(source, line)
        return WHOLE_MODULE if function in self.early else function

    def tests_of(self, source: str, line: int) -> list[str]:
        """Return the tests for a fault in this line: files in the order they ran, quickest tests
        first."""
        function = self.function_at(source, line)
        names = list(self.seconds)
        if function != WHOLE_MODULE:
            called = self.callers.get(function, set())
            names = [name for name in names if name in called]
        files = {name.split("::")[0]: None for name in self.seconds}
        rank = {file: index for index, file in enumerate(files)}
        return sorted(names, key=lambda name: (rank[name.split("::")[0]], self.seconds[name]))


def function_at(source: str, line: int) -> int:
    """Return the first line, decorators included, of the innermost function with this line in its
    body.

    Return WHOLE_MODULE for code that is evaluated with the module, whose result a cache may keep
    for later tests, or that belongs to one of several functions with the same name.
    """
    functions = dict(_functions(ast.parse(source)))
    around = [node for node in functions if node.body[0].lineno <= line <= (node.end_lineno or 0)]
    names = Counter(functions.values())
    if any(names[functions[node]] > 1 or _is_cached(node) for node in around):
        return WHOLE_MODULE
    return max(map(_first_line, around), default=WHOLE_MODULE)


def _functions(node: ast.AST, name: str = "") -> Iterator[tuple[Function, str]]:
    """Yield every function with its qualified name."""
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
    """A pytest plugin that sees which functions of a file are called, and by which tests."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._tests: list[str] = []
        self._now: list[str] = []
        self._seconds: dict[str, float] = {}
        self._callers: dict[int, set[str]] = {}
        self._early: set[int] = set()
        sys.settrace(self._trace)

    def stop(self) -> None:
        """Count the calls so far as early."""
        sys.settrace(None)
        self._early = set(self._callers)

    def start(self, tests: Sequence[str]) -> None:
        """Watch these tests, whose functions have the code of ``marked``."""
        self._tests = list(tests)
        _watching.append(self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Attribute calls to the whole file: a fixture may serve all of its tests."""
        file = item.nodeid.split("::")[0]
        self._now = [test for test in self._tests if test.startswith(f"{file}::")]
        yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Attribute calls to one test."""
        self._now = [item.nodeid]
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the durations of set-up, call, and teardown."""
        before = self._seconds.get(report.nodeid, 0.0)
        self._seconds[report.nodeid] = before + report.duration

    def write(self, path: Path) -> None:
        """Write everything to a file."""
        _watching.clear()
        callers = {line: sorted(tests) for line, tests in self._callers.items() if tests}
        told = {"seconds": self._seconds, "callers": callers, "early": sorted(self._early)}
        path.write_text(json.dumps(told))

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Trace calls only, not the lines of the called function."""
        if event == "call" and frame.f_code.co_filename == self._file:
            self.called(frame.f_code.co_firstlineno)

    def called(self, first_line: int) -> None:
        """Note that the current tests call this function."""
        self._callers.setdefault(first_line, set()).update(self._now)


_watching: list[Tracer] = []


def called(first_line: int) -> None:
    """The call that ``marked`` puts at the beginning of each function."""
    for tracer in _watching:
        tracer.called(first_line)


def marked(source: str) -> str:
    """Return the source with a call of ``called`` at the beginning of each function.

    This costs next to nothing, unlike tracing every call in the process.
    """
    tree = ast.parse(source)
    for function, _ in _functions(tree):
        line = _first_line(function)
        mark = f"__import__({__name__!r}, fromlist=['called']).called({line})"
        function.body[:0] = ast.parse(mark).body
    return ast.unparse(tree)


def read(path: Path) -> Traced:
    """Read what a tracer wrote."""
    told = json.loads(path.read_text())
    callers = {int(line): set(tests) for line, tests in told["callers"].items()}
    return Traced(told["seconds"], callers, set(told["early"]))


class Only:
    """A pytest plugin that runs only these tests, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._rank = {test: index for index, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        chosen = [item for item in items if item.nodeid in self._rank]
        items[:] = sorted(chosen, key=lambda item: self._rank[item.nodeid])
