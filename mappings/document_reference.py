"""Notes, assessments and other papers of the chart -> DocumentReference (US Core), the text itself inside as UTF-8."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any

from gateway.record.types import Assessment, Document, Note
from mappings import codes
from mappings.element import meta, moment
from mappings.identity import Site

_CLINICAL_NOTE = ("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note")
_ASSESSED = (
    ("presenting_problem", "Presenting problem"),
    ("history", "History"),
    ("mental_status", "Mental status"),
    ("strengths", "Strengths"),
    ("impression", "Impression"),
)


_PAPERS = {
    "letter": ("Letter", None),
    "handout": ("Handout for the client", None),
    "signed-form": ("Signed form", "59284-0"),
    "advance-directive": ("Advance directive", "42348-3"),
    "report": ("Report", None),
}
"""What a paper is called, and its LOINC document type where one is checked; US Core takes unknown (UNK) for the others."""


def of_note(note: Note, site: Site) -> list[dict[str, Any]]:
    """Notes of the chart only; a process note never gets here, and its mark becomes nothing (45 CFR 164.501)."""
    kind = {"coding": [codes.translated("note-type", note.type)], "text": f"{note.type.capitalize()} note"}
    return [_document(note, kind, note.written_at, note.author, _plain(note.text), site)]


def of_assessment(assessment: Assessment, site: Site) -> list[dict[str, Any]]:
    text = "\n\n".join(f"{title}\n{told}" for field, title in _ASSESSED if (told := getattr(assessment, field)))
    kind = {"coding": [codes.translated("note-type", "history")], "text": "Assessment"}
    return [_document(assessment, kind, assessment.assessed_at, assessment.clinician, _plain(text), site)]


def of_document(document: Document, site: Site) -> list[dict[str, Any]]:
    """A paper under its own title; `status` says whether a later one took its place."""
    text, loinc = _PAPERS[document.type]
    coding = codes.coding(codes.LOINC, loinc) if loinc else codes.coding(codes.THO + "v3-NullFlavor", "UNK")
    content = _plain(document.text, document.media_type) if document.text is not None else _encoded(document)
    paper = _document(document, {"coding": [coding], "text": text}, document.written_at, document.author, content | {"title": document.title}, site)
    return [paper | {"status": document.status, "description": document.title}]


def _plain(text: str, media_type: str = "text/plain") -> dict[str, Any]:
    body = text.encode()
    return {"contentType": f"{media_type}; charset=utf-8", "data": b64encode(body).decode(), "size": len(body)}


def _encoded(document: Document) -> dict[str, Any]:
    data = document.data or ""
    return {"contentType": document.media_type, "data": data, "size": len(data) * 3 // 4 - data[-2:].count("=")}


def _document(record: Note | Assessment | Document, kind: dict[str, Any], written_at: datetime, author: str | None, content: dict[str, Any], site: Site) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": site.id(record.kind, record.id),
        "meta": meta("documentreference", sensitivity=record.sensitivity),
        "identifier": [site.identifier(record.kind, record.id)],
        "status": "current",
        "docStatus": "final",
        "type": kind,
        "category": [codes.concept(*_CLINICAL_NOTE)],
        "subject": site.reference("Patient", "client", record.client),
        "date": moment(written_at),
        "author": [author and site.reference("Practitioner", "clinician", author)],
        "authenticator": _cosigner(record, site),
        "content": [{"attachment": content | {"creation": moment(written_at)}}],
        "context": {"encounter": [record.session and site.reference("Encounter", "session", record.session)]},
    }


def _cosigner(record: Note | Assessment | Document, site: Site) -> dict[str, Any] | None:
    """The supervisor who signed under it."""
    cosigned = None if isinstance(record, Document) else record.cosigned
    return site.reference("Practitioner", "clinician", cosigned.clinician) if cosigned else None
