"""A hardened XML parser: turns a grammar file into a small tree of elements with line numbers.

Accepts UTF-8 and UTF-16, at most 256 KiB and 32 levels. A document type is skipped if it is bare or
the W3C's own; nothing is ever fetched, and entities are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from xml.sax import SAXParseException  # nosec: the exception class only; parsing is defused
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml.common import DefusedXmlException, ExternalReferenceForbidden
from defusedxml.expatreader import DefusedExpatParser

from bot.bounded_file import read_bounded
from bot.errors import GrammarError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
XML = "http://www.w3.org/XML/1998/namespace"
PUBLIC_DTD = "-//W3C//DTD GRAMMAR 1.0//EN"
"""The public identifier of SRGS's own DTD, which declares no entity: skipping it loses nothing."""

_ENCODING = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
_ENCODINGS = {"utf-8", "utf-16", "us-ascii", "iso-8859-1"}
"""Encodings that Expat itself reads."""
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z_:][\w.:-]*;")

Name = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A file and a line in it."""

    file: str
    line: int

    def error(self, message: str) -> GrammarError:
        """Return an error that names this place."""
        return GrammarError(f"{self.file}:{self.line}: {message}")


@dataclass(slots=True)
class Element:
    """One XML element."""

    namespace: str | None
    tag: str
    attributes: dict[str, str]
    """Attributes by local name; XML's own as ``xml:lang``. Those of other namespaces are left
    out.
    """
    place: Place
    children: list[Element | str] = field(default_factory=list)

    @property
    def inner_elements(self) -> tuple[Element, ...]:
        """Return the child elements, whatever text is between them."""
        return tuple(child for child in self.children if isinstance(child, Element))

    def only_text(self) -> str:
        """Return the character data. Raises GrammarError if there are child elements."""
        for child in self.inner_elements:
            raise child.place.error(f"<{self.tag}> may contain only text, not <{child.tag}>")
        return "".join(child for child in self.children if isinstance(child, str))

    def elements(self) -> Iterator[Element]:
        """Yield the child elements. Raises GrammarError if there is text between them."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
            elif child.strip():
                raise self.place.error(f"<{self.tag}> contains unexpected text {child.strip()!r}")


class _TreeBuilder(ContentHandler):
    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self.root: Element | None = None
        self._open: list[Element] = []
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802
        self._locator = locator

    def startElementNS(  # noqa: N802
        self, name: Name, qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        line = (self._locator.getLineNumber() or 0) if self._locator else 0
        element = Element(name[0], name[1], _own_attributes(name, attrs), Place(self.file, line))
        if len(self._open) >= MAX_DEPTH:
            raise element.place.error(f"elements are nested more than {MAX_DEPTH} levels deep")
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def endElementNS(self, name: Name, qname: str | None) -> None:  # noqa: N802
        self._open.pop()

    def characters(self, content: str) -> None:
        children = self._open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += content
        else:
            children.append(content)


class _Parser(DefusedExpatParser):
    """Skips a document type if that changes nothing; fetches nothing."""

    def defused_start_doctype_decl(
        self, name: str, sysid: str | None, pubid: str | None, has_internal_subset: bool
    ) -> None:
        if has_internal_subset or (sysid and pubid != PUBLIC_DTD):
            super().defused_start_doctype_decl(name, sysid, pubid, has_internal_subset)

    def external_entity_ref(
        self, context: str, base: str | None, sysid: str, pubid: str | None
    ) -> int:
        if pubid != PUBLIC_DTD:
            raise ExternalReferenceForbidden(context, base, sysid, pubid)
        return 1


def _own_attributes(element: Name, attributes: AttributesNSImpl) -> dict[str, str]:
    """Drop declarations of other namespaces; keep a prefix of the element's own, to reject it
    later.
    """
    own = {None: "", XML: "xml:", element[0]: "prefix:"}
    return {
        own[namespace] + local: value
        for (namespace, local), value in attributes.items()
        if namespace in own
    }


def _check_encoding(data: bytes, place: Place) -> None:
    """Reject other encodings: Python's parser would run any codec of its own by name."""
    named = _ENCODING.match(data)
    if named and named[1].decode("ascii").lower() not in _ENCODINGS:
        raise place.error("use UTF-8")


def _check_entities(data: bytes, file: str) -> None:
    """Reject entities: Expat silently drops those of a skipped DTD from attributes."""
    plain = data.replace(b"\0", b"")  # UTF-16
    found = _ENTITY.search(plain)
    if found:
        line = plain.count(b"\n", 0, found.start()) + 1
        name = found[0].decode("ascii", "replace")
        raise Place(file, line).error(f"the entity {name} is not allowed; write its text")


def read_markup(path: Path) -> Element:
    """Parse the file and return its root element. Raises GrammarError naming file and line."""
    try:
        data = read_bounded(path, MAX_BYTES)
    except OSError as error:
        raise GrammarError(f"{path.name}: cannot be read ({error.strerror})") from None
    if data.lstrip(b"\xef\xbb\xbf").startswith(b"#ABNF"):
        raise Place(path.name, 1).error("the ABNF form is not supported; convert it to XML")
    _check_encoding(data, Place(path.name, 1))
    _check_entities(data, path.name)
    builder = _TreeBuilder(path.name)
    parser = _Parser(forbid_dtd=True, forbid_external=False)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    try:
        parser.parse(BytesIO(data))
    except SAXParseException as error:
        place = Place(path.name, error.getLineNumber() or 0)
        raise place.error(f"not well-formed XML ({error.getMessage()})") from None
    except DefusedXmlException:
        message = "a document type with declarations of its own is not allowed"
        raise Place(path.name, 1).error(message) from None
    except (LookupError, ValueError):
        raise Place(path.name, 1).error("unknown encoding; use UTF-8") from None
    if builder.root is None:
        raise Place(path.name, 1).error("no root element")
    return builder.root
