"""Scopes one by one in words that a person understands who has never heard of FHIR.

The app's own text is never shown as an explanation: what a scope means is said by this server alone.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl

from gateway.smart.scope import VERSION_1

TYPES: dict[str, str] = {
    "Patient": "name, birth date, address and contacts",
    "RelatedPerson": "family, guardians and contact persons",
    "Practitioner": "names of therapists and other clinicians",
    "PractitionerRole": "where clinicians work and what they do there",
    "Organization": "practices and other organizations",
    "Endpoint": "electronic addresses of organizations",
    "Coverage": "insurance",
    "Condition": "diagnoses and concerns",
    "FamilyMemberHistory": "illnesses in the family",
    "CarePlan": "treatment and safety plans",
    "Goal": "treatment goals",
    "CareTeam": "who takes part in the care",
    "ServiceRequest": "referrals and planned services",
    "Task": "tasks, homework and the progress of referrals",
    "Observation": "scores, measurements and observations",
    "QuestionnaireResponse": "answers to questionnaires",
    "MedicationRequest": "prescribed medications",
    "MedicationStatement": "medications the client reports",
    "MedicationDispense": "medications picked up at a pharmacy",
    "List": "lists, such as the medication list",
    "AllergyIntolerance": "allergies",
    "Encounter": "visits and sessions",
    "Procedure": "treatments that were carried out",
    "ClinicalImpression": "reviews of progress",
    "Flag": "warnings, such as a risk of suicide",
    "DocumentReference": "documents, letters and notes",
    "Consent": "releases and consents the client signed",
    "Communication": "messages",
    "PlanDefinition": "treatment protocols",
    "Provenance": "who recorded or changed what",
    "CodeSystem": "lists of codes",
    "ValueSet": "choices of codes",
    "ConceptMap": "translations of codes",
}
"""Every type that is served; a test holds it to the capability table."""

OF_NOBODY = ("Practitioner", "PractitionerRole", "Organization", "Endpoint", "PlanDefinition", "CodeSystem", "ValueSet", "ConceptMap")
"""The types that say nothing of any client."""

_LETTERS = {"c": "add to", "u": "change", "d": "delete"}
_SPECIAL: dict[str, tuple[str, str]] = {
    "openid": ("Know that it is you", "It learns a number that stands for you here, and can recognize you by it."),
    "fhirUser": ("Know your entry in the directory", "It learns which clinician or client in this practice's records you are."),
    "profile": ("Know your name", "It learns the name you go by here."),
    "launch": ("Know what you have open", "It learns the client, and the visit if there is one, that you opened it for."),
    "launch/patient": ("Know which client this is about", "It needs this as long as anything about that client is ticked."),
    "launch/encounter": ("Know which visit this is about", "It learns the visit that you choose."),
    "online_access": ("Keep access while you are signed in", "Its access ends when you sign out here."),
    "offline_access": ("Keep access after you sign out", "It can go on without you for up to 90 days, until you take it back on the page of your account."),
}
_CATEGORIES = {
    "vital-signs": "vital signs",
    "laboratory": "laboratory results",
    "survey": "questionnaires and scores",
    "social-history": "social history",
    "exam": "examinations",
    "therapy": "therapy",
    "activity": "activity",
    "imaging": "imaging",
    "procedure": "procedures",
    "sdoh": "living conditions",
    "functional-status": "daily functioning",
    "disability-status": "disability",
    "cognitive-status": "memory and thinking",
    "treatment-intervention-preference": "treatment preferences",
    "care-experience-preference": "how the client wants to be met",
    "problem-list-item": "the problem list",
    "encounter-diagnosis": "diagnoses of a visit",
    "health-concern": "health concerns",
    "clinical-note": "clinical notes",
    "assess-plan": "treatment plans",
}


class Words(NamedTuple):
    """One scope: what it lets the app do, and a sentence more."""

    name: str
    title: str
    more: str
    about: str
    """`client` (the one in context), `all` (every client the person may see), `practice` (nobody's record), `you` or `access` (how long)."""
    writes: bool = False


def in_plain_words(name: str) -> Words:
    """Of a scope that `scope.parse` understood."""
    if name in _SPECIAL:
        title, more = _SPECIAL[name]
        return Words(name, title, more, "access" if name.endswith("_access") else "you")
    context, _, rest = name.partition("/")
    resource_type, _, rest = rest.partition(".")
    suffix, _, query = rest.partition("?")
    letters = VERSION_1.get(suffix, suffix)
    about = "practice" if resource_type in OF_NOBODY else "client" if context == "patient" else "all"
    return Words(name, f"{_doing(letters)}: {_what(resource_type)}{_only(query)}", "", about, bool(set(letters) & set(_LETTERS)))


def _doing(letters: str) -> str:
    reads = [] if not set(letters) & {"r", "s"} else ["find only" if letters == "s" else "read"]
    done = [*reads, *(word for letter, word in _LETTERS.items() if letter in letters)]
    joined = ", ".join(done[:-1]) + (" and " if len(done) > 1 else "") + done[-1]
    return joined[:1].upper() + joined[1:]


def _what(resource_type: str) -> str:
    return "everything in the record" if resource_type == "*" else TYPES.get(resource_type, resource_type)


def _only(query: str) -> str:
    """The kinds that a scope with a query is narrowed to; a code without a word of its own is shown as it is."""
    values = [value.rpartition("|")[2] for _, value in parse_qsl(query)]
    kinds = [_CATEGORIES.get(value, f"those marked {value}") for value in values]
    return f", only {' and '.join(kinds)}" if kinds else ""
