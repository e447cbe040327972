"""Settings that limit what strangers can use: connections, time, bytes, and places (S16)."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Self

from pydantic import Field, model_validator

from server.section import Section

Seconds = Annotated[float, Field(gt=0.0, le=3_600.0)]
Kibibytes = Annotated[int, Field(ge=1, le=65_536)]
Place = Annotated[int, Field(ge=1, le=36)]
Networks = tuple[IPv4Network | IPv6Network, ...]
HostName = Annotated[str, Field(pattern=r"^(\*\.)?[A-Za-z0-9._:\[\]-]+$")]

ANY_ADDRESS = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 - compared with, never listened on
PLACES_MOST = 36
"""anyio's pool has 40 threads; the rest are for static files and mail."""


class Network(Section):
    """Limits of connections and requests, whoever sends them (S16)."""

    connections: Annotated[int, Field(ge=8, le=100_000)] = Field(
        1_000, description="Open connections; above that, the one idle longest is dropped."
    )
    connections_per_address: Annotated[int, Field(ge=1, le=100_000)] = Field(
        100, description="Open connections from one address (IPv6: from one /64)."
    )
    unlimited_addresses: Networks = Field(
        (IPv4Network("127.0.0.0/8"), IPv6Network("::1")),
        description="Networks without a limit per address: the bot's, a reverse proxy's.",
    )
    trusted_proxies: Networks = Field(
        (), description="Networks of proxies whose X-Forwarded-For is trusted."
    )
    handshake_s: Seconds = Field(5.0, description="Time for a TLS handshake, seconds.")
    head_s: Seconds = Field(10.0, description="Time for a request's head, seconds.")
    body_s: Seconds = Field(10.0, description="Time for a request's body, seconds.")
    answer_s: Seconds = Field(
        60.0, description="Time to answer a request and for the client to read the answer, seconds."
    )
    idle_s: Annotated[int, Field(ge=1, le=3_600)] = Field(
        75,
        description="Idle time of a connection, seconds. Keep it above the clients' own "
        "(httpx: 5 s), or a request may arrive on a connection that is being closed.",
    )
    refused_s: Annotated[float, Field(ge=0.0, le=30.0)] = Field(
        1.0, description="Pause before a stranger's request is refused, seconds."
    )
    head_kib: Kibibytes = Field(16, description="Longest head of a request, KiB.")
    form_kib: Kibibytes = Field(16, description="Longest form, KiB.")
    body_kib: Kibibytes = Field(64, description="Longest body sent to the API, KiB.")
    record_kib: Kibibytes = Field(1_024, description="Longest call record, KiB.")


class Places(Section):
    """Numbers of requests of each kind processed at once, so that none starves another."""

    telephone: Place = Field(16, description="Requests from the bot.")
    known: Place = Field(
        8, description="Requests from known browsers (someone has signed in with them before)."
    )
    strangers: Place = Field(4, description="Requests from other browsers.")
    passwords: Place = Field(2, description="Passwords sent by other browsers.")
    single_sign_on: Place = Field(4, description="Requests that contact the identity provider.")
    wait_s: Seconds = Field(2.0, description="How long a request waits for a place, seconds.")

    @model_validator(mode="after")
    def _fit_the_threads(self) -> Self:
        places = (self.telephone, self.known, self.strangers, self.passwords, self.single_sign_on)
        if sum(places) > PLACES_MOST:
            raise ValueError(f"at most {PLACES_MOST} together: a process has 40 threads for them")
        return self
