"""What goes with a referral: composed for one recipient, item by item, each in or out with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from gateway.fhir.json import parse
from gateway.fhir.search_value import elements
from gateway.privacy.category import BITS
from gateway.privacy.decision import Permit, Release, decide_referral
from gateway.store import release as releases
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.resource import Stored
from gateway.store.visible import Clearance

Why = Literal["asked for", "needed to act on it", "minimum necessary", "withheld: no consent"]

_SCORES = ("44261-6", "70274-6", "93374-7")
"""PHQ-9 total, GAD-7 total, C-SSRS risk level: what a recipient triages by (https://loinc.org)."""
_TREND = 3
_DIRECTORY = ("Practitioner", "PractitionerRole", "Organization")


@dataclass(frozen=True)
class Item:
    """One resource of the package: whether it goes, why, and the consent it hangs on."""

    type: str
    id: str
    title: str
    goes: bool
    why: Why
    body: bytes
    labels: int = 0
    consent: str | None = None


@dataclass(frozen=True)
class Package:
    """Everything considered for one referral, in the order in which a person reads it."""

    patient: str
    recipient: str
    items: list[Item]

    @property
    def going(self) -> list[Item]:
        return [item for item in self.items if item.goes]

    @property
    def whole(self) -> bool:
        """Whether what was asked itself may go: without it nothing does."""
        return all(item.goes for item in self.items if item.type in ("ServiceRequest", "Task"))


def compose(connection: Connection, practice: str, service_request: str, task: str, recipient: str, now: int) -> Package:
    """The package as it would leave at `now`. Raises LookupError where the request or the Task is not stored."""
    request, order = (_must(connection, practice, kind, key) for kind, key in (("ServiceRequest", service_request), ("Task", task)))
    patient = request.patient or ""
    body = parse(request.body)
    given = [(row.consent, Release(row.categories, row.cleared, row.purpose, row.starts_at, row.ends_at)) for row in releases.of_patient(connection, practice, recipient, patient)]
    needed = [_must(connection, practice, "Patient", patient), *_requester(connection, practice, body)]
    urgent = body.get("priority") in ("stat", "urgent", "asap")
    candidates: list[tuple[Stored, Why | None]] = [(one, "asked for") for one in (request, order)]
    candidates += [(one, "needed to act on it") for one in needed]
    candidates += [(one, _why(one, body, urgent)) for one in _supporting(connection, practice, patient)]
    return Package(patient, recipient, [_item(one, why, given, now) for one, why in candidates if why is not None])


def _must(connection: Connection, practice: str, resource_type: str, resource_id: str) -> Stored:
    stored = resources.read(connection, Clearance(practice, True, "", (), 0, 0), resource_type, resource_id)
    if stored is None or stored.deleted:
        raise LookupError(resource_type)
    return stored


def _requester(connection: Connection, practice: str, request: dict[str, Any]) -> list[Stored]:
    """The requester's role, person and organization, so that the recipient can answer and call back."""
    found: dict[str, Stored] = {}
    waiting = [request.get("requester", {}).get("reference", "")]
    while waiting:
        kind, _, key = waiting.pop().partition("/")
        if kind in _DIRECTORY and f"{kind}/{key}" not in found:
            stored = resources.read(connection, Clearance(practice, True, "", (), 0, 0), kind, key)
            if stored and not stored.deleted:
                found[f"{kind}/{key}"] = stored
                body = parse(stored.body)
                waiting += [body.get(element, {}).get("reference", "") for element in ("practitioner", "organization")]
    return list(found.values())


def _supporting(connection: Connection, practice: str, patient: str) -> list[Stored]:
    """The client's diagnoses, medications, allergies, latest scores and plans, newest first."""
    kinds = ("Condition", "MedicationRequest", "AllergyIntolerance", "CarePlan")
    scores: dict[str, list[Stored]] = {code: [] for code in _SCORES}
    for one in resources.of_patient_by_date(connection, practice, patient, ("Observation",)):
        body = parse(one.body)
        code = next((coding.get("code") for coding in elements(body, "code.coding") if coding.get("code") in scores), None)
        if code and len(scores[code]) < _TREND:
            scores[code].append(one)
    return [*resources.of_patient_by_date(connection, practice, patient, kinds), *(one for found in scores.values() for one in found)]


def _why(stored: Stored, request: dict[str, Any], urgent: bool) -> Why | None:
    """What a recipient needs: active diagnoses, medications and allergies, scores; plans only in a crisis."""
    body = parse(stored.body)
    if stored.type == "Condition":
        named = {reference.get("reference") for reference in request.get("reasonReference", ())}
        active = any(coding.get("code") == "active" for coding in elements(body, "clinicalStatus.coding"))
        return "asked for" if f"Condition/{stored.id}" in named or (active and not named) else "minimum necessary"
    if stored.type in ("MedicationRequest", "AllergyIntolerance"):
        active = body.get("status") == "active" or any(coding.get("code") == "active" for coding in elements(body, "clinicalStatus.coding"))
        return "needed to act on it" if active else "minimum necessary"
    if stored.type == "CarePlan":
        return "needed to act on it" if urgent and stored.category == BITS["safety_plan"] else "minimum necessary"
    return "needed to act on it"


def _item(stored: Stored, why: Why, given: list[tuple[str, Release]], now: int) -> Item:
    decision, consent = decide_referral(stored.labels, given, "TREAT", now)
    goes = isinstance(decision, Permit) and why != "minimum necessary"
    reason: Why = why if isinstance(decision, Permit) else "withheld: no consent"
    return Item(stored.type, stored.id, _title(parse(stored.body)), goes, reason, stored.body if goes else b"", stored.labels, consent)


def _title(body: dict[str, Any]) -> str:
    """What a therapist recognises an item by: a person's name, a score with its day, a drug, a goal."""
    paths = ("medicationCodeableConcept.text", "code.text", "title", "code.coding.display", "description", "name")
    said = next((value for path in paths for value in elements(body, path) if isinstance(value, str)), None)
    if said is None:
        names = [name for path in ("name.given", "name.family") for name in elements(body, path) if isinstance(name, str)]
        said = " ".join(dict.fromkeys(names)) or str(body["resourceType"])
    value = next((str(found) for path in ("valueQuantity.value", "valueCodeableConcept.text", "valueCodeableConcept.coding.display") for found in elements(body, path)), "")
    return f"{said}: {value} ({str(body.get('effectiveDateTime', ''))[:10]})" if value else said
