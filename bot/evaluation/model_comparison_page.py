"""The comparison of two models as a self-contained page: plots with intervals, and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from bot.evaluation.model_comparison import Compared, Group, cpu_per_audio, groups
from bot.evaluation.statistics import Share
from bot.reports.templates import part, template

MOST_MEMBERS = 60
"""Maximum members shown per kind of group: those that differ most."""

TITLES = {
    "asked": "By question",
    "kind": "By kind of recording",
    "source": "By source",
    "gender": "By gender",
    "accent": "By accent",
    "speaker": "By speaker",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of group; ``left_out`` members are not shown."""

    title: str
    groups: tuple[Group, ...]
    left_out: int


def render(names: tuple[str, str], folder: str, compared: Sequence[Compared]) -> str:
    """The page as HTML."""
    found = list(groups(compared))
    flipped = sorted((one for one in compared if one.flipped), key=lambda one: one.right)
    return template("comparison.html.j2").render(
        names=names,
        folder=folder,
        total=found[0].paired,
        sections=[_section(by, list(members)) for by, members in groupby(found[1:], _by)],
        flipped=flipped,
        cpu=cpu_per_audio(compared),
        text=share_text,
        p_text=p_text,
        style=Markup(part("comparison.css")),  # noqa: S704  our own file
    )


def share_text(share: Share) -> str:
    """A share with its interval."""
    low, high = share.interval
    return f"{share.percent:.1f} % ({low:.1f}–{high:.1f})"


def p_text(p: float) -> str:
    """A formatted p-value."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _by(group: Group) -> str:
    return group.by


def _section(by: str, members: list[Group]) -> Section:
    shown = members
    if len(members) > MOST_MEMBERS:
        differing = sorted(members, key=_difference, reverse=True)[:MOST_MEMBERS]
        shown = sorted(differing, key=lambda group: group.name)
    return Section(TITLES.get(by, by), tuple(shown), len(members) - len(shown))


def _difference(group: Group) -> int:
    return abs(group.paired.only_first - group.paired.only_second)
