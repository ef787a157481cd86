"""A document as it arrives: refused before anything of it is used where it is too large, no XML, or XML that does more than tell.

No document type, and so no entity of its own; nothing is fetched; elements nest only so deep; nothing in it may run or load.
Comments and processing instructions are dropped.
"""

from __future__ import annotations

from typing import Any, NoReturn

from lxml import etree

from mappings.ccda.xml import HL7, Node

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100
"""Elements inside each other; a full note needs about thirty."""
MAX_PARTS = 500_000
"""Elements and attributes; a summary of many years has about a hundred thousand."""
MAX_ENTRIES = 5_000

_ACTIVE = frozenset(["script", "style", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "link", "meta", "base", "svg", "math", "audio", "video"])
_LINKS = ("http:", "https:", "mailto:", "tel:", "#")


class BadDocument(ValueError):
    """A document that is not taken: the rule it breaks and how to mend it, never a value of it."""

    def __init__(self, rule: str, mend: str) -> None:
        super().__init__(f"{rule} {mend}")
        self.rule = rule
        self.mend = mend


class _Guarded:
    """What the parser reports to: a tree is built of it, and it stops at the first thing that has no place here. Comments and instructions are not asked for."""

    def __init__(self) -> None:
        self._builder: Any = etree.TreeBuilder()
        self._depth = self._parts = 0
        self._refused: BadDocument | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._parts += 1 + len(attributes)
        if self._depth > MAX_DEPTH:
            self._refuse(f"The document nests elements more than {MAX_DEPTH} deep.", "Send it with its sections and entries as C-CDA nests them.")
        if self._parts > MAX_PARTS:
            self._refuse(f"The document has more than {MAX_PARTS} elements and attributes.", "Send a document of one encounter or a summary.")
        if _is_active(tag, attributes):
            self._refuse("The document holds what could run or load in a browser.", "Send CDA's own narrative: text, tables, lists and links to http or https.")
        self._builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(tag)

    def data(self, text: str) -> None:
        self._builder.data(text)

    def doctype(self, *_: Any) -> None:
        self._refuse("The document declares a document type or entities.", "Send it without <!DOCTYPE>; CDA has none.")

    def _refuse(self, rule: str, mend: str) -> NoReturn:
        """Stop the parser; it closes what it reports to before it says why, so the reason is kept for that."""
        self._refused = BadDocument(rule, mend)
        raise self._refused

    def close(self) -> Node:
        if self._refused:
            raise self._refused
        root: Node = self._builder.close()
        return root


def parse(document: bytes) -> Node:
    """The root of a CDA document that holds nothing that runs or loads. Raises BadDocument."""
    if len(document) > MAX_BYTES:
        raise BadDocument(f"The document is larger than {MAX_BYTES // 1024 // 1024} MB.", "Send it without embedded files.")
    root = _tree(document)
    if root.tag != f"{HL7}ClinicalDocument":
        raise BadDocument("The document's root is not ClinicalDocument of urn:hl7-org:v3.", "Send the CDA document itself, not a package or another format.")
    if sum(1 for _ in root.iter(f"{HL7}entry")) > MAX_ENTRIES:
        raise BadDocument(f"The document has more than {MAX_ENTRIES} entries.", "Send a document of one encounter or a summary.")
    return root


def _tree(document: bytes) -> Node:
    # internal entities are resolved (lxml's own default), for `&amp;` in an attribute is one; any other would need the document type at which the parser has stopped
    target: Any = _Guarded()
    parser = etree.XMLParser(target=target, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)
    try:
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as fault:
        if isinstance(fault, BadDocument):
            raise
        raise BadDocument("The document is not well-formed XML.", "Send it as the system that wrote it made it, in UTF-8.") from None


def _is_active(tag: str, attributes: dict[str, str]) -> bool:
    """Whether an element is one that runs or loads, has an event's handler, or leads elsewhere than to a page, a mail, a telephone or a place in the document."""
    return tag.rpartition("}")[2].lower() in _ACTIVE or any(_runs(name.rpartition("}")[2].lower(), value) for name, value in attributes.items())


def _runs(name: str, value: str) -> bool:
    if name in ("href", "src"):
        address = "".join(value.split()).lower()
        return ":" in address and not address.startswith(_LINKS)
    return name.startswith("on")
