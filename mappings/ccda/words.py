"""The narrative on the way in, as plain text: of a whole section, and of the place an entry refers to by its ID.

Nothing of it is ever shown as markup. What could run, load or send is refused before (`mappings.ccda.parse`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mappings.ccda.xml import Node, attribute, child, local

_END, _SOFT_END, _BAR = "\x00", "\x01", "\x02"
"""Where a line ends, where one would if it were not in a row, and where a cell ends; no XML document holds any of them."""
_ITEMS = frozenset(("item", "li"))
_BLOCKS = frozenset(("paragraph", "table", "thead", "tbody", "tfoot", "tr", "list", "item", "caption", "text", "title", "p", "div", "ul", "ol", "li"))
_CELLS = frozenset(("td", "th"))
_SPACES = re.compile(r"\s+")
_SOFT = re.compile(r" ?(?:\x01 ?)+")
_AFTER = re.compile(r"(?:(?<=\x02)|(?<=\x02 )|^)\x01")
_BEFORE = re.compile(r"\x01(?= ?\x02|$)")
_LONGEST = 4_000
"""Characters of narrative that one place of a resource takes over; the whole of it is in the document's own text."""


def plain(element: Node, most: int | None = None) -> str:
    """The text of narrative: lines for blocks, dashes for items, bars between the cells of a row. `most`: about so many characters are enough."""
    told: list[str] = []
    left = most
    for piece in _pieces(element, most, is_whole=True):
        told.append(piece)
        if left is not None and (left := left - len(piece)) < 0:
            break
    return "\n".join(line for each in "".join(told).split(_END) if (line := _line(each)))


def _line(text: str) -> str:
    """One line: single spaces, and a semicolon where a line would end inside a cell, but for the edges of it."""
    told = _SOFT.sub(_SOFT_END, _SPACES.sub(" ", text))
    return _BEFORE.sub(" ", _AFTER.sub(" ", told)).replace(_SOFT_END, "; ").strip(f" {_BAR}").replace(_BAR, "|")


def _pieces(element: Node, most: int | None, *, in_row: bool = False, is_whole: bool = False) -> Iterator[str]:
    """The text in pieces, with a mark where a line ends; in a row nothing ends its line, and the mark is a soft one."""
    name, end = local(element), _SOFT_END if in_row else _END
    if name == "br":
        yield end
        return
    yield f"{end}- " if name in _ITEMS and not is_whole else end if name in _BLOCKS else ""
    yield str(element.text or "")[:most]
    for part in element:
        yield from _pieces(part, most, in_row=in_row or name == "tr")
        yield str(part.tail or "")[:most]
    yield end if name in _BLOCKS else f" {_BAR} " if name in _CELLS else ""


class Words:
    """Every place of a document's narrative by its ID."""

    def __init__(self, document: Node) -> None:
        self._places: dict[str, Node] = {}
        for element in document.iter():
            if identity := element.get("ID"):
                self._places.setdefault(str(identity), element)
        self._told: dict[str, str | None] = {}

    def of(self, element: Node | None) -> str | None:
        """The words of an element: those of the place it refers to, else its own."""
        reference = attribute(child(element, "reference"), "value")
        referred = self._at(reference.removeprefix("#")) if reference else None
        return referred or (_cut(plain(element, 2 * _LONGEST)) if element is not None else None)

    def _at(self, identity: str) -> str | None:
        if identity not in self._told:
            place = self._places.get(identity)
            self._told[identity] = None if place is None else _cut(plain(place, 2 * _LONGEST))
        return self._told[identity]


def _cut(text: str) -> str | None:
    return (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…") or None
