"""Limits of the process itself: file descriptors, core files, garbage collection."""

from __future__ import annotations

import gc

import structlog

from server.settings import Settings

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

log = structlog.get_logger("elms.server")
OTHER_FILES = 256
"""Descriptors not used for connections: database, mail, templates, dropped connections."""


def leave_no_core() -> None:
    """Disable core files: the memory of this process holds PINs."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def with_files_for(settings: Settings) -> Settings:
    """Raise the limit of open files to fit the connections, or else lower that of connections."""
    if resource is None:
        return settings
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.network.connections + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return settings
    fewer = max(soft - OTHER_FILES, soft // 2)
    log.warning("connections.fewer", connections=fewer, open_files=soft)
    network = settings.network.model_copy(update={"connections": fewer})
    return settings.model_copy(update={"network": network})


def keep_what_was_made() -> None:
    """Exempt everything created so far from garbage collection; it lives as long as the process.

    A full collection stops all threads, and scanning modules, routes and mappings takes it a tenth
    of a second. Many short connections trigger it again and again.
    """
    gc.collect()
    gc.freeze()
