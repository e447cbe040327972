"""A grammar file as a small tree of elements that know their lines, read by a hardened parser.

UTF-8 or UTF-16, no document type, no entities, no external references; 256 KiB and 32 levels at
most.
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

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from bot.bounded_file import read_bounded
from bot.errors import GrammarError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
XML = "http://www.w3.org/XML/1998/namespace"

_ENCODING = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
_ENCODINGS = {"utf-8", "utf-16", "us-ascii", "iso-8859-1"}
"""Those that Expat reads by itself."""

Name = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A file and a line in it."""

    file: str
    line: int

    def error(self, message: str) -> GrammarError:
        """Make the fault that names this place."""
        return GrammarError(f"{self.file}:{self.line}: {message}")


@dataclass(slots=True)
class Element:
    """One XML element; attribute names are local, with ``xml:`` in front where XML's own."""

    namespace: str | None
    tag: str
    attributes: dict[str, str]
    place: Place
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The character data directly inside."""
        return "".join(child for child in self.children if isinstance(child, str))

    @property
    def inner_elements(self) -> tuple[Element, ...]:
        """The elements directly inside, whatever text is between them."""
        return tuple(child for child in self.children if isinstance(child, Element))

    def elements(self) -> Iterator[Element]:
        """The elements directly inside; character data between them is a fault."""
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
        attributes = {
            (f"xml:{local}" if namespace == XML else local): value
            for (namespace, local), value in attrs.items()
        }
        element = Element(name[0], name[1], attributes, Place(self.file, line))
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


def _check_encoding(data: bytes, place: Place) -> None:
    """Python's parser takes the name of any of its codecs, whatever that one does."""
    named = _ENCODING.match(data)
    if named and named[1].decode("ascii").lower() not in _ENCODINGS:
        raise place.error("use UTF-8")


def read_markup(path: Path) -> Element:
    """Parse the file; return its root element. Raises GrammarError naming file and line."""
    try:
        data = read_bounded(path, MAX_BYTES)
    except OSError as error:
        raise GrammarError(f"{path.name}: cannot be read ({error.strerror})") from None
    _check_encoding(data, Place(path.name, 1))
    builder = _TreeBuilder(path.name)
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    try:
        parser.parse(BytesIO(data))
    except SAXParseException as error:
        place = Place(path.name, error.getLineNumber() or 0)
        raise place.error(f"not well-formed XML ({error.getMessage()})") from None
    except DefusedXmlException:
        raise Place(path.name, 1).error("document types and entities are not allowed") from None
    except (LookupError, ValueError):
        raise Place(path.name, 1).error("unknown encoding; use UTF-8") from None
    if builder.root is None:
        raise Place(path.name, 1).error("no root element")
    return builder.root
