"""A consultation note comes in: what a partner wrote back, as one record, with the referrals it answers.

It comes as a DocumentReference of a consultation type, or as any document named in the output of a referral's Task. What a reader of
its content found (FHIR resources, of a C-CDA say) may be handed over with it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from lxml import html
from lxml.etree import ParserError

from gateway.clock import from_ms
from gateway.context import Context
from gateway.fhir.search_value import elements
from gateway.incoming.ground import client_of, found_at, keep, resolver, source_of, who
from gateway.record.types import Consultation, Referral
from gateway.store import record as records
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from mappings.from_fhir import Resolve, left_out, reading, shown_in

LOINC = "http://loinc.org"
CONSULTATION_NOTES = ("11488-4", "34785-6", "34788-0", "34791-4", "34841-7", "51846-4", "83873-0", "87254-9")
"""Consultation notes by who writes them (https://loinc.org): any, mental health, psychiatry, psychology, social work, emergency, primary care, addiction medicine."""
_MAX_TEXT = 2_000_000
_LINE = 1_000
_SHOWN = frozenset(
    [f"DocumentReference.{place}" for place in ("subject.reference", "date", "type.text", "type.coding.display", "description", "author.display", "content.attachment.title")]
    + [f"Condition.code.{place}" for place in ("text", "coding.display")]
    + [f"{kind}.{place}" for kind in ("MedicationRequest", "MedicationStatement") for place in ("medicationCodeableConcept.text", "medicationCodeableConcept.coding.display")]
    + ["MedicationRequest.dosageInstruction.text", "MedicationStatement.dosage.text"]
)
"""Places whose words stand in the record."""
_READ = frozenset(
    [
        "DocumentReference.content.attachment.data",
        "DocumentReference.content.attachment.contentType",
        "DocumentReference.content.attachment.size",
        "DocumentReference.content.attachment.hash",
    ]
)
"""What is said of an attachment whose text was taken whole."""


_NAMING = ("context.related.reference", "basedOn.reference")
"""Where a document, or what is in it, names what it answers."""


def receive_document(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """Keep a document of a consultation type; others stay resources only."""
    if any(code in CONSULTATION_NOTES for code in reading.coded(resource, "type", LOINC)):
        keep_consultation(context, connection, stored, resource)


def receive_outputs(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    """The documents in the output of a Task that is a referral of the practice answer that referral."""
    practice = context.principal.practice
    answered = resolver(connection, practice)(f"Task/{stored.id}", Referral.kind)
    for reference in elements(resource, "output.valueReference.reference") if answered else ():
        found = found_at(connection, practice, str(reference)) if str(reference).startswith("DocumentReference/") else None
        if found and answered and found[0].patient == stored.patient:
            keep_consultation(context, connection, *found, answers=[answered])


def keep_consultation(
    context: Context,
    connection: Connection,
    stored: Stored,
    resource: dict[str, Any],
    *,
    inside: Sequence[dict[str, Any]] = (),
    answers: Sequence[str] = (),
    also: Sequence[str] = (),
) -> None:
    """Keep a document as a consultation. `inside`: the resources that a reader found in it; `answers`: referrals known to be answered by it.

    `also`: what the reader itself could hold in no resource.
    """
    practice, record_id = context.principal.practice, f"DocumentReference-{stored.id}"
    kept = records.read(connection, practice, Consultation.kind, record_id)
    known = Consultation.model_validate_json(kept.body).referrals if kept else ()
    texts = [_text(attachment) for attachment in elements(resource, "content.attachment")]
    resolve = resolver(connection, practice)
    named = [found for one in (resource, *inside) for found in answers_named(one, resolve)]
    record = Consultation(
        id=record_id,
        client=client_of(connection, practice, stored.patient),
        patient=f"Patient/{stored.patient}" if stored.patient else "not stated",
        written_at=reading.moment(resource.get("date")),
        title=_title(resource),
        author=who(context, connection, next(elements(resource, "author"), {})),
        referrals=tuple(dict.fromkeys((*known, *named, *answers))),
        text=reading.text("\n\n".join(filter(None, texts))[:_MAX_TEXT]),
        diagnoses=tuple(title for one in inside if one["resourceType"] == "Condition" and (title := reading.title_of(one.get("code")))),
        medications=tuple(line for one in inside if (line := _medication(one))),
        source=source_of(stored),
        received_at=from_ms(context.now),
    )
    unheld = _unheld(record, resource, inside, texts, resolve)
    told = {"patient": stored.patient, "referrals": list(record.referrals)}
    keep(context, connection, record.model_copy(update={"unheld": (*unheld, *(each[:_LINE] for each in also))}), topic="consultation-received", told=told)


def answers_named(resource: dict[str, Any], resolve: Resolve) -> list[str]:
    """The referrals that a document says it is about (context.related), or what is in it was asked by (basedOn)."""
    named = (reference for path in _NAMING for reference in elements(resource, path))
    return [found for reference in named if (found := resolve(str(reference), Referral.kind))]


def _unheld(record: Consultation, resource: dict[str, Any], inside: Sequence[dict[str, Any]], texts: Sequence[str], resolve: Resolve) -> tuple[str, ...]:
    """The bytes of the attachments are held where the words of each of them were taken whole."""
    shown = shown_in(record, _SHOWN)
    whole = all(texts) and len(record.text or "") >= sum(map(len, texts))

    def is_held(path: str, value: Any) -> bool:
        if path in _READ:
            return whole
        return shown(path, value) or (path.endswith(_NAMING) and resolve(str(value), Referral.kind) in record.referrals)

    return tuple(path for one in (resource, *inside) for path in left_out(one, is_held))


def _text(attachment: dict[str, Any]) -> str:
    """The words of an attachment of plain text or HTML; empty for any other, which stays with the resource."""
    media = str(attachment.get("contentType", "")).partition(";")[0].strip().lower()
    if media not in ("text/plain", "text/html") or "data" not in attachment:
        return ""
    try:
        words = base64.b64decode(attachment["data"]).decode()
        return words.strip() if media == "text/plain" else "\n".join(map(str, html.fromstring(words).itertext())).strip()
    except (binascii.Error, UnicodeDecodeError, ParserError, ValueError):
        return ""


def _title(resource: dict[str, Any]) -> str:
    title = reading.title_of(resource.get("type")) or reading.line(resource.get("description"))
    return title or reading.line(next(elements(resource, "content.attachment.title"), None)) or "Document"


def _medication(resource: dict[str, Any]) -> str | None:
    """A drug and how it is taken, in one line."""
    concept, dosage = resource.get("medicationCodeableConcept"), {"MedicationRequest": "dosageInstruction.text", "MedicationStatement": "dosage.text"}
    if resource["resourceType"] not in dosage or not (title := reading.title_of(concept)):
        return None
    return reading.line(": ".join([title, *(str(text) for text in elements(resource, dosage[resource["resourceType"]]))]))
