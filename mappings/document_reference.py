"""Notes and assessments -> DocumentReference (US Core), the text itself inside as plain UTF-8."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any

from gateway.record.types import Assessment, Note
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


def of_note(note: Note, site: Site) -> list[dict[str, Any]]:
    """Notes of the chart only; a process note never gets here, and its mark becomes nothing (45 CFR 164.501)."""
    return [_document(note, "note", note.type, note.written_at, note.author, note.text, site)]


def of_assessment(assessment: Assessment, site: Site) -> list[dict[str, Any]]:
    text = "\n\n".join(f"{title}\n{told}" for field, title in _ASSESSED if (told := getattr(assessment, field)))
    return [_document(assessment, "assessment", "history", assessment.assessed_at, assessment.clinician, text, site)]


def _document(record: Note | Assessment, kind: str, note_type: str, written_at: datetime, author: str | None, text: str, site: Site) -> dict[str, Any]:
    body = text.encode()
    return {
        "resourceType": "DocumentReference",
        "id": site.id(kind, record.id),
        "meta": meta("documentreference", sensitivity=record.sensitivity),
        "identifier": [site.identifier(kind, record.id)],
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [codes.translated("note-type", note_type)], "text": f"{note_type.capitalize()} note" if kind == "note" else "Assessment"},
        "category": [codes.concept(*_CLINICAL_NOTE)],
        "subject": site.reference("Patient", "client", record.client),
        "date": moment(written_at),
        "author": [author and site.reference("Practitioner", "clinician", author)],
        "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": b64encode(body).decode(), "size": len(body), "creation": moment(written_at)}}],
        "context": {"encounter": [record.session and site.reference("Encounter", "session", record.session)]},
    }
