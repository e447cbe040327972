"""The faults: small changes to a file's syntax tree, each as the text that replaces another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
CLAUSES = frozenset(
    {"where", "order_by", "limit", "with_for_update", "outerjoin", "distinct", "group_by"}
    | {"astimezone", "strip", "casefold", "lower", "upper"}
)
"""Method calls that can be left out: clauses of an SQL statement, and conversions."""
SHORT = 12
"""A change shorter than this, in characters, is shown with its line: "0" alone says too little."""
NEGATED_ELSEWHERE = (ast.Compare, ast.BoolOp, ast.UnaryOp)
"""Conditions that have faults of their own."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Replaces the text from ``start`` to ``end`` (offsets) in a file's ``source``."""

    file: str
    line: int
    start: int
    end: int
    kind: str
    before: str
    after: str
    around: str = ""
    """The line, if the change alone says too little."""
    place: int = 0
    """Position among the file's faults; it stays the same if only comments or docstrings change."""

    @property
    def change(self) -> str:
        """The change as one line, which stays the same if lines above it move."""
        place = f" in {_short(self.around)}" if self.around else ""
        return f"{_short(self.before)} → {_short(self.after)}{place}"

    def applied(self, source: str) -> str:
        """The file with the fault."""
        return source[: self.start] + self.after + source[self.end :]


def faults_of(file: str, source: str) -> list[Fault]:
    """Return all faults of a file, in the order of its text."""
    tree = ast.parse(source)
    starts = [0]
    for each in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(each))
    found: dict[tuple[int, int, str], Fault] = {}
    lines = source.splitlines()
    for node, kind, after in _all_changes(tree):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        start, end = (len(source.encode()[:at].decode()) for at in (start, end))
        before, line = source[start:end], lines[node.lineno - 1].strip()
        around = line if len(before) < SHORT and before != line else ""
        fault = Fault(file, node.lineno, start, end, kind, before, after, around)
        found.setdefault((start, end, after), fault)
    faults = sorted(found.values(), key=lambda fault: (fault.start, fault.end, fault.after))
    return [replace(fault, place=place) for place, fault in enumerate(faults)]


def code_of(source: str) -> str:
    """Return a file's code without comments, docstrings, and line breaks."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            body[:] = [each for each in body if not _is_docstring(each)]
    return ast.dump(tree)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _all_changes(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, str, str]]:
    """Yield each node to replace, the kind of fault, and the replacement."""
    for node in _mutable(tree):
        yield from ((node, kind, after) for kind, after in _changes(node))
        if isinstance(node, ast.If | ast.While) and not isinstance(node.test, NEGATED_ELSEWHERE):
            yield node.test, "negation", _text(ast.UnaryOp(ast.Not(), node.test))
        if isinstance(node, ast.If) and isinstance(
            node.body[-1], ast.Return | ast.Continue | ast.Break
        ):
            yield node.body[-1], "removed statement", "pass"
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            conditions = (each for part in node.generators for each in part.ifs)
            yield from ((condition, "removed condition", "True") for condition in conditions)


def _mutable(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield every expression and statement except annotations, decorators, docstrings, and log
    lines.

    Before Python 3.12, the parts of an f-string have no position of their own.
    """
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _says_nothing(child):
                yield from _mutable(child)


def _says_nothing(node: ast.AST) -> bool:
    """Return True for docstrings, log lines, and assertions for the type checker, whose effect is
    no behavior."""
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return True
    return isinstance(value, ast.Call) and ast.unparse(value.func).startswith("log.")


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the replacements for a node."""
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BoolOp(operator, values):
            other_word = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield "and/or", _text(ast.BoolOp(other_word, values))
        case ast.UnaryOp(ast.Not(), operand):
            yield "negation", _text(operand)
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC:
            yield "arithmetic", _text(ast.BinOp(left, ARITHMETIC[type(operator)](), right))
        case ast.IfExp(test, body, orelse):
            negated = ast.UnaryOp(ast.Not(), test)
            yield "negation", _text(ast.IfExp(negated, body, orelse))
        case _:
            yield from _parts(node)


def _parts(node: ast.expr | ast.stmt) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Constant():
            yield from _constants(node.value)
        case ast.Call():
            yield from _calls(node)
        case ast.stmt():
            yield from _statements(node)


def _comparisons(node: ast.Compare) -> Iterator[tuple[str, str]]:
    for index, operator in enumerate(node.ops):
        other = COMPARISONS[type(operator)]()
        operators = [*node.ops[:index], other, *node.ops[index + 1 :]]
        yield "comparison", _text(ast.Compare(node.left, operators, node.comparators))


def _constants(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield "constant", repr(not value)
    elif isinstance(value, int | float):
        yield "constant", repr(value + 1)
        yield "constant", f"({value - 1!r})" if value < 1 else repr(value - 1)


def _calls(call: ast.Call) -> Iterator[tuple[str, str]]:
    function = call.func
    if isinstance(function, ast.Name) and function.id in TWINS:
        twin = ast.Name(TWINS[function.id], ast.Load())
        yield "twin", _text(ast.Call(twin, call.args, call.keywords))
        return
    if isinstance(function, ast.Attribute) and function.attr in CLAUSES:
        yield "removed clause", _text(function.value)
        for index in range(len(call.args)) if len(call.args) > 1 else ():
            rest = [*call.args[:index], *call.args[index + 1 :]]
            yield "removed clause", _text(ast.Call(function, rest, call.keywords))
        return
    match call.args:
        case [ast.Name() | ast.Attribute() as one, ast.Name() | ast.Attribute() as other]:
            yield "swapped arguments", _text(ast.Call(function, [other, one], call.keywords))


def _statements(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    match statement:
        case ast.Expr(ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
            yield "removed statement", "pass"
        case ast.AugAssign() | ast.Raise() | ast.Delete():
            yield "removed statement", "pass"
        case ast.Assign() if not _binds_names(statement):
            yield "removed statement", "pass"


def _binds_names(statement: ast.Assign) -> bool:
    """Return True if later statements would fail for lack of a name, which any test notices."""
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        for target in statement.targets
        for node in ast.walk(target)
    )


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(ast.fix_missing_locations(node))})"


def _short(text: str) -> str:
    return " ".join(text.split())[:90]
