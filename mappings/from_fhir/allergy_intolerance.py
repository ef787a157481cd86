"""AllergyIntolerance -> allergy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.record.types import Allergy
from mappings.codes import THO
from mappings.from_fhir import reading
from mappings.from_fhir.reading import Read
from mappings.from_fhir.unheld import Resolve

_STATUS = ("active", "inactive", "resolved")
_VERIFIED = ("unconfirmed", "confirmed", "refuted", "entered-in-error")


def read(record_id: str, resource: dict[str, Any], _: Sequence[dict[str, Any]], resolve: Resolve) -> Read | None:
    client = resolve(str(reading.first(resource, "patient.reference")), "client")
    concept = resource.get("code")
    title = reading.title_of(concept)
    if client is None or title is None:
        return None
    return Read(
        Allergy(
            id=record_id,
            client=client,
            title=title,
            code=next(iter(reading.codes_of(concept)), None),
            status=reading.coded_word(resource, "clinicalStatus", THO + "allergyintolerance-clinical", _STATUS) or "active",
            verification=_verification(resource),
            reaction=_reaction(resource),
            severity=reading.one_of(("mild", "moderate", "severe"), reading.first(resource, "reaction.severity")),
            recorded_on=reading.day(resource.get("recordedDate")),
            recorder=resolve(str(reading.first(resource, "recorder.reference")), "clinician"),
        ),
        reading.folded("AllergyIntolerance", "code.coding.display", "reaction.manifestation.coding.display"),
    )


def _verification(resource: dict[str, Any]) -> Any:
    if reading.first(resource, "verificationStatus.text") == "Presumed":
        return "presumed"
    return reading.coded_word(resource, "verificationStatus", THO + "allergyintolerance-verification", _VERIFIED) or "unconfirmed"


def _reaction(resource: dict[str, Any]) -> str | None:
    concept = reading.first(resource, "reaction.manifestation")
    unknown = any(True for _ in reading.coded({"of": concept or {}}, "of", THO + "data-absent-reason"))
    return None if unknown else reading.title_of(concept)
