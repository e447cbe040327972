"""Checks web addresses that receive a client secret or a sign-in."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST = 2_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_protected(address: str, query: bool = False) -> bool:
    """Return True if an absolute URL uses TLS or stays on this computer; ``query`` allows a query
    part.
    """
    if len(address) > LONGEST or not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or " " in address or "@" in parts.netloc or "#" in address:
        return False
    if parts.query and not query:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
