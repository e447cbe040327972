"""The provider's public keys, from an untrusted key set (RFC 7517)."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Annotated, Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from pydantic import BaseModel, ConfigDict, Field

MOST_KEYS = 100
SMALLEST_RSA_BITS = 2_048

Base64Url = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\z", max_length=4_000)]


class KeyDocument(BaseModel):
    """A key set as published; each key is checked separately."""

    model_config = ConfigDict(frozen=True, strict=True)

    keys: list[Any] = Field(max_length=MOST_KEYS)


class _PublicKey(BaseModel):
    """A key's public members (RFC 7518, section 6); the others are dropped."""

    model_config = ConfigDict(frozen=True, strict=True)

    kty: Literal["RSA", "EC"]
    kid: str | None = None
    use: str | None = None
    alg: str | None = None
    crv: str | None = None
    n: Base64Url | None = None
    e: Base64Url | None = None
    x: Base64Url | None = None
    y: Base64Url | None = None


def key_set(document: KeyDocument) -> KeySet:
    """The usable keys; the others are ignored (RFC 7517, section 5). Raises ValueError."""
    keys = [key for each in document.keys if (key := _key(each)) is not None]
    if not keys:
        raise ValueError("no usable key")
    return KeySet(keys)


def _key(members: object) -> Key | None:
    try:
        public = _PublicKey.model_validate(members)
        if public.n is not None and _bits(public.n) < SMALLEST_RSA_BITS:
            return None
        return JWKRegistry.import_key(public.model_dump(exclude_none=True))
    except (ValueError, KeyError, JoseError):  # joserfc raises KeyError for an unknown curve
        return None


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number + "=="), "big").bit_length()
