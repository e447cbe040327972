"""What an ID token must say and be signed with, and how fresh a sign-in it makes (S11)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.elms_service import Elms
from tests.support.scripted_provider import (
    CLIENT,
    KEYS,
    RsaKey,
    ScriptedProvider,
    b64,
    hs256,
    reply,
    token,
)
from tests.support.sso_visits import START, Visit, elms_and_provider

pytestmark = pytest.mark.server

KEY, OTHER = RsaKey(), RsaKey()
NOW = int(START.timestamp())
Forge = Callable[[ScriptedProvider], str]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Elms, ScriptedProvider]]:
    with elms_and_provider(tmp_path_factory.mktemp("sso"), KEY) as running:
        yield running


@pytest.fixture
def visit(both: tuple[Elms, ScriptedProvider]) -> Visit:
    return Visit.to_an_honest_provider(*both)


def payload(provider: ScriptedProvider) -> bytes:
    return json.dumps(provider.all_claims()).encode()


# -- signatures ----------------------------------------------------------------------------------


def public(encoding: Encoding) -> bytes:
    return KEY.private.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def hs256_with(secret: bytes) -> Forge:
    return lambda provider: token(
        {"alg": "HS256", "kid": "first"}, payload(provider), hs256(secret)
    )


def unsigned(algorithm: str) -> Forge:
    return lambda provider: token(
        {"alg": algorithm, "kid": "first"}, payload(provider), lambda _: b""
    )


def with_header(**more: Any) -> Forge:
    """Rightly signed, under an unusual header."""
    header = {"alg": "RS256", "kid": "first"} | more
    kept = {name: value for name, value in header.items() if value is not ...}
    return lambda provider: token(kept, payload(provider), KEY.sign)


def by_another_key(**more: Any) -> Forge:
    header = {"alg": "RS256", "kid": "first"} | more
    return lambda provider: token(header, payload(provider), OTHER.sign)


def changed(provider: ScriptedProvider) -> str:
    head, _, signature = provider.honest_token().split(".")
    return (
        f"{head}.{b64(json.dumps(provider.all_claims() | {'sub': 'other'}).encode())}.{signature}"
    )


def deep_header(provider: ScriptedProvider) -> str:
    head = b64(b'{"alg":' + b"[" * 3_000 + b"]" * 3_000 + b"}")
    return f"{head}.{b64(payload(provider))}.AA"


def signed(body: bytes) -> Forge:
    """Rightly signed, whatever it says."""
    return lambda _: token({"alg": "RS256", "kid": "first"}, body, KEY.sign)


FORGED: dict[str, Forge] = {
    "no algorithm": unsigned("none"),
    "no algorithm, in capitals": unsigned("NONE"),
    "an algorithm that is empty": unsigned(""),
    "the public key as a secret, PEM": hs256_with(public(Encoding.PEM)),
    "the public key as a secret, PEM without its last line break": hs256_with(
        public(Encoding.PEM).strip()
    ),
    "the public key as a secret, DER": hs256_with(public(Encoding.DER)),
    "the public key as a secret, JWK": hs256_with(json.dumps(KEY.public()).encode()),
    "the modulus as a secret": hs256_with(KEY.public()["n"].encode()),
    "the client secret as a secret": hs256_with(b"a-client-secret-for-tests"),
    "an empty secret": hs256_with(b""),
    "another key of the same name": by_another_key(),
    "another key of another name": by_another_key(kid="second"),
    "the signer's own key in the header": by_another_key(jwk=OTHER.public()),
    "the address of a key in the header": by_another_key(jku="https://idp.example/keys"),
    "the right key under another name": with_header(kid="second"),
    "no name of the key": with_header(kid=...),
    "an empty name of the key": with_header(kid=""),
    "a name of the key that is a list": with_header(kid=["first"]),
    "a name of the key that is a path": with_header(kid="../../dev/null"),
    "another algorithm in the header": with_header(alg="RS512"),
    "an algorithm for another kind of key": with_header(alg="ES256"),
    "an algorithm that is a list": with_header(alg=["RS256"]),
    "no algorithm at all": with_header(alg=...),
    "an unknown critical header": with_header(crit=["exp"], exp=1),
    "a critical header that is a number": with_header(crit=1),
    "an unencoded payload": with_header(b64=False, crit=["b64"]),
    "a header that is a list": lambda provider: token([], payload(provider), KEY.sign),
    "a header that is null": lambda provider: token(None, payload(provider), KEY.sign),
    "a header 3000 deep": deep_header,
    "changed claims": changed,
    "no signature": lambda provider: provider.honest_token().rpartition(".")[0] + ".",
    "a shortened signature": lambda provider: provider.honest_token()[:-8],
    "half of a token": lambda provider: provider.honest_token().rpartition(".")[0],
    "an encrypted token": lambda provider: provider.honest_token() + ".AA.AA",
    "padding": lambda provider: provider.honest_token() + "==",
    "claims that are a list": signed(b"[]"),
    "claims that are null": signed(b"null"),
    "no claims": signed(b""),
    "claims that are no JSON": signed(b"{"),
    "claims 3000 deep": signed(b'{"a":' * 3_000 + b"1" + b"}" * 3_000),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_the_provider_did_not_sign_is_refused(visit: Visit, name: str) -> None:
    """The key set has a second key, so that a token must say which it is signed with."""
    keys = {"keys": [KEY.public(), RsaKey("third").public()]}
    visit.provider.scripted[KEYS] = reply(json.dumps(keys).encode())
    visit.provider.make_token = FORGED[name]
    visit.check_refused(visit.go())


def ps256(data: bytes) -> bytes:
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return KEY.private.sign(data, salted, hashes.SHA256())


def test_a_single_key_needs_no_name(visit: Visit) -> None:
    visit.provider.make_token = with_header(kid=...)
    visit.go()
    assert visit.is_signed_in


def test_a_probabilistic_signature_is_accepted(visit: Visit) -> None:
    visit.provider.make_token = lambda provider: token(
        {"alg": "PS256", "kid": "first"}, payload(provider), ps256
    )
    visit.go()
    assert visit.is_signed_in


def test_a_signature_on_an_elliptic_curve_is_accepted(visit: Visit) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_numbers()

    def es256(data: bytes) -> bytes:
        parts = decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(part.to_bytes(32, "big") for part in parts)

    coordinates = {"x": b64(point.x.to_bytes(32, "big")), "y": b64(point.y.to_bytes(32, "big"))}
    member = {"kty": "EC", "crv": "P-256", "kid": "curve"} | coordinates
    visit.provider.scripted[KEYS] = reply(json.dumps({"keys": [member]}).encode())
    visit.provider.make_token = lambda provider: token(
        {"alg": "ES256", "kid": "curve"}, payload(provider), es256
    )
    visit.go()
    assert visit.is_signed_in


# -- claims --------------------------------------------------------------------------------------

WRONG: list[tuple[str, tuple[object, ...]]] = [
    ("iss", (..., None, 7, "", [], "https://idp.example")),
    ("aud", (..., None, 7, "", [], {}, "other", ["other"], "elms ", "ELMS", {"elms": True})),
    ("aud", (["elms", 7], [["elms"]], ["elms", "other"])),
    ("azp", ("other", "", 7, True, [CLIENT])),
    ("exp", (..., None, "", str(NOW + 300), True, [NOW + 300], -1, 0, NOW - 31, -(10**400))),
    ("nbf", (NOW + 31, str(NOW), True, [], 10**400)),
    ("iat", (..., None, str(NOW), True, NOW + 31, 10**400)),
    ("nonce", (..., None, "", "other", 7, True, [], {})),
    ("sub", (..., None, "", 7, True, [], ["subject"], {}, "s" * 201)),
    ("sub", ("a\0b", "a\nb", "s\u00fcb", "\ud800")),
    ("auth_time", ("", str(NOW), True, [], {}, -1, -(10**400))),
]
EACH_WRONG = [(name, value) for name, values in WRONG for value in values]


@pytest.mark.parametrize(("name", "value"), EACH_WRONG, ids=lambda part: str(part)[:30])
def test_a_token_with_wrong_claims_is_refused(visit: Visit, name: str, value: object) -> None:
    visit.provider.claims[name] = value
    visit.check_refused(visit.go())


@pytest.mark.parametrize("words", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
def test_a_time_other_than_a_number_is_refused(visit: Visit, name: str, words: str) -> None:
    def forge(provider: ScriptedProvider) -> str:
        claims = provider.all_claims() | {name: "HERE"}
        return signed(json.dumps(claims).replace('"HERE"', words).encode())(provider)

    visit.provider.make_token = forge
    visit.check_refused(visit.go())


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "nonce"])
def test_a_claim_that_appears_twice_is_refused(visit: Visit, name: str) -> None:
    def forge(provider: ScriptedProvider) -> str:
        twice = f'{{"{name}": "other", '.encode()
        return signed(payload(provider).replace(b"{", twice, 1))(provider)

    visit.provider.make_token = forge
    visit.check_refused(visit.go())


def test_a_token_of_an_earlier_sign_in_is_refused(visit: Visit) -> None:
    earlier = visit.visitor.get("/sso", follow=False).headers["Location"]
    visit.provider.begun(earlier)
    stolen = visit.provider.honest_token()
    visit.provider.make_token = lambda _: stolen
    assert visit.check_refused(visit.go()) == "invalid_claim nonce"


RIGHT: list[dict[str, object]] = [
    {"aud": [CLIENT]},
    {"aud": CLIENT, "azp": CLIENT},
    {"aud": [CLIENT, "other"], "azp": CLIENT},
    {"exp": NOW + 0.5},
    {"exp": NOW - 20},
    {"iat": NOW + 20},
    {"iat": NOW - 86_400, "nbf": NOW - 86_400},
    {"auth_time": NOW - 0.5},
    {"auth_time": 0},
    {"auth_time": 10**400},
    {"preferred_username": ["supervisor"], "acr": None, "amr": 7},
    {"": "", "claims": {"deep": [[[[]]]]}},
]


@pytest.mark.parametrize("claims", RIGHT, ids=lambda claims: str(claims)[:40])
def test_a_token_within_the_rules_is_accepted(visit: Visit, claims: dict[str, object]) -> None:
    visit.provider.claims |= claims
    visit.go()
    assert visit.is_signed_in


# -- freshness -----------------------------------------------------------------------------------

MINUTE, HOUR = 60, 3_600
FRESH: list[tuple[object, bool]] = [
    (0, True),
    (-9 * MINUTE, True),
    (-10 * MINUTE, False),
    (-8 * HOUR, False),
    (20, True),
    (8 * HOUR, False),
    (..., False),
]


@pytest.mark.parametrize(("offset", "fresh"), FRESH, ids=str)
def test_only_the_provider_makes_a_sign_in_fresh(visit: Visit, offset: object, fresh: bool) -> None:
    visit.provider.claims["auth_time"] = NOW + offset if isinstance(offset, int) else ...
    assert visit.go("/sso?next=/pin").headers["Location"] == "/pin"
    assert visit.is_fresh is fresh


def test_a_time_ahead_of_the_clock_is_fresh_no_longer_than_the_present(visit: Visit) -> None:
    visit.provider.claims["auth_time"] = NOW + 20
    visit.go()
    visit.elms.clock.move(minutes=9, seconds=59)
    assert visit.is_fresh
    visit.elms.clock.move(seconds=1)
    assert not visit.is_fresh


ASKED_AGAIN: list[tuple[object, bool]] = [
    (0, True),
    (-20, True),
    (-31, False),
    (-9 * MINUTE, False),
    (8 * HOUR, False),
    (..., False),
]


@pytest.mark.parametrize(("offset", "accepted"), ASKED_AGAIN, ids=str)
def test_a_requested_new_sign_in_must_be_newer_than_the_request(
    visit: Visit, offset: object, accepted: bool
) -> None:
    """Within half a minute, by which the two clocks may differ."""
    visit.provider.claims["auth_time"] = NOW + offset if isinstance(offset, int) else ...
    answer = visit.go("/sso?again=1&next=/pin")
    if accepted:
        assert answer.headers["Location"] == "/pin"
        assert visit.is_fresh
    else:
        assert visit.check_refused(answer) == "nobody was asked again"
