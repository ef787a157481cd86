"""The human-readable part of a resource: generated, escaped, plain (https://hl7.org/fhir/R4/narrative.html)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_XHTML = "http://www.w3.org/1999/xhtml"


def narrative(title: str, sections: Sequence[tuple[str, str | Sequence[str] | None]]) -> dict[str, Any]:
    """A title, then for each section its heading and its text or list; empty sections are left out."""
    body = "".join(_section(heading, content) for heading, content in sections if content)
    return {"status": "generated", "div": f'<div xmlns="{_XHTML}"><p><b>{escape(title)}</b></p>{body}</div>'}


def _section(heading: str, content: str | Sequence[str]) -> str:
    if isinstance(content, str):
        return f"<p><b>{escape(heading)}:</b> {_lines(content)}</p>"
    items = "".join(f"<li>{_lines(item)}</li>" for item in content)
    return f"<p><b>{escape(heading)}:</b></p><ul>{items}</ul>"


def _lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in text.splitlines())
