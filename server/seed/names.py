"""Invented names for invented educators; any likeness is coincidence."""

from __future__ import annotations

_FIRST = (
    "Adaline Bettye Carlton Delphine Emmett Fredrica Garland Hollis Idella Jarvis Keziah "
    "Lavonne Mabry Nerissa Orville Philippa Quincy Rosalind Sanford Tamsin Ulric Verbena "
    "Winslow Yolanda Zebulon Annalise Broderick Clementine Dashiell Eudora Fitzgerald "
    "Georgette Harlan Imogene "
)
_LAST = (
    "Applewhite Barksfield Cottenham Dunmarrow Easterby Fairwell Gatlinger Hollowell Ivywood "
    "Jessamine Kirkhollow Landerby Merriwether Northam Okolander Pellbrook Quarles Ridgemoor "
    "Sallisworth Thornbury Underhall Vandermoor Wickersley Yarborne Zimmerlee Ashcombe "
    "Brightwell Coldwater Driftmire Elmsworth Foxhaven Greenlaw Hartsfield "
)
FIRST = tuple(_FIRST.split())
LAST = tuple(_LAST.split())


def name_of(index: int) -> str:
    """The name with this index; the first 1,122 are different."""
    return f"{FIRST[index % len(FIRST)]} {LAST[(index * 7 + index // len(FIRST)) % len(LAST)]}"


def email_of(name: str) -> str:
    """A mail address in a domain that does not exist (RFC 2606)."""
    return ".".join(name.lower().split()) + "@educator.example"
