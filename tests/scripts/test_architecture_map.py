"""The map in docs/architecture.md: up to date, true, and legible."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scripts.architecture.__main__ import check, made
from scripts.architecture.code import Room
from tests.test_architecture import BOT, imports, room

pytestmark = pytest.mark.unit

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = ("docs/images/architecture.svg", "docs/images/architecture-narrow.svg")
FILES = {
    *("types", "errors", "numerals", "clock", "atomic_file", "records", "settings", "interfaces"),
    *("bounded_file", "core_dumps", "lifeline", "temporary_folders", "strict_yaml", "demo_backend"),
    "resources",
}
"""Drawn below the packages, without arrows."""


def picture(project: Path, name: str) -> ET.Element:
    return ET.parse(project / name).getroot()


def boxes(drawing: ET.Element) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right, and bottom of each package and file."""
    found = {}
    for rect in drawing.iter(f"{SVG}rect"):
        if name := rect.get("data-name"):
            left, top, width, height = (
                float(rect.get(at) or 0) for at in ("x", "y", "width", "height")
            )
            found[name] = (left, top, left + width, top + height)
    return found


def arrows(drawing: ET.Element) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """The points that each arrow passes, by importer and imported."""
    found = {}
    for path in drawing.iter(f"{SVG}path"):
        if importer := path.get("data-from"):
            found[importer, path.get("data-to") or ""] = points(path.get("d") or "")
    return found


def points(path: str) -> list[tuple[float, float]]:
    """Where the pieces of a path end."""
    ends: list[tuple[float, float]] = []
    for letter, numbers in re.findall(r"([MVC])([^MVC]*)", path):
        values = [float(one) for one in numbers.split()]
        ends.append((ends[-1][0], values[0]) if letter == "V" else (values[-2], values[-1]))
    return ends


def bot_imports() -> set[tuple[str, str]]:
    """Which package or file imports which, without those that the map draws no arrows for."""
    pairs = {
        (room(name), room(one))
        for name, path in BOT.items()
        if name != "bot"
        for one in imports(path) & set(BOT) - {"bot"}
    }
    return {(a, b) for a, b in pairs if a != b and not FILES & {a, b}}


def reached(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """With everything that follows from them."""
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
        if not more:
            return pairs
        pairs = pairs | more


def test_the_map_agrees_with_the_code() -> None:
    stale = [path.name for path, content in made().items() if path.read_text("utf-8") != content]
    assert not stale, f"out of date: {', '.join(stale)}; run make architecture"


@pytest.mark.parametrize("name", PICTURES)
def test_arrows_are_imports_and_imply_every_import(project: Path, name: str) -> None:
    drawn = set(arrows(picture(project, name)))
    assert drawn <= bot_imports()
    assert reached(drawn) == reached(bot_imports())


@pytest.mark.parametrize("name", PICTURES)
def test_no_arrow_is_redundant(project: Path, name: str) -> None:
    drawn = set(arrows(picture(project, name)))
    assert all(one not in reached(drawn - {one}) for one in drawn)


@pytest.mark.parametrize("name", PICTURES)
def test_every_package_and_file_has_its_own_box(project: Path, name: str) -> None:
    drawing = picture(project, name)
    placed = boxes(drawing)
    assert set(placed) == {room(module) for module in BOT if module != "bot"}
    width, height = float(drawing.get("width") or 0), float(drawing.get("height") or 0)
    for left, top, right, bottom in placed.values():
        assert 0 < left < right < width
        assert 0 < top < bottom < height
    for one, other in combinations(placed.values(), 2):
        beside = one[2] <= other[0] or other[2] <= one[0]
        apart = one[3] <= other[1] or other[3] <= one[1]
        assert beside or apart


@pytest.mark.parametrize("name", PICTURES)
def test_arrows_lead_down_and_around_other_boxes(project: Path, name: str) -> None:
    drawing = picture(project, name)
    placed = boxes(drawing)
    for (importer, imported), way in arrows(drawing).items():
        heights = [y for _, y in way]
        assert heights == sorted(heights)
        assert heights[0] == pytest.approx(placed[importer][3], abs=0.2)
        assert heights[-1] == pytest.approx(placed[imported][1], abs=0.2)
        for box, (left, top, right, bottom) in placed.items():
            if box not in {importer, imported}:
                assert not any(left < x < right and top <= y <= bottom for x, y in way)


def test_the_narrow_picture_fits_a_telephone_screen(project: Path) -> None:
    drawing = picture(project, "docs/images/architecture-narrow.svg")
    assert float(drawing.get("width") or 0) == 390
    sizes = {float(text.get("font-size") or 0) for text in drawing.iter(f"{SVG}text")}
    assert min(sizes) >= 11


def test_a_package_without_a_floor_is_named() -> None:
    rooms = {"parking": Room("parking", True, "Where calls wait.", frozenset())}
    with pytest.raises(ValueError, match="parking"):
        check(rooms)


def test_an_import_that_leads_up_is_named() -> None:
    rooms = {
        name: Room(name, False, "", frozenset())
        for name in {room(one) for one in BOT if one != "bot"}
    }
    rooms["types"] = Room("types", False, "", frozenset({"calls"}))
    with pytest.raises(ValueError, match=re.escape("bot/types.py imports calls")):
        check(rooms)
