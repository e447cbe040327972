"""Decides what to do with an answer that may be wrong: whatever costs the caller least on average.

Costs are seconds of a caller's time (the ``costs`` settings). ``sure`` is the probability that the
answer is right. Accepting a wrong answer costs ``wrong``; reading an answer back costs that turn
and, if it is denied, another attempt. So the thresholds between accepting, reading back, and asking
again follow from the costs, and none of them is a number of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.settings import Costs

Stake = Literal["number", "choice", "passed", "secret"]
"""The loss from a wrong answer: a number, a choice among few, a number that a wrong yes lets pass,
or an attempt at a secret.
"""

Choice = Literal["accept", "confirm", "complete", "reject"]


_ORDER: tuple[Choice, ...] = ("accept", "confirm", "complete", "reject")
"""If several choices cost the same, the first is taken."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The cost of each choice after one turn; None if it is not available.

    ``denied`` is the next attempt, after a read-back that is answered with no; ``reject`` is not to
    accept the answer at all, which on the last attempt leads to a person.
    """

    wrong: float
    denied: float
    reject: float
    confirm: float | None = None
    complete: float | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """At or above ``accept``, an answer is accepted; below ``confirm``, it is asked for again.

    In between it is read back; if nothing is read back, the two are equal.
    """

    accept: float
    confirm: float


def ways(
    costs: Costs, stake: Stake, misses: int = 0, tries: int = 3, *, aloud: bool = True
) -> Ways:
    """Return the choices available after so many misses of a question with so many tries.

    After the first miss the question is asked again by voice, then for the keypad; for a secret,
    for the keypad at once. ``aloud`` tells whether the answer may be read back.
    """
    again = costs.again if misses == 0 and stake != "secret" else costs.keypad
    if stake == "secret":
        return Ways(wrong=costs.wasted_secret, denied=again, reject=again)
    if stake == "choice":
        return Ways(wrong=costs.wrong_choice, denied=again, reject=again)
    if stake == "passed":
        return Ways(wrong=costs.wrong_number, denied=again, reject=again)
    return Ways(
        wrong=costs.wrong_number,
        denied=again,
        reject=again if misses + 1 < tries else costs.person,
        confirm=costs.confirm if aloud else None,
        complete=costs.confirm + costs.missing if aloud else None,
    )


def choose(open_ways: Ways, sure: float, known: float = 0.0) -> Choice:
    """Return the cheapest choice; ``known`` is the probability that all digits but one are right.

    Exactly at a threshold of ``points`` an answer is accepted, however its cost is rounded.
    """
    costs = expected(open_ways, sure, known)
    taken = sure >= points(open_ways).accept
    dearer: tuple[Choice, ...] = ("confirm", "reject") if taken else ("accept",)
    return min(costs.keys() - dearer, key=lambda way: (costs[way], _ORDER.index(way)))


def expected(open_ways: Ways, sure: float, known: float = 0.0) -> dict[Choice, float]:
    """Return the average cost of each available choice."""
    costs: dict[Choice, float] = {"accept": (1.0 - sure) * open_ways.wrong}
    if open_ways.confirm is not None:
        costs["confirm"] = open_ways.confirm + (1.0 - sure) * open_ways.denied
    if open_ways.complete is not None and known > sure:
        costs["complete"] = open_ways.complete + (1.0 - known) * open_ways.denied
    costs["reject"] = open_ways.reject
    return costs


def points(open_ways: Ways) -> Points:
    """Return the probabilities at which one choice becomes cheaper than the next."""
    accept = _probability(1.0 - open_ways.reject / open_ways.wrong)
    if open_ways.confirm is None:
        return Points(accept, accept)
    over_denied = open_ways.wrong - open_ways.denied
    if over_denied > 0:
        accept = max(accept, 1.0 - open_ways.confirm / over_denied)
    confirm = 1.0 - (open_ways.reject - open_ways.confirm) / open_ways.denied
    return Points(_probability(accept), _probability(confirm))


def _probability(value: float) -> float:
    return min(1.0, max(0.0, value))
