"""Limits on a value, given in a grammar's URI as for VoiceXML's builtin digits."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot.errors import GrammarError

MAX_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Length:
    """Number of characters that a value may have; ``most`` None is without limit.

    ``alphabet`` has the characters allowed in it; None allows any.
    """

    least: int = 0
    most: int | None = None
    alphabet: str | None = None

    def allows(self, size: int) -> bool:
        """Return True if a value of this many characters is within the limits."""
        return self.least <= size and (self.most is None or size <= self.most)


ANY_LENGTH = Length()


def split_uri(uri: str, of_a_part: bool = False) -> tuple[str, Length, str | None]:
    """Split ``file?length=6#rule`` into file (may be empty), limits, and rule (or None).

    Raises GrammarError for unknown parameters, limits that nothing meets, anything but a plain file
    name, or an alphabet for a part, since it applies to a whole field.
    """
    rest, hash_sign, rule = uri.partition("#")
    file, _, query = rest.removeprefix("./").partition("?")
    if any(sign in file for sign in "/\\:") or file.startswith("."):
        raise GrammarError(f"{uri}: name a file in the grammars folder, without a path")
    if hash_sign and not rule:
        raise GrammarError(f"{uri}: a rule name is missing after #")
    limits = _limits(uri, query)
    if of_a_part and limits.alphabet is not None:
        raise GrammarError(f"{uri}: alphabet is allowed only for a whole field")
    return file, limits, rule or None


def _limits(uri: str, query: str) -> Length:
    if not query:
        return ANY_LENGTH
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=4)
        alphabet = dict(pairs).get("alphabet")
        given = {name: int(value) for name, value in pairs if name != "alphabet"}
    except ValueError:
        raise GrammarError(
            f"{uri}: unknown parameter; use length, minlength, maxlength, or alphabet"
        ) from None
    if set(given) - {"length", "minlength", "maxlength"} or ("length" in given and len(given) > 1):
        raise GrammarError(f"{uri}: use either length, or minlength and maxlength")
    if "length" in given:
        given = {"minlength": given["length"], "maxlength": given["length"]}
    length = Length(given.get("minlength", 0), given.get("maxlength"), alphabet)
    if alphabet == "":
        raise GrammarError(f"{uri}: alphabet is empty")
    if length.least < 0 or length.least > (length.most or MAX_LENGTH):
        raise GrammarError(f"{uri}: no value can have this length")
    if (length.most or 0) > MAX_LENGTH:
        raise GrammarError(f"{uri}: lengths over {MAX_LENGTH} are not supported")
    return length
