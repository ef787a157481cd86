"""Condition -> problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.record.types import Problem
from mappings.codes import THO
from mappings.condition import LISTED, listed_by_rule
from mappings.from_fhir import reading
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve

_CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
_ENDED = ("inactive", "remission", "resolved")
_VERIFIED = ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error")


def read(record_id: str, resource: dict[str, Any], _: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    client = resolve(str(reading.first(resource, "subject.reference")), "client")
    concept = resource.get("code")
    title = reading.title_of(concept)
    if client is None or title is None:
        return None
    verification: Any = reading.coded_word(resource, "verificationStatus", THO + "condition-ver-status", _VERIFIED) or "unconfirmed"
    clinical: Any = reading.coded_word(resource, "clinicalStatus", THO + "condition-clinical", _CLINICAL) or "active"
    onset, abatement = reading.day(resource.get("onsetDateTime")), reading.day(resource.get("abatementDateTime"))
    kept = abatement if clinical in _ENDED and not (abatement and onset and abatement < onset) else None
    return Read(
        Problem(
            id=record_id,
            client=client,
            title=title,
            codes=reading.codes_of(concept),
            listed_as=_listed_as(resource, verification),
            clinical_status=clinical,
            verification=verification,
            onset=onset,
            abatement=kept,
            recorded_on=reading.day(resource.get("recordedDate")),
            recorder=resolve(str(reading.first(resource, "recorder.reference")), "clinician"),
            note=reading.joined(reading.every(resource, "note.text")),
            sensitivity=reading.sensitivity(resource),
        ),
        reading.folded("Condition", "note.text", "code.coding.display"),
    )


def _listed_as(resource: dict[str, Any], verification: str) -> Any:
    """None where it is listed as the rule lists it anyway."""
    places = {(coding.get("system"), coding.get("code")) for coding in reading.every(resource, "category.coding")}
    fitting = [name for name, wanted in LISTED.items() if set(wanted) <= places]
    listed = max(fitting, key=lambda name: len(LISTED[name]), default=None)
    return None if listed == listed_by_rule(verification) else listed
