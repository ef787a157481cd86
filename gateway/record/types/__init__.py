"""Therapy records: the practice's side of the house, typed. A leaf: it imports nothing of ours.

`KINDS` names every kind; each type publishes its JSON Schema with `json_schema(kind)`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from gateway.record.types.base import Code, Part, Period, Record
from gateway.record.types.care import Activity, Assessment, Goal, Note, Problem, ProcessNoteMark, SafetyPlan, Session, TreatmentPlan
from gateway.record.types.exchange import Category, Consent, Referral, Reply
from gateway.record.types.measure import INSTRUMENTS, RISK_ITEMS, OutcomeMeasure, RiskAssessment
from gateway.record.types.medication import Allergy, MedicationChange, MedicationNote
from gateway.record.types.people import Address, Client, Clinician, Contact, Guardian, Identifier, Name, Partner, Practice

__all__ = [
    "INSTRUMENTS",
    "KINDS",
    "RISK_ITEMS",
    "Activity",
    "Address",
    "Allergy",
    "Assessment",
    "Category",
    "Client",
    "Clinician",
    "Code",
    "Consent",
    "Contact",
    "Goal",
    "Guardian",
    "Identifier",
    "MedicationChange",
    "MedicationNote",
    "Name",
    "Note",
    "OutcomeMeasure",
    "Part",
    "Partner",
    "Period",
    "Practice",
    "Problem",
    "ProcessNoteMark",
    "Record",
    "Referral",
    "Reply",
    "RiskAssessment",
    "SafetyPlan",
    "Session",
    "TreatmentPlan",
    "json_schema",
]

KINDS: dict[str, type[Record]] = {
    record.kind: record
    for record in (
        Practice,
        Clinician,
        Partner,
        Client,
        Guardian,
        Problem,
        Allergy,
        MedicationNote,
        Session,
        Assessment,
        TreatmentPlan,
        OutcomeMeasure,
        RiskAssessment,
        SafetyPlan,
        Note,
        ProcessNoteMark,
        Consent,
        Referral,
        MedicationChange,
    )
}
"""Every kind by its name, in the order in which they refer to one another."""


@cache
def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind; KeyError for a kind that does not exist."""
    schema = KINDS[kind].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
