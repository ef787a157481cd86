"""Therapy records: the practice's side of the house, typed. A leaf: it imports nothing of ours.

`KINDS` names every kind; each type publishes its JSON Schema with `json_schema(kind)`; `references(record)` names the
records that a record refers to.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from gateway.record.types.base import Code, Part, Period, Record
from gateway.record.types.care import Assessment, FamilyHistory, Intervention, Note, Problem, ProcessNoteMark, SafetyPlan, Session
from gateway.record.types.exchange import Category, Consent, Consultation, Document, IncomingReferral, Message, Referral, Reply
from gateway.record.types.measure import INSTRUMENTS, RISK_ITEMS, OutcomeMeasure, RiskAssessment
from gateway.record.types.medication import Allergy, Dispense, MedicationChange, MedicationNote, SideEffect
from gateway.record.types.people import Address, Client, Clinician, Contact, Cosignature, Guardian, Identifier, Name, Partner, Practice
from gateway.record.types.plan import Activity, Goal, Progress, ProgressReview, TreatmentPlan
from gateway.record.types.profession import Citation, Protocol, Step, Supervision, Training
from gateway.record.types.reference import Reference, references
from gateway.record.types.team import CareTeam, Coverage, Member, Preference

__all__ = [
    "INSTRUMENTS",
    "KINDS",
    "RISK_ITEMS",
    "Activity",
    "Address",
    "Allergy",
    "Assessment",
    "CareTeam",
    "Category",
    "Citation",
    "Client",
    "Clinician",
    "Code",
    "Consent",
    "Consultation",
    "Contact",
    "Cosignature",
    "Coverage",
    "Dispense",
    "Document",
    "FamilyHistory",
    "Goal",
    "Guardian",
    "Identifier",
    "IncomingReferral",
    "Intervention",
    "MedicationChange",
    "MedicationNote",
    "Member",
    "Message",
    "Name",
    "Note",
    "OutcomeMeasure",
    "Part",
    "Partner",
    "Period",
    "Practice",
    "Preference",
    "Problem",
    "ProcessNoteMark",
    "Progress",
    "ProgressReview",
    "Protocol",
    "Record",
    "Reference",
    "Referral",
    "Reply",
    "RiskAssessment",
    "SafetyPlan",
    "Session",
    "SideEffect",
    "Step",
    "Supervision",
    "Training",
    "TreatmentPlan",
    "json_schema",
    "references",
]

KINDS: dict[str, type[Record]] = {
    record.kind: record
    for record in (
        Practice,
        Clinician,
        Partner,
        Protocol,
        Client,
        Guardian,
        Coverage,
        Problem,
        FamilyHistory,
        Allergy,
        MedicationNote,
        Dispense,
        SideEffect,
        Session,
        Assessment,
        OutcomeMeasure,
        RiskAssessment,
        TreatmentPlan,
        Intervention,
        ProgressReview,
        SafetyPlan,
        Preference,
        CareTeam,
        Note,
        ProcessNoteMark,
        Document,
        Consent,
        Referral,
        IncomingReferral,
        Message,
        Consultation,
        MedicationChange,
        Supervision,
        Training,
    )
}
"""Every kind by its name, in the order in which they refer to one another."""


@cache
def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind; KeyError for a kind that does not exist."""
    schema = KINDS[kind].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
