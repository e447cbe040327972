"""Turns off core dumps in processes that hear PINs."""

from __future__ import annotations

try:
    import resource
except ImportError:  # Windows writes none unless an administrator asks for them
    resource = None  # type: ignore[assignment]


def leave_no_core() -> None:
    """Disable core files for this process and its children."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
