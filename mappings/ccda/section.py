"""Sections on the way out: what a person reads and what a machine reads, made from the same lines, so that they cannot differ.

Every line of the narrative has an ID and every entry refers to its line. A section that has nothing says so in words and with
nullFlavor NI: no information here, which is not the same as nothing known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mappings.ccda import oid
from mappings.ccda.value import code, referring
from mappings.ccda.xml import Child, Node, lines, node, template

_TEMPLATES = "2.16.840.1.113883.10.20.22."


class Form(NamedTuple):
    """A section template: its LOINC code, title, template OID and version, the headings of its table, and what it says when empty."""

    loinc: str
    title: str
    root: str
    version: str | None
    headings: tuple[str, ...]
    nothing: str


Cell = tuple[str, str | Sequence[str] | None]
"""The name of a cell, which with its line's ID makes its own, and its text; of several texts each has an ID with its number."""


class Line(NamedTuple):
    """One line of a section: its ID, its cells in the order of the headings, and the entries that refer to it."""

    identity: str
    cells: tuple[Cell, ...]
    entries: tuple[Node, ...]


def section(form: Form, told: Sequence[Line]) -> Node:
    """The section with a line of narrative for each entry; one that says it has no information where there are none."""
    head = [template(form.root, form.version), code("code", form.loinc, oid.LOINC), node("title", text=form.title)]
    if not told:
        return node("component", node("section", head, node("text", node("paragraph", text=form.nothing)), nullFlavor="NI"))
    entries = [node("entry", entry) for line in told for entry in line.entries]
    return node("component", node("section", head, node("text", _table(form.headings, told)), entries))


def _table(headings: Sequence[str], told: Sequence[Line]) -> Node:
    head = node("thead", node("tr", [node("th", text=heading) for heading in headings]))
    return node("table", head, node("tbody", [_row(line) for line in told]))


def _row(line: Line) -> Node:
    return node("tr", [_cell(f"{line.identity}-{part}", text) for part, text in line.cells], ID=line.identity)


def _cell(identity: str, text: str | Sequence[str] | None) -> Node:
    if not text:
        return node("td")
    if isinstance(text, str):
        return lines("td", text, ID=identity)
    return node("td", [node("paragraph", lines("content", each, ID=f"{identity}-{number}")) if each else node("paragraph") for number, each in enumerate(text)])


def plain(title: str, text: str) -> Node:
    """A section of words alone, without a template: for what no template is made for."""
    return node("component", node("section", node("title", text=title), node("text", lines("paragraph", text))))


def entry_template(number: str, version: str | None = None) -> Node:
    """A template of C-CDA's entries by its last number."""
    return template(f"{_TEMPLATES}4.{number}", version)


_CLASSES = {"act": "ACT", "observation": "OBS", "procedure": "PROC", "substanceAdministration": "SBADM"}


def statement(tag: str, mood: str, line: str | None, head: Sequence[Node], *children: Child, class_code: str | None = None, negated: bool = False) -> Node:
    """An act, observation, procedure or administration: its head (templates, ids, code), where the narrative tells it, and the rest, as CDA orders them."""
    told = referring("text", line) if line else None
    return node(tag, head, told, *children, classCode=class_code or _CLASSES[tag], moodCode=mood, negationInd="true" if negated else None)


def observed(line: str | None, head: Sequence[Node], *children: Child, negated: bool = False) -> Node:
    """An observation that was made, and so is completed."""
    return statement("observation", "EVN", line, head, node("statusCode", code="completed"), *children, negated=negated)


def related(type_code: str, entry: Node, *, inverted: bool = False) -> Node:
    return node("entryRelationship", entry, typeCode=type_code, inversionInd="true" if inverted else None)


def words(concept: dict[str, Any] | None) -> str:
    """What a person reads of a concept: its text, else a display, else a code."""
    concept = concept or {}
    codings = concept.get("coding", [])
    said = concept.get("text") or next((coding["display"] for coding in codings if coding.get("display")), None)
    return said or next((coding["code"] for coding in codings if coding.get("code")), None) or "Not stated"


def when(date_time: str | None) -> str | None:
    """A moment as a person reads it, to the minute, at the place where it was."""
    return date_time[:16].replace("T", " ") if date_time else None


def first_code(concept: dict[str, Any] | None, default: str = "") -> str:
    return next((coding["code"] for coding in (concept or {}).get("coding", []) if coding.get("code")), default)
