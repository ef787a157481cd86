"""What each partner may see, worked out a second time: from `expected.json` and the labels on the practice's own view, never from the gateway's rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.identity import Site
from tests.story.imported import Imported, Resource, name_of, own_id, patient_of
from tests.world import PRACTICE

DIRECTORY = ("Practitioner", "PractitionerRole", "Organization", "Endpoint")
TYPES = {
    "demographics": ("Patient", "RelatedPerson"),
    "attendance": ("Encounter",),
    "diagnoses": ("Condition",),
    "medications": ("MedicationRequest", "MedicationStatement"),
    "allergies": ("AllergyIntolerance",),
    "assessments": ("Observation", "QuestionnaireResponse", "FamilyMemberHistory", "Flag"),
    "treatment_plan": ("CarePlan", "Goal", "CareTeam", "ServiceRequest"),
    "progress_notes": ("DocumentReference",),
    "safety_plan": ("CarePlan",),
    "referrals": ("ServiceRequest", "Task"),
    "sud_records": (),
    "coverage": ("Coverage",),
}
ORDINARY = {"N", "R", "BH"}
SUBSTANCE_USE = {"SUD", "ETHUD", "OPIOIDUD", "42CFRPart2", "NORDSCLCD"}
"""Labels by their codes (v3-Confidentiality, v3-ActCode); what is in neither set, `V` first of all, no release opens."""


def releases(imported: Imported, partner: str, day: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(client number, consent) of every release that lets this partner read on this day."""
    for number, facts in imported.expected["clients"].items():
        for one in facts["consents"]:
            if str(one["recipient_user_id"]) == partner and one["direction"] in ("disclose", "both") and in_force(one, day):
                yield number, one


def in_force(consent: dict[str, Any], day: str) -> bool:
    """ISO days compare as text. The last day counts, the day of a revocation does not."""
    period = consent["period"]
    return bool(period["start"] <= day and (period["end"] is None or day <= period["end"]) and (consent["revoked"] is None or day < consent["revoked"]))


def opened(imported: Imported, partner: str, day: str) -> set[str]:
    """`Type/id` of everything this partner sees on this day."""
    seen: set[str] = set()
    for number, one in releases(imported, partner, day):
        seen |= _by_release(imported, number, one)
        seen |= {name_of(found) for found in imported.of("Consent", number) if own_id(found) == str(one["form_id"])}
    return seen | (_directory(imported) if seen else {name for name in _directory(imported) if name in own_entry(partner)})


def _directory(imported: Imported) -> set[str]:
    return {name_of(one) for kind in DIRECTORY for one in imported.all[kind]}


def own_entry(partner: str) -> set[str]:
    """Everything of the address book that is the partner's own."""
    site = Site(PRACTICE)
    return {f"{kind}/{site.id('partner', partner, part)}" for kind in DIRECTORY for part in ("organization", "practitioner", "role", "endpoint", "direct")}


def _by_release(imported: Imported, number: str, consent: dict[str, Any]) -> set[str]:
    cleared = ORDINARY | (SUBSTANCE_USE if consent["part2"] and "sud_records" in consent["categories"] else set())
    seen: set[str] = set()
    for category in consent["categories"]:
        found = {name_of(one) for kind in TYPES[category] for one in imported.of(kind, number) if _in_category(one, category) and labels(one) <= cleared}
        seen |= found | {name_of(one) for one in imported.all["Provenance"] if {target["reference"] for target in one["target"]} <= found}
    return seen


def labels(resource: Resource) -> set[str]:
    return {one["code"] for one in resource["meta"]["security"]}


def _in_category(resource: Resource, category: str) -> bool:
    if resource["resourceType"] == "CarePlan":
        return is_safety_plan(resource) == (category == "safety_plan")
    if resource["resourceType"] == "Task":
        return "focus" in resource and str(resource["focus"]["reference"]).startswith("ServiceRequest/")
    if resource["resourceType"] == "ServiceRequest":
        return bool((resource["intent"] == "plan") == (category == "treatment_plan"))
    return True


def is_safety_plan(plan: Resource) -> bool:
    return any(one.get("code") == "735324008" for concept in plan["category"] for one in concept["coding"])


def about(imported: Imported, names: set[str], number: str) -> set[str]:
    """Those of these resources that are about one client."""
    return {name for name in names if patient_of(imported.by_id[name]) == imported.clients[number]}
