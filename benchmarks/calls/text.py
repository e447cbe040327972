"""The chapter of docs/recognition.md on whole calls: tables with intervals, and a plot."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.calls.figures import COMPLETED, FALSE, GOAL, REFUSED, WASTED, Calls, Mean
from benchmarks.plots import Plot, Row
from benchmarks.recognition.figures import ALL
from benchmarks.recognition.text import cell, table

SPLITS = (
    ("behavior", "What the caller does"),
    ("line", "Line"),
    ("source", "Source"),
    ("voice", "Voice"),
)


def text(found: Calls) -> str:
    """The chapter."""
    return "\n\n".join(_parts(found))


def plots(found: Calls) -> dict[str, Plot]:
    """Its plots by file name."""
    return {"recognition-calls": _completed_plot(found)}


def _parts(found: Calls) -> Iterator[str]:
    made = found.calls - found.unmade
    yield "## Whole calls"
    yield (
        f"{made:,} calls with the model `{found.model[:12]}`, made by the replay command's own "
        "machinery through recognizer, dialog and backend. Callers are the speakers of dev/: "
        "their six-digit recordings are license numbers of educators in the backend, their "
        "four-digit recordings the PINs. Yes, no, help and repeat are said by the same person "
        "where a recording exists, else by another; “start over” is synthetic. A caller confirms, "
        "denies, keys a missing rest, and uses the keypad where the prompt asks for it. Daily "
        "budgets for wrong PINs are lifted, so that callers do not lock each other out."
    )
    yield table(("", "of all calls"), _summary(found))
    yield "![Calls completed without a person](images/recognition-calls.svg)"
    yield _groups(found)
    if found.share(GOAL):
        yield (
            "A caller's *goal* is the status, a person, or general information; a stranger's, seen "
            "from the department, is a refusal. What callers with habits say is synthetic."
        )
    yield (
        "*Completed* is of callers who know their PIN: verified, status heard, goodbye. An attempt "
        "is a PIN that was submitted; it is wasted when it was refused and the caller did not "
        "deserve it. Turns and seconds are means of completed calls, with 95 % intervals."
    )


def _summary(found: Calls) -> list[list[str]]:
    shares = [COMPLETED, FALSE, WASTED, REFUSED]
    if found.share(GOAL):
        shares.insert(0, GOAL)
    rows = [[name, cell(found.share(name), of=True)] for name in shares]
    for name in ("turns", "seconds"):
        mean = found.mean(name)
        spread = f", half of all within {mean.p50:.0f}, 95 % within {mean.p95:.0f}" if mean else ""
        rows.append([f"{name} of a completed call", _mean(mean) + spread])
    return rows


def _groups(found: Calls) -> str:
    heads = ["", "completed", "verified wrongly", "attempts wasted", "turns", "seconds"]
    rows = []
    for by, _ in SPLITS:
        for group in found.groups(by):
            shares = [found.share(name, by, group) for name in (COMPLETED, FALSE, WASTED)]
            means = [_mean(found.mean(name, by, group)) for name in ("turns", "seconds")]
            rows.append([group, cell(shares[0], of=True), *map(cell, shares[1:]), *means])
    return table(heads, rows)


def _mean(mean: Mean | None) -> str:
    if mean is None:
        return "–"
    spread = "" if mean.low is None else f" ({mean.low:.1f}–{mean.high:.1f})"
    return f"{mean.mean:.1f}{spread}"


def _completed_plot(found: Calls) -> Plot:
    rows = [Row("all calls", (found.share(COMPLETED, ALL, ALL),))]
    for by, title in SPLITS:
        groups = [group for group in found.groups(by) if found.share(COMPLETED, by, group)]
        rows += [Row(title, (), head=True)] if groups else []
        rows += [Row(group, (found.share(COMPLETED, by, group),)) for group in groups]
    return Plot(
        "Calls completed without a person, of callers who know their PIN",
        "completed, % (95 % interval)",
        ("completed",),
        tuple(rows),
    )
