"""Strategies that draw records of every kind, odd text and odd times included."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from gateway.record.types import INSTRUMENTS, KINDS, RISK_ITEMS, Category, Record
from tests.mappings.corpus import CPT, ICD10, RXNORM, SNOMED, record


def is_line(text: str) -> bool:
    return bool(text.strip()) and all(character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff" for character in text)


IDS = st.sampled_from(["1", "a.b:c_d-e", "x" * 64])
LINES = st.one_of(st.sampled_from(["<script>alert(1)</script>", "=1+1", 'He said "&" \'', "a\u00a0b\u2003c", "\U0001f33f"]), st.text(min_size=1, max_size=20).filter(is_line))
_FIRST, _LAST = (datetime.combine(date(year, 1, 1), time()) for year in (1900, 2100))
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat)
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))).map(datetime.isoformat)
PERIODS = st.fixed_dictionaries({}, optional={"start": DAYS, "end": DAYS})
CODES = st.sampled_from(
    [
        {"system": ICD10, "code": "F32.1"},
        {"system": ICD10, "code": "F84.0", "text": "own words"},
        {"system": SNOMED, "code": "36923009"},
        {"system": RXNORM, "code": "312941"},
        {"system": CPT, "code": "90834"},
    ]
)
SENSITIVITY = st.sampled_from(["normal", "restricted", "substance-use"])


def _one_of_field(kind: str, field: str) -> SearchStrategy[Any]:
    """Any value of a Literal element, optional or not."""
    annotation = KINDS[kind].model_fields[field].annotation
    values = [value for value in get_args(annotation) if isinstance(value, str)] or [inner for value in get_args(annotation) for inner in get_args(value)]
    return st.sampled_from(values)


_LITERALS = {
    "client": ("sex", "marital_status"),
    "guardian": ("sex", "relationship"),
    "problem": ("verification",),
    "allergy": ("status", "verification", "severity"),
    "medication_note": ("status",),
    "session": ("mode", "status"),
    "treatment_plan": ("status",),
    "risk_assessment": ("level",),
    "safety_plan": ("status",),
    "note": ("type",),
    "consent": ("direction", "purpose"),
    "referral": ("service", "priority", "status", "risk_level"),
}
_DRAWN: dict[str, dict[str, SearchStrategy[Any]]] = {
    "practice": {"name": LINES},
    "clinician": {"name": st.fixed_dictionaries({"given": st.lists(LINES, min_size=1, max_size=3)}, optional={"family": LINES}), "title": LINES},
    "partner": {"organization": LINES, "name": st.none() | st.just({"given": ["Samir"]}), "contact": st.just({}), "fhir_base": st.none() | st.just("http://127.0.0.1:1/fhir")},
    "client": {
        "races": st.lists(st.sampled_from(["1002-5", "2028-9", "2036-2", "ASKU", "UNK"]), max_size=3),
        "ethnicity": st.sampled_from(["2186-5", "2148-5", "ASKU", "UNK"]),
        "language": st.sampled_from(["ase", "zh", "en-US", "vi"]),
        "deceased_on": DAYS,
    },
    "guardian": {"period": PERIODS, "active": st.booleans()},
    "problem": {"title": LINES, "codes": st.lists(CODES, max_size=2), "onset": st.none()},
    "allergy": {"reaction": st.none() | LINES, "code": st.none() | CODES},
    "medication_note": {
        "title": LINES,
        "code": st.none() | CODES,
        "start": st.none() | DAYS,
        "end": st.none() | DAYS,
        "taken": st.none() | st.booleans(),
        "prescriber": st.none(),
        "instructions": st.none() | LINES,
    },
    "session": {"codes": st.lists(CODES, max_size=2), "type_text": st.none() | LINES, "reason": st.none() | LINES, "start": MOMENTS, "end": st.none(), "supervisor": st.none()},
    "assessment": {"presenting_problem": LINES, "assessed_at": MOMENTS, "session": st.none()},
    "treatment_plan": {
        "title": LINES,
        "history": LINES,
        "goals": st.lists(
            st.fixed_dictionaries(
                {"id": st.uuids().map(str), "description": LINES}, optional={"measure": LINES, "target_score": st.integers(0, 27), "due": DAYS, "sensitivity": SENSITIVITY}
            ),
            max_size=2,
        ),
        "author": st.none() | IDS,
        "team": st.lists(IDS, max_size=2),
        "period": PERIODS,
    },
    "risk_assessment": {
        "answers": st.fixed_dictionaries({"wish": st.booleans()}, optional={item: st.none() | st.booleans() for item in RISK_ITEMS[1:]}),
        "note": LINES,
        "assessed_at": MOMENTS,
    },
    "safety_plan": {"warning_signs": LINES, "review_on": st.none() | DAYS, "coping": st.none()},
    "note": {"text": LINES, "written_at": MOMENTS, "author": st.none()},
    "process_note_mark": {},
    "consent": {
        "categories": st.lists(st.sampled_from(get_args(Category)), min_size=1, max_size=4),
        "partner": st.none() | IDS,
        "recipient_text": LINES,
        "period": st.just({"start": "2025-01-01"}),
        "revoked_on": st.none() | DAYS,
        "signer_is_guardian": st.booleans(),
    },
    "referral": {"reason": LINES, "diagnoses": st.lists(CODES, max_size=2), "author": st.none() | IDS, "reply": st.none()},
    "dispense": {"title": LINES, "pharmacy": LINES, "refill": st.none() | st.booleans(), "instructions": LINES},
    "message": {"subject": LINES, "text": LINES, "sent_at": MOMENTS, "to_client": st.booleans()},
    "consultation": {},
    "incoming_referral": {},
    "medication_change": {},
}


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record of any kind: the full one with some elements drawn anew."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    if kind == "outcome_measure":
        return draw(measures())
    drawn = _DRAWN[kind] | {field: _one_of_field(kind, field) for field in _LITERALS.get(kind, ())}
    if "sensitivity" in KINDS[kind].model_fields:
        drawn["sensitivity"] = SENSITIVITY
    changed = draw(st.fixed_dictionaries({"id": IDS}, optional=drawn))
    return record(kind, **changed, **({"end": None} if kind == "session" and "end" not in changed else {}))


@st.composite
def measures(draw: st.DrawFn) -> Record:
    """Any outcome measure: whole, with open items, or a total alone."""
    instrument = draw(st.sampled_from(sorted(INSTRUMENTS)))
    shape = INSTRUMENTS[instrument]
    answers = draw(st.fixed_dictionaries({item: st.none() | st.integers(0, shape.item_max) for item in shape.items}))
    given_none = all(answer is None for answer in answers.values())
    total = draw(st.integers(0, shape.total_max)) if given_none else None
    return record(
        "outcome_measure",
        id=draw(IDS),
        instrument=instrument,
        answers=answers,
        total=total,
        taken_at=draw(MOMENTS),
        difficulty=draw(st.none() | st.integers(0, 3)),
        sensitivity=draw(SENSITIVITY),
    )
