"""A document as it arrives: refused before anything of it is used where it is too large, no XML, or XML that does more than tell.

No document type, and so no entity of its own; nothing is fetched; elements nest only so deep; nothing in it may run or load.
Comments and processing instructions are dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from lxml import etree

from mappings.ccda.xml import HL7, Node

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100
"""Elements inside each other; a full note needs about fifteen."""
MAX_PARTS = 200_000
"""Elements and attributes: in a full note one for every thirty bytes or so, and each costs memory."""
MAX_ENTRIES = 5_000

_ACTIVE = " script style iframe frame object embed applet form input button link meta base svg math audio video "
_LINKS = ("http:", "https:", "mailto:", "tel:", "#")


class BadDocument(ValueError):
    """A document that is not taken: the rule it breaks and how to mend it, never a value of it."""

    def __init__(self, rule: str, mend: str) -> None:
        super().__init__(f"{rule} {mend}")
        self.rule = rule
        self.mend = mend


class _Survey:
    """What the parser reports to before a tree is built: it stops at a document type before anything that this declares is read, and at a bound."""

    def __init__(self) -> None:
        self._stopped: BadDocument | None = None
        self._depth = 0
        self._parts = 0

    def doctype(self, *_: Any) -> None:
        self._stop("The document declares a document type or entities.", "Send it without <!DOCTYPE>; CDA has none.")

    def start(self, _tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._parts += 1 + len(attributes)
        if self._depth > MAX_DEPTH:
            self._stop(f"The document nests elements more than {MAX_DEPTH} deep.", "Send it with its sections and entries as C-CDA nests them.")
        if self._parts > MAX_PARTS:
            self._stop(f"The document has more than {MAX_PARTS} elements and attributes.", "Send a document of one encounter or a summary.")

    def end(self, _tag: str) -> None:
        self._depth -= 1

    def _stop(self, rule: str, mend: str) -> NoReturn:
        """The parser closes what it reports to before it says why it stopped, so the reason is kept for that."""
        self._stopped = BadDocument(rule, mend)
        raise self._stopped

    def close(self) -> None:
        if self._stopped:
            raise self._stopped


def parse(document: bytes) -> Node:
    """The root of a CDA document that holds nothing that runs or loads. Raises BadDocument."""
    if len(document) > MAX_BYTES:
        raise BadDocument(f"The document is larger than {MAX_BYTES // 1024 // 1024} MB.", "Send it without embedded files.")
    root = _tree(document)
    if root.tag != f"{HL7}ClinicalDocument":
        raise BadDocument("The document's root is not ClinicalDocument of urn:hl7-org:v3.", "Send the CDA document itself, not a package or another format.")
    for is_broken, rule, mend in _BOUNDS:
        if is_broken(root):
            raise BadDocument(rule, mend)
    return root


def _tree(document: bytes) -> Node:
    """Read twice: surveyed first, and built where it keeps the bounds; no entity but XML's own five can be in it."""
    survey: Any = _Survey()
    options: dict[str, Any] = {"no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False}
    try:
        etree.fromstring(document, etree.XMLParser(target=survey, **options))
        return etree.fromstring(document, etree.XMLParser(remove_comments=True, remove_pis=True, **options))
    except (etree.XMLSyntaxError, LookupError, ValueError) as fault:
        raise _refusal(fault) from None


def _refusal(fault: Exception) -> BadDocument:
    if isinstance(fault, BadDocument):
        return fault
    if getattr(fault, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return BadDocument(
            f"The document nests elements more than {MAX_DEPTH} deep, or holds a text of more than 10 MB.", "Send it without embedded files, nested as C-CDA nests its sections."
        )
    return BadDocument("The document is not well-formed XML.", "Send it as the system that wrote it made it, in UTF-8.")


_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_NAME = f"translate(local-name(), '{_UPPER}', '{_LOWER}')"
_ENTRIES = etree.XPath("count(//*[local-name() = 'entry'])")
_RUNS = etree.XPath(f"boolean(//*[contains('{_ACTIVE}', concat(' ', {_NAME}, ' '))] | //@*[starts-with({_NAME}, 'on')])")
_ADDRESSES = etree.XPath(f"//@*[{_NAME} = 'href' or {_NAME} = 'src']")


def _number(path: etree.XPath, root: Node) -> float:
    found: Any = path(root)
    return float(found)


def _is_active(root: Node) -> bool:
    """Whether an element is one that runs or loads, has an event's handler, or leads elsewhere than to a page, a mail, a telephone or a place in the document."""
    found: Any = _ADDRESSES(root)
    addresses = ("".join(each.split()).lower() for each in found)
    return bool(_RUNS(root)) or any(":" in each and not each.startswith(_LINKS) for each in addresses)


_BOUNDS: tuple[tuple[Callable[[Node], bool], str, str], ...] = (
    (lambda root: _number(_ENTRIES, root) > MAX_ENTRIES, f"The document has more than {MAX_ENTRIES} entries.", "Send a document of one encounter or a summary."),
    (_is_active, "The document holds what could run or load in a browser.", "Send CDA's own narrative: text, tables, lists and links to http or https."),
)
"""Each bound with its rule and its mend; all are looked for in the tree as it stands, before anything of it is used."""
