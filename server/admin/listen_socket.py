"""The socket and the certificate, tried before the service says where it is."""

from __future__ import annotations

import socket
import ssl

from server.errors import SettingsError
from server.settings import Settings


def check_certificate(settings: Settings) -> None:
    """Load the certificate once, before anything listens. Raises SettingsError."""
    if settings.tls_certificate is None:
        return
    try:
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trusted.load_cert_chain(settings.tls_certificate, settings.tls_key, _no_password)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"cannot use {settings.tls_certificate} with {settings.tls_key}: "
            f"{error.strerror or error}"
        ) from None


def _no_password() -> str:
    raise SettingsError("the private key wants a password; this service has none to give")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError where there can be none.

    It names its protocol: asyncio sends small answers at once (TCP_NODELAY) only over sockets that
    do. Without it head and body of an answer, two packets, are 40 ms apart.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(socket.SOMAXCONN)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
        ) from None
    return listening
