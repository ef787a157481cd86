"""Records that go both ways, drawn in every shape, and who knows which reference names which record."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from gateway.record.types import KINDS, Record, references
from mappings import resources_of
from mappings.from_fhir import Converted, record_of
from mappings.identity import Site
from tests.mappings.corpus import SITE, record
from tests.mappings.drawn import CODES, DAYS, IDS, LINES, MOMENTS, SENSITIVITY

MAYBE_DAY, MAYBE_ID, MAYBE_LINE = (st.none() | drawn for drawn in (DAYS, IDS, LINES))
WORDED = st.none() | CODES | st.builds(lambda code, text: code | {"text": text}, CODES, LINES)


def _literal(kind: str, field: str) -> SearchStrategy[Any]:
    schema = KINDS[kind].model_json_schema()["properties"][field]
    values = schema.get("enum") or [value for one in schema["anyOf"] for value in one.get("enum", [None])]
    return st.sampled_from(values)


def _fields(kind: str, *literals: str, **others: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"id": IDS}, optional=others | {name: _literal(kind, name) for name in literals})


DRAWN: dict[str, SearchStrategy[dict[str, Any]]] = {
    "medication_note": _fields(
        "medication_note",
        "status",
        title=LINES,
        code=WORDED,
        taken=st.none() | st.booleans(),
        instructions=MAYBE_LINE,
        start=MAYBE_DAY,
        end=MAYBE_DAY,
        prescriber=MAYBE_ID,
        noted_on=MAYBE_DAY,
        noted_by=MAYBE_ID,
        note=MAYBE_LINE | st.just("The client says it is not being taken."),
        sensitivity=SENSITIVITY,
    ),
    "dispense": _fields(
        "dispense",
        "status",
        title=LINES,
        code=WORDED,
        medication=MAYBE_ID,
        quantity=st.none() | st.decimals("0.001", "999999999", places=3),
        unit=MAYBE_LINE,
        days_supply=st.none() | st.integers(1, 400),
        instructions=MAYBE_LINE,
        refill=st.none() | st.booleans(),
        pharmacy=MAYBE_LINE,
        note=MAYBE_LINE,
        sensitivity=SENSITIVITY,
    ),
    "message": _fields(
        "message",
        "category",
        "topic",
        "priority",
        "status",
        to=MAYBE_ID,
        to_client=st.booleans(),
        sender=MAYBE_ID,
        sent_at=MOMENTS,
        subject=MAYBE_LINE,
        text=LINES,
        referral=MAYBE_ID,
        medications=st.lists(IDS, max_size=2, unique=True),
        in_reply_to=MAYBE_ID,
        sensitivity=SENSITIVITY,
    ),
    "referral": _fields(
        "referral",
        "service",
        "priority",
        "status",
        "risk_level",
        author=MAYBE_ID,
        partner=IDS,
        requested_at=st.datetimes().map(lambda moment: moment.replace(year=2020).isoformat() + "+02:00"),
        reason=LINES,
        diagnoses=st.lists(CODES | st.builds(lambda code, text: code | {"text": text}, CODES, LINES), max_size=2),
        problems=st.lists(IDS, max_size=2, unique=True),
        reply=st.none()
        | st.fixed_dictionaries({"received_on": st.just("2025-02-03")}, optional=dict.fromkeys(("author", "diagnosis", "findings", "recommendation", "services"), LINES)),
        sensitivity=SENSITIVITY,
    ),
    "problem": _fields(
        "problem",
        "listed_as",
        "verification",
        title=LINES,
        codes=st.lists(CODES | st.builds(lambda code, text: code | {"text": text}, CODES, LINES), max_size=3),
        onset=st.none() | st.just("2024-01-01"),
        recorded_on=MAYBE_DAY,
        recorder=MAYBE_ID,
        note=MAYBE_LINE,
        sensitivity=SENSITIVITY,
    ),
    "allergy": _fields(
        "allergy", "status", "verification", "severity", title=LINES, code=WORDED, reaction=MAYBE_LINE | st.just("Not described"), recorded_on=MAYBE_DAY, recorder=MAYBE_ID
    ),
}


@st.composite
def both_ways(draw: st.DrawFn) -> Record:
    """Any record of a kind that goes both ways."""
    kind = draw(st.sampled_from(sorted(DRAWN)))
    return record(kind, **draw(DRAWN[kind]))


class Known:
    """The references of a record and its own resources, each with the record it names."""

    def __init__(self, given_record: Record, site: Site = SITE) -> None:
        named = [(one.kind, one.id) for one in references(given_record)]
        self.by_reference = {
            site.reference(resource_type, kind, record_id, part)["reference"]: (kind, record_id) for kind, record_id in named for resource_type, part in _STANDS_FOR[kind]
        }
        self.by_reference |= {f"{one['resourceType']}/{one['id']}": (given_record.kind, given_record.id) for one in resources_of(given_record, site)}

    def __call__(self, reference: str, kind: str) -> str | None:
        found = self.by_reference.get(reference)
        return found[1] if found and found[0] == kind else None


_STANDS_FOR: dict[str, tuple[tuple[str, str], ...]] = {
    "client": (("Patient", ""),),
    "clinician": (("Practitioner", ""), ("PractitionerRole", "role")),
    "partner": (("PractitionerRole", "role"),),
    "medication_note": (("MedicationRequest", ""),),
    "problem": (("Condition", ""),),
    "referral": (("ServiceRequest", ""),),
    "message": (("Communication", ""),),
}


def back(given_record: Record) -> Converted:
    first, *rest = resources_of(given_record, SITE)
    found = record_of(first, rest, Known(given_record))
    assert found is not None
    return found
