"""Faults are put in one at a time, tried in a copy, and told as they ended."""

from __future__ import annotations

import ast
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.mutants import page, results
from scripts.mutants.operators import Fault, faults_of
from scripts.mutants.resident import functions_of, swap
from scripts.mutants.targets import TARGETS
from scripts.mutants.tracing import Traced, function_at
from scripts.mutants.trees import tree
from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

SOURCE = '''"""A limit."""

LIMIT = 3


def allowed(used: int, é: str = "é") -> bool:
    """Whether one more may be used."""
    log.info("used", count=used)
    return used < LIMIT


def left(used: int) -> int:
    return LIMIT - used
'''
NOTICES = """from limit import allowed


def test_three_are_allowed() -> None:
    assert allowed(2)
    assert not allowed(4)  # which says nothing of three


def test_nothing_of_the_limit() -> None:
    assert True
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < b", {"(a <= b)"}),
        ("a <= b < c", {"(a < b < c)", "(a <= b <= c)"}),
        ("a == b", {"(a != b)"}),
        ("a is None", {"(a is not None)"}),
        ("a not in b", {"(a in b)"}),
        ("not a", {"(a)"}),
        ("a and b", {"(a or b)"}),
        ("a - b", {"(a + b)"}),
        ("a * b", {"(a / b)"}),
        ("b if a else c", {"(b if not a else c)"}),
        ("a = True", {"False"}),
        ("a = 5", {"6", "4"}),
        ("a = 0", {"1", "(-1)"}),
        ("max(a, b)", {"(min(a, b))", "pass"}),
        ("f(x)", {"pass"}),
        ("s.where(a, b)", {"pass", "(s)", "(s.where(a))", "(s.where(b))"}),
        ("s.with_for_update()", {"pass", "(s)"}),
        ("raise a", {"pass"}),
        ("a.b = c", {"pass"}),
        ("a += b", {"pass"}),
        ("a = b", set()),
        ('"text"', set()),
        ('f"{a < b}"', set()),
        ("log.info(5)", set()),
        ("assert a < b", set()),
        ("if a: b = c", {"(not a)"}),
        ("while a(): b = c", {"(not a())"}),
        ("if a < b: return", {"(a <= b)", "pass"}),
        ("for a in b:\n if c:\n  continue", {"(not c)", "pass"}),
        ("a = [b for b in c if b.d]", {"True"}),
        ("a = b(c, d.e)", {"(b(d.e, c))"}),
        ("a = b.astimezone(c)", {"(b)"}),
    ],
)
def test_each_kind_of_code_has_its_faults(before: str, after: set[str]) -> None:
    assert {fault.after for fault in faults_of("a.py", before)} == after


def test_a_fault_changes_its_own_place_and_nothing_else() -> None:
    found = faults_of("limit.py", SOURCE)
    assert [(fault.line, fault.change) for fault in found] == [
        (3, "3 → 2 in LIMIT = 3"),
        (3, "3 → 4 in LIMIT = 3"),
        (9, "used < LIMIT → (used <= LIMIT)"),
        (13, "LIMIT - used → (LIMIT + used)"),
    ]
    assert found[2].applied(SOURCE) == SOURCE.replace("used < LIMIT", "(used <= LIMIT)")


@pytest.mark.parametrize("file", TARGETS)
def test_every_fault_is_valid_python(file: str) -> None:
    source = (PROJECT / file).read_text()
    found = faults_of(file, source)
    assert found
    for fault in found[::25]:
        ast.parse(fault.applied(source))
    assert all((PROJECT / name).is_file() for name in TARGETS[file])


def test_a_seed_always_chooses_the_same_faults() -> None:
    file = "bot/turn/machine.py"
    chosen = results.sample(PROJECT, file, 10, seed=1)
    assert len(chosen) == 10
    assert results.sample(PROJECT, file, 10, seed=1) == chosen
    assert results.sample(PROJECT, file, 10, seed=2) != chosen
    assert set(chosen) < set(results.sample(PROJECT, file, 11, seed=1))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project of one file and its test, with what runs tests in it."""
    root = tmp_path / "project"
    (root / "scripts" / "mutants").mkdir(parents=True)
    for name in (
        "__init__.py",
        "mutants/__init__.py",
        "mutants/worker.py",
        "mutants/tracing.py",
        "mutants/resident.py",
    ):
        (root / "scripts" / name).write_text((PROJECT / "scripts" / name).read_text())
    (root / "limit.py").write_text(SOURCE.replace("    log.info", "    # log.info"))
    (root / "test_limit.py").write_text(NOTICES)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@pytest.mark.timeout(300)
def test_faults_are_noticed_survive_or_hang_without_touching_the_project(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    source = (small / "limit.py").read_text()
    faults = faults_of("limit.py", source)
    in_constant, in_function = faults[:2], faults[2:]
    hangs = replace(faults[2], after="any(iter(int, 1))")
    loose = replace(faults[2], after="[MISSING for _ in [used]]")
    with tree(small, tmp_path / "copy", libraries=("pytest",)) as place:
        with place.collected("limit.py", ["test_limit.py"]) as traced:
            assert isinstance(traced, Traced)
            assert traced.callers == {6: {"test_limit.py::test_three_are_allowed"}}
            assert {fault.change: place.swapped(fault, traced) for fault in in_function} == {
                "used < LIMIT → (used <= LIMIT)": "0",
                "LIMIT - used → (LIMIT + used)": "uncalled",
            }
            assert place.swapped(loose, traced) == "1"
            assert place.swapped(hangs, traced, least_limit_s=2.0) == "timeout"
        tried = {fault.change: place.written(fault, traced) for fault in in_constant}
        assert tried == {"3 → 2 in LIMIT = 3": "1", "3 → 4 in LIMIT = 3": "0"}
        assert place.written(in_function[0], traced) == "0"
        (place.folder / "limit.py").write_text("broken(")
        with place.collected("limit.py", ["test_limit.py"]) as failed:
            assert failed == "2"
    assert (small / "limit.py").read_text() == source
    assert not (tmp_path / "copy").exists()


def test_results_are_kept_up_to_a_line_cut_off_by_a_kill(tmp_path: Path) -> None:
    kept = tmp_path / "out" / "mutants.jsonl"
    one = result("3 → 2", results.NOTICED)
    other = result("3 → 4", results.SURVIVED)
    results.add(kept, one)
    results.add(kept, other)
    with kept.open("a") as file:
        file.write(json.dumps({"file": "limit.py"})[:-4])
    assert results.read(kept) == [one, other]
    assert results.read(tmp_path / "none.jsonl") == []


TODAY = results.State("file", "tests")


@pytest.mark.parametrize(
    ("outcome", "file", "tests", "stands"),
    [
        (results.NOTICED, "file", "tests", True),
        (results.NOTICED, "file", "fewer tests", True),
        (results.NOTICED, "other file", "tests", False),
        (results.TIMEOUT, "file", "fewer tests", True),
        (results.SURVIVED, "file", "tests", True),
        (results.SURVIVED, "file", "fewer tests", False),
        (results.SURVIVED, "other file", "tests", False),
        (results.BROKEN, "file", "tests", False),
    ],
)
def test_changed_faults_are_tried_again(outcome: str, file: str, tests: str, stands: bool) -> None:
    assert replace(result("3 → 2", outcome), digest=file, tests=tests).stands(TODAY) is stands


def test_each_fault_counts_once_with_its_latest_result() -> None:
    old = replace(result("3 → 2", results.NOTICED), digest="other file")
    first = result("3 → 2", results.SURVIVED)
    again = replace(first, outcome=results.NOTICED)
    assert results.counted([old, first, again], {"limit.py": TODAY}) == [again]
    assert results.counted([old], {"limit.py": TODAY}) == results.counted([again], {}) == []


def test_a_survivor_counts_as_one_until_it_is_tried_again() -> None:
    survived = replace(result("3 → 2", results.SURVIVED), tests="fewer tests")
    assert not survived.stands(TODAY)
    assert results.counted([survived], {"limit.py": TODAY}) == [survived]


def test_a_change_of_the_tests_or_the_file_is_another_state(small: Path) -> None:
    before = results.state_of(small, "limit.py", ["test_limit.py"])
    (small / "test_limit.py").write_text(NOTICES + "\nMORE = 1\n")
    between = results.state_of(small, "limit.py", ["test_limit.py"])
    (small / "limit.py").write_text(SOURCE + "\nMORE = 1\n")
    after = results.state_of(small, "limit.py", ["test_limit.py"])
    assert (between.file == before.file, between.tests == before.tests) == (True, False)
    assert (after.file == between.file, after.tests == between.tests) == (False, True)


def test_functions_get_replaced_code_wherever_they_were_imported() -> None:
    module: dict[str, Any] = {}
    exec(
        compile(FUNCTIONS.replace("@cache", "").replace("@decorated", ""), "swapped.py", "exec"),
        module,
    )
    plain, outer = module["plain"], module["outer"]
    functions = functions_of("swapped.py")
    assert {function.__name__ for function in functions} == {"plain", "kept", "outer"}
    assert swap(functions, FUNCTIONS.replace("return most", "return most + 1"))
    assert (plain(), outer()) == (5, 7)


def test_a_function_with_other_closure_variables_gets_no_replaced_code() -> None:
    module: dict[str, Any] = {}
    exec(compile(AROUND, "around.py", "exec"), module)
    kept = module["outer"]()
    functions = functions_of("around.py")
    assert not swap(functions, AROUND.replace("return one", "return 1"))
    assert swap(functions, AROUND.replace("return one", "return one + 1"))
    assert kept() == 2


def test_lambdas_of_one_name_keep_their_code() -> None:
    module: dict[str, Any] = {}
    source = "TABLE = (lambda: 1, lambda: 2)\ndef three():\n    return 3\n"
    exec(compile(source, "lambdas.py", "exec"), module)
    assert swap(functions_of("lambdas.py"), source.replace("return 3", "return 4"))
    assert [each() for each in module["TABLE"]] == [1, 2]
    assert module["three"]() == 4


AROUND = """
def outer():
    one = 1
    def inner():
        return one
    return inner
"""

FUNCTIONS = """LIMIT = 3

def plain(most=4):
    return most

@cache
def kept():
    return 5

@decorated
def outer():
    def inner():
        return 6
    return 7
"""


@pytest.mark.parametrize(("line", "function"), [(1, 0), (3, 0), (4, 3), (8, 0), (13, 12), (14, 10)])
def test_a_fault_belongs_to_the_function_that_runs_it(line: int, function: int) -> None:
    assert function_at(FUNCTIONS, line) == function


def test_the_tests_of_a_fault_run_file_by_file_with_the_quickest_first() -> None:
    seconds = {"b.py::slow": 3.0, "b.py::quick": 1.0, "a.py::other": 0.5, "a.py::never": 0.1}
    traced = Traced(seconds, {3: {"b.py::slow", "b.py::quick", "a.py::other"}}, early={12})
    assert traced.tests_of(FUNCTIONS, 4) == ["b.py::quick", "b.py::slow", "a.py::other"]
    assert traced.tests_of(FUNCTIONS, 14) == []
    everything = ["b.py::quick", "b.py::slow", "a.py::never", "a.py::other"]
    assert traced.tests_of(FUNCTIONS, 1) == everything
    assert traced.tests_of(FUNCTIONS, 13) == everything  # which ran when tests were collected


def test_results_stay_valid_if_only_comments_change(tmp_path: Path) -> None:
    def state_of(text: str) -> results.State:
        (tmp_path / "limit.py").write_text(text)
        return results.state_of(tmp_path, "limit.py", ["limit.py"])

    known, again = faults_of("limit.py", WORDED), faults_of("limit.py", REWORDED)
    assert [fault.place for fault in known] == list(range(len(known)))
    assert [(each.place, each.after) for each in known] == [
        (each.place, each.after) for each in again
    ]
    before = state_of(WORDED)
    assert state_of(REWORDED) == before
    assert state_of(REWORDED.replace("7", "8")) != before


WORDED = """'''Limits.'''
MOST = 7
'''Of tries.'''

def over(tries):
    return tries > MOST
"""
REWORDED = """# of a call
MOST = 7
'''How often somebody may try.'''

def over(tries):
    '''Whether that is too often.'''
    return (
        tries > MOST  # not at the limit
    )
"""


def result(change: str, outcome: str) -> results.Result:
    before, after = change.split(" → ")
    fault = Fault("limit.py", 3, len(change), 9, "constant", before, after)
    return results.result_of(fault, TODAY, outcome)


def test_the_page_counts_by_file_and_names_every_survivor() -> None:
    tried = [
        result("3 → 2", results.NOTICED),
        replace(result("9 → 8", results.TIMEOUT), place=1),
        replace(result("5 → 4", results.SURVIVED), place=2),
        replace(result("7 → 6", results.SURVIVED), place=3),
        replace(result("a|b → c", results.SURVIVED), place=4),
    ]
    judged = {"limit.py": {"5 → 4": "equivalent: nobody counts so far", "7 → 6": "harmless: words"}}
    told = page.tables(tried, judged).splitlines()
    assert told[2] == "| `limit.py` | 5 | 2 | 1 | 2 | 50 % |"
    assert told[3] == "| all | 5 | 2 | 1 | 2 | 50 % |"
    assert told[5:] == [
        "- `limit.py`: `5 → 4`: equivalent: nobody counts so far",
        "- `limit.py`: `7 → 6`: harmless: words",
        "- `limit.py`: `a\\|b → c`: not judged yet",
    ]
