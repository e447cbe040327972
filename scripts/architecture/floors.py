"""The order of the bot's packages and files, for imports and the map."""

from __future__ import annotations

FLOORS = (
    "types errors numerals",
    "clock core_dumps temporary_folders",
    "lifeline atomic_file bounded_file",
    "strict_yaml resources",
    "records settings audio grammar prompts",
    "interfaces tones lines dialog demo_backend",
    "hearing synthesis",
    "turn",
    "calls",
    "reports",
    "elms",
    "backend_prefetch service adapters",
    "bootstrap serving",
    "evaluation replay",
    "commands",
    "__main__",
)
"""The bot from the bottom up: a package or file imports only from lower floors."""

CORE = (
    "types",
    "errors",
    "numerals",
    "records",
    "audio",
    "grammar",
    "prompts",
    "dialog",
    "elms",
    "turn",
)
"""The core: no clock, no socket, no thread, no engine."""


def floor_of() -> dict[str, int]:
    """The floor of each package and file, 0 at the bottom."""
    return {name: floor for floor, row in enumerate(FLOORS) for name in row.split()}
