"""Narrative that may be shown in a browser: plain XHTML, nothing that runs, loads or hides (https://hl7.org/fhir/R4/narrative.html, txt-1 and txt-2)."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

XHTML = "{http://www.w3.org/1999/xhtml}"

_ELEMENTS = """
a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q samp small span strong
sub sup table tbody td tfoot th thead tr tt ul var
"""
ELEMENTS = frozenset(XHTML + name for name in _ELEMENTS.split())

_ATTRIBUTES = """
abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords dir frame
headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type
valign value vspace width
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split()) | {"{http://www.w3.org/XML/1998/namespace}lang", "{http://www.w3.org/XML/1998/namespace}space"}

_TAG = re.compile(r"<[^>]*>")
_PLAIN = frozenset(written for name in _ELEMENTS.split() for written in (f"<{name}>", f"</{name}>", f"<{name}/>")) | {f'<div xmlns="{XHTML[1:-1]}">'}
"""Tags without attributes, as most narratives have no others: where they are well-formed nothing more need be asked of them."""

_IMG = f"{XHTML}img"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LINK = re.compile(r"^(?:https?|mailto|tel|urn):", re.IGNORECASE)
_NEAR = r"(?:data:image/(?:png|gif|jpeg);base64,[A-Za-z0-9+/=]+|#?[A-Za-z0-9_.-][A-Za-z0-9_./-]*)"
"""An image that comes with the text or from beside it: no other server learns who reads."""
_IMAGE = re.compile(rf"^{_NEAR}$")
_STYLE_URL = re.compile(rf"url\(\s*['\"]?{_NEAR}['\"]?\s*\)", re.IGNORECASE)
_ACTIVE_STYLE = re.compile(r"url|//|https?:|expression|import|behavio|binding|script|/\*|[\\<@]", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]")

NOT_XHTML = "must be well-formed XHTML in a single div of the namespace http://www.w3.org/1999/xhtml, without HTML entities."
NOT_ALLOWED = "may hold only the text, table, link and image elements and attributes that R4 allows: no scripts, styles that load, forms, frames or event attributes."
EMPTY = "must have some text or an image."


def narrative_fault(div: str) -> tuple[str, str] | None:
    """The issue code and the sentence of the first fault of a `Narrative.div`; None where it is safe."""
    root = _parsed(div)
    if root is None:
        return "structure", NOT_XHTML
    if not _PLAIN.issuperset(_TAG.findall(div)) and not all(_is_allowed(node) for node in root.iter()):
        return "invariant", f"{NOT_ALLOWED} (txt-1)"
    if not any(str(text).strip() for text in root.itertext(etree.Element)) and root.find(f".//{_IMG}") is None:
        return "invariant", f"{EMPTY} (txt-2)"
    return None


def _parsed(div: str) -> etree._Element | None:
    if not div.lstrip().startswith("<div"):
        return None  # also keeps out declarations and document types
    # a parser of its own: parsers share a lock and a dictionary between threads
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(div.strip().encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if root.tag == f"{XHTML}div" else None


def _is_allowed(node: etree._Element) -> bool:
    tag: Any = node.tag
    if tag in ELEMENTS:
        return all(_is_safe(tag, str(key), str(value)) for key, value in node.items())
    return tag is etree.Comment


def _is_safe(tag: str, key: str, value: str) -> bool:
    if key not in ATTRIBUTES:
        return False
    if key == "src":
        return tag == _IMG and bool(_IMAGE.match(value))
    if key in ("href", "cite", "longdesc"):
        # browsers skip spaces and control characters inside a scheme
        address = _UNSEEN.sub("", value)
        return bool(_LINK.match(address)) or not (_SCHEME.match(address) or address.startswith(("//", "\\")))
    return key != "style" or not _ACTIVE_STYLE.search(_STYLE_URL.sub("", value))
