"""Runs tests in forks of a pytest that has collected them, with faults in the functions it loaded.

A function object stays, and so do all references to it: only its code changes.
"""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import TextIO, TypedDict

import pytest

from scripts.mutants.tracing import Tracer, marked
from scripts.mutants.worker import in_fork

UNFIT = 9
"""Exit status if a function cannot take the code with the fault."""


class Order(TypedDict):
    """What to do in a fork."""

    tests: list[str]
    """Names; if empty, all tests, traced."""
    source: str
    """Text of the file with the fault."""
    out: str
    """File for the trace."""
    limit_s: float


class Resident:
    """A pytest plugin that serves orders instead of running the tests, until one is empty."""

    def __init__(self, file: str, orders: TextIO, answers: TextIO) -> None:
        self._file = file
        self._orders = orders
        self._answers = answers
        self._tracer = Tracer(file)
        self._functions: list[FunctionType] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Trace from the beginning: functions that run during collection run once for all tests."""
        config.pluginmanager.register(self._tracer)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Serve orders; if tests could not be collected, leave it to pytest to fail."""
        self._tracer.stop()
        if session.testsfailed:
            return None
        self._functions = functions_of(self._file)
        self._answer("ready")
        while line := self._orders.readline().strip():
            order: Order = json.loads(line)
            carry_out = self._traced if order["out"] else self._with_fault
            self._answer(in_fork(partial(carry_out, session, order), order["limit_s"]))
        return True

    def _answer(self, word: str) -> None:
        print(word, file=self._answers, flush=True)

    def _traced(self, session: pytest.Session, order: Order) -> int:
        swap(self._functions, marked(Path(self._file).read_text()))
        self._tracer.start([item.nodeid for item in session.items])
        status = _run(session, session.items)
        self._tracer.write(Path(order["out"]))
        return status

    def _with_fault(self, session: pytest.Session, order: Order) -> int:
        if not swap(self._functions, order["source"]):
            return UNFIT
        items = {item.nodeid: item for item in session.items}
        return _run(session, [items[name] for name in order["tests"]])


def _run(session: pytest.Session, items: list[pytest.Item]) -> int:
    """0 where all succeed, 1 with the first that fails."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1
    return 0


def functions_of(file: str) -> list[FunctionType]:
    """Return all functions loaded from a file."""
    loaded = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    return [function for function in loaded if function.__code__.co_filename == file]


def swap(functions: Iterable[FunctionType], source: str) -> bool:
    """Give the functions of a file their code from another version of it.

    Return False if a function cannot take it because the new code uses other variables of the
    enclosing function. Lambdas of a module share one name, and keep their code.
    """
    found = list(_codes(compile(source, "", "exec")))
    names = Counter(code.co_qualname for code in found)
    codes = {code.co_qualname: code for code in found if names[code.co_qualname] == 1}
    for function in functions:
        code = codes.get(function.__code__.co_qualname, function.__code__)
        if code.co_freevars != function.__code__.co_freevars:
            return False
        function.__code__ = code
    return True


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
