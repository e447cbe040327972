"""An identity provider that accepts every connection and never responds."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent_provider(address: str = "127.0.0.1") -> Iterator[tuple[str, list[socket.socket]]]:
    """Yield its issuer URL on this address, and the accepted connections."""
    with socket.create_server((address, 0), backlog=1_000) as listening:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://{address}:{listening.getsockname()[1]}", taken
        listening.shutdown(socket.SHUT_RDWR)
        for each in taken:
            each.close()
