"""The pieces a CDA document is made of: elements of its namespaces, with text that XML can hold and values that are escaped.

https://www.hl7.org/implement/standards/product_brief.cfm?product_id=7 (CDA R2), with the extensions of namespace `sdtc`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lxml import etree

HL7 = "{urn:hl7-org:v3}"
SDTC = "{urn:hl7-org:sdtc}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NAMESPACES: Any = {None: "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance", "sdtc": "urn:hl7-org:sdtc"}

Node = etree._Element  # noqa: SLF001  lxml's only name for the type
Child = Node | Sequence["Node | None"] | None
"""One child, several, or none."""

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold (https://www.w3.org/TR/xml/#charsets)."""


def fit(text: str) -> str:
    return _UNFIT.sub(" ", text)


def node(tag: str, *children: Child, text: str | None = None, xsi_type: str | None = None, **attributes: str | None) -> Node:
    """An element with its attributes and children in this order; None is left out, a sequence stands for its members."""
    made = etree.Element(_named(tag), {name: fit(value) for name, value in attributes.items() if value is not None}, nsmap=_NAMESPACES)
    if xsi_type:
        made.set(XSI_TYPE, xsi_type)
    made.text = None if text is None else fit(text)
    for child in children:
        made.extend([each for each in (child if isinstance(child, Sequence) else [child]) if each is not None])
    return made


def lines(tag: str, text: str, **attributes: str | None) -> Node:
    """An element of narrative that holds text, its lines apart."""
    first, *rest = text.splitlines() or [""]
    made = node(tag, text=first, **attributes)
    for line in rest:
        node_break = node("br")
        node_break.tail = fit(line)
        made.append(node_break)
    return made


def template(root: str, extension: str | None = None) -> Node:
    return node("templateId", root=root, extension=extension)


def document(made: Node) -> bytes:
    """The bytes of a document, with its declaration; the same tree always gives the same bytes."""
    etree.cleanup_namespaces(made, keep_ns_prefixes=["xsi", "sdtc"])
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8")


def _named(tag: str) -> str:
    return SDTC + tag.removeprefix("sdtc:") if tag.startswith("sdtc:") else HL7 + tag


def local(element: Node) -> str:
    """The name of an element without its namespace; of anything else than an element none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Node | None, *path: str) -> list[Node]:
    """Every element at a path of names below an element of the HL7 namespace."""
    return [] if element is None else list(element.iterfind("/".join(HL7 + name for name in path)))


def child(element: Node | None, *path: str) -> Node | None:
    return next(iter(children(element, *path)), None)


def attribute(element: Node | None, name: str) -> str | None:
    """The value of an attribute without the spaces around it; None where it is missing or empty."""
    value = None if element is None else element.get(name)
    return (value.strip() or None) if value else None


def roots(element: Node) -> set[str]:
    """The roots of the templates an element says it follows; their versions are not asked."""
    return {root for each in children(element, "templateId") if (root := attribute(each, "root"))}
