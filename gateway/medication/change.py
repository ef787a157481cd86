"""What a prescriber changed: by the status, by the doses, and in one sentence. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.fhir.medication import Dose, Drug, dose_of
from gateway.fhir.search_value import elements
from mappings.from_fhir import reading

ENDED = {"stopped": "stopped", "cancelled": "stopped", "completed": "stopped", "not-taken": "stopped", "on-hold": "held", "entered-in-error": "entered-in-error"}
"""Status (https://hl7.org/fhir/R4/valueset-medicationrequest-status.html) -> change, whatever was known before."""
TAKEN = ("active", "on-hold")

_SENTENCES: dict[str, str] = {
    "started": "{drug} was started: {new}.",
    "stopped": "{drug} was stopped.",
    "dose-increased": "The dose of {drug} was raised from {old} to {new}.",
    "dose-decreased": "The dose of {drug} was lowered from {old} to {new}.",
    "dose-changed": "The dose of {drug} was changed from {old} to {new}.",
    "schedule-changed": "How {drug} is taken was changed from {old} to {new}.",
    "held": "{drug} was put on hold.",
    "resumed": "{drug} was resumed: {new}.",
    "switched": "{old_drug} was replaced by {drug}: {new}.",
    "refilled": "{drug} was handed out: {new}.",
    "unchanged": "{drug} was confirmed unchanged: {new}.",
    "entered-in-error": "An entry about {drug} was withdrawn as an error.",
}
NOT_TO_BE_TAKEN = "{drug} is not to be taken, the prescriber says."

_REASON = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"
REASONS = {
    "altchoice": "another treatment is to be tried first",
    "clarif": "the prescription needs clarification",
    "drughigh": "drug level too high",
    "hospadm": "admission to hospital",
    "labint": "interference with a laboratory test",
    "non-avail": "the patient is not available",
    "preg": "pregnant or breastfeeding",
    "salg": "allergy",
    "sddi": "interacts with another drug",
    "sdupther": "duplicate therapy",
    "sintol": "suspected intolerance",
    "surg": "surgery is scheduled",
    "washout": "waiting for the old drug to wash out",
}
"""https://terminology.hl7.org/CodeSystem-medicationrequest-status-reason.html in words."""


class Left(NamedTuple):
    """What was left for another drug."""

    drug: Drug
    dose: str | None


def change_of(resource: dict[str, Any], before: dict[str, Any] | None) -> Any:
    """A word of MedicationChange.change, from the resource and what was known of the same drug before it."""
    if ended := ENDED.get(resource.get("status", "")):
        return ended
    if resource.get("doNotPerform"):
        return "stopped"
    if before is None or before.get("status") not in TAKEN:
        return "started"
    if before["status"] == "on-hold":
        return "resumed"
    return difference(dose_of(before), dose_of(resource))


def difference(old: Dose, new: Dose) -> str:
    """By what is taken in a day where both say it, else by what is taken at a time, else by the words."""
    if old.amount is None or new.amount is None or old.unit != new.unit:
        return "unchanged" if (old.amount, old.unit, old.text) == (new.amount, new.unit, new.text) else "dose-changed"
    often = (old.per_day, new.per_day) if old.per_day is not None and new.per_day is not None else (1, 1)
    day_old, day_new = old.amount * often[0], new.amount * often[1]
    if day_old != day_new:
        return "dose-increased" if day_new > day_old else "dose-decreased"
    return "unchanged" if (old.amount, old.per_day, old.text) == (new.amount, new.per_day, new.text) else "schedule-changed"


def sentence(change: str, drug: Drug, old: str | None, new: str, *, left: Left | None = None, form: str = "") -> str:
    """The change in one plain line."""
    text = (form or _SENTENCES[change]).format(drug=drug.words, old=old or "what was known", new=new, old_drug=left.drug.words if left else "Another drug")
    told = line(text)
    return told[0].upper() + told[1:]


def reason_of(resource: dict[str, Any]) -> str | None:
    """Why, in words: the reason of the status first, then what it is taken for."""
    concepts = [*elements(resource, "statusReason"), *elements(resource, "statusReasonCodeableConcept"), *elements(resource, "reasonCode")]
    return reading.line("; ".join(dict.fromkeys(words for concept in concepts if (words := _words(concept)))))


def _words(concept: dict[str, Any]) -> str | None:
    known = next((REASONS[code] for code in reading.coded({"of": concept}, "of", _REASON) if code in REASONS), None)
    return reading.line(concept.get("text")) or known or next((words for shown in elements(concept, "coding.display") if (words := reading.line(shown))), None)


def line(text: str) -> str:
    return reading.line(" ".join(text.split())) or "not stated"
