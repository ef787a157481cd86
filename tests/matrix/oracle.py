"""Who may see and do what, worked out a second time from the design (privacy.md, security.md 1.3 and 1.4) over the JSON that is stored.

It shares nothing with the gateway's own rules: no label masks, no categories as bits, no SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from tests.matrix.principals import Knocker
from tests.matrix.scopes import Clause, clauses
from tests.matrix.town import OPENED, SITES, STAFF, WRITTEN_BY_HARBOR, Held, Resource
from tests.world import PRACTICE

DIRECTORY = {"Practitioner", "PractitionerRole", "Organization", "Endpoint", "PlanDefinition"}
CATALOGUE = {"CodeSystem", "ValueSet", "ConceptMap"}
FRONT_DESK = {"Patient", "RelatedPerson", "Coverage", "Encounter"}
LOGISTICS = {"resourceType", "id", "meta", "identifier", "status", "class", "type", "subject", "participant", "period", "location", "serviceProvider"}
SUBJECT = {"Coverage": "beneficiary", "Task": "for", "RelatedPerson": "patient", "FamilyMemberHistory": "patient", "AllergyIntolerance": "patient", "Consent": "patient"}
"""Where the patient stands, where it is not `subject`."""

_ORDINARY = {"N", "R", "BH"}
_SUBSTANCE_USE = {"SUD", "ETHUD", "OPIOIDUD", "42CFRPart2", "NORDSCLCD"}
_CATEGORY = {
    "demographics": {"Patient", "RelatedPerson"},
    "attendance": {"Encounter"},
    "diagnoses": {"Condition"},
    "medications": {"MedicationRequest", "MedicationStatement", "MedicationDispense", "List"},
    "allergies": {"AllergyIntolerance"},
    "assessments": {"Observation", "QuestionnaireResponse", "FamilyMemberHistory", "Flag"},
    "treatment_plan": {"CarePlan", "Goal", "CareTeam", "ServiceRequest"},
    "progress_notes": {"DocumentReference", "Procedure", "ClinicalImpression"},
    "safety_plan": {"CarePlan"},
    "referrals": {"ServiceRequest", "Task"},
    "coverage": {"Coverage"},
    "Consent": {"Consent"},
}

_BY_CODE = {"side-effect": "medications", "95541-9": "treatment_plan", "75773-2": "treatment_plan"}
"""Observations that belong with what they are about: a side effect, a preference (LOINC)."""

ALL = tuple(_CATEGORY)
RELEASES = {
    ("harbor", "ben"): [name for name in ALL if name != "Consent"],
    ("harbor", "ana"): ["demographics", "attendance", "medications"],
    ("pier", "ana"): ["demographics", "diagnoses"],
    ("pier", "ben"): ["assessments", "allergies"],
    ("payer", "ben"): [name for name in ALL if name not in ("Consent", "coverage")],
    ("detox", "ana"): [name for name in ALL if name != "Consent"],
    ("detox", "ben"): ["progress_notes", "treatment_plan", "safety_plan", "referrals"],
}
"""What is in force on the day of the matrix: recipient and client -> categories. What ran out, was revoked, or is for a court is not."""
PURPOSE = {"payer": "HPAYMT"}
NEXT_DOOR_RELEASES = {("harbor", "eve"): [name for name in ALL if name not in ("Consent", "coverage")]}


def labels(resource: Resource) -> set[str]:
    return {one["code"] for one in resource.get("meta", {}).get("security", [])}


class Town:
    """The stock, with whose each resource is."""

    def __init__(self, stock: Iterable[Held]) -> None:
        self.stock = list(stock)
        self.by_name = {(held.practice, f"{held.current['resourceType']}/{held.current['id']}"): held for held in self.stock}
        self._clients = {(practice, site.id("client", name)): name for practice, site in SITES.items() for name in ("ana", "ben", "cal", "dee", "eve")}

    def targets(self, held: Held, resource: Resource) -> list[Held]:
        """What a Provenance speaks of, as far as it is there."""
        names = [target["reference"] for target in resource.get("target", [])]
        return [self.by_name[held.practice, name] for name in names if (held.practice, name) in self.by_name]

    def patient(self, held: Held, resource: Resource) -> str | None:
        """The logical id of the patient a resource is about."""
        kind = resource["resourceType"]
        if kind == "Patient":
            return str(resource["id"])
        if kind == "Provenance":
            owners = {self.patient(target, target.current) for target in self.targets(held, resource)}
            return owners.pop() if len(owners) == 1 else None
        named = resource.get(SUBJECT.get(kind, "subject"), {}).get("reference", "")
        return str(named.removeprefix("Patient/")) if named.startswith("Patient/") else None

    def client(self, held: Held, resource: Resource) -> str | None:
        """The record id of that client."""
        return self._clients.get((held.practice, self.patient(held, resource) or ""))


class Judge:
    """One knocker with one scope, before the town."""

    def __init__(self, town: Town, who: Knocker, scope: str) -> None:
        self.town, self.who, self.scope = town, who, scope
        self.clauses = clauses(scope, frozenset({"patient", "user"} if who.role == "user" else {"system"}))
        self.writes_records = who.role == "practice" and "__record.write" in scope.split()

    def own(self, held: Held) -> Held:
        """What stands under the same name in the own practice: the catalogue stands in every one."""
        return self.town.by_name.get((self.who.practice, f"{held.current['resourceType']}/{held.current['id']}"), held)

    def allows(self, kind: str, letter: str) -> bool:
        """Whether the scope allows the interaction at all."""
        return any(clause.is_for(kind, letter) for clause in self.clauses)

    def shown(self, held: Held, letter: str) -> list[Resource]:
        """The versions of a resource that may be seen for this letter, oldest first; what is out of reach now is so with all its past."""
        if not self.current(held, letter):
            return []
        return [version for version in held.versions if self.sees(held, version) and self.reaches(held, version, letter)]

    def current(self, held: Held, letter: str) -> bool:
        return self.sees(held, held.current) and self.reaches(held, held.current, letter)

    def reaches(self, held: Held, resource: Resource, letter: str) -> bool:
        """Whether any granted scope reaches this resource."""
        return any(self._clause_reaches(clause, held, resource) for clause in self.clauses if clause.is_for(resource["resourceType"], letter))

    def _clause_reaches(self, clause: Clause, held: Held, resource: Resource) -> bool:
        if clause.context == "patient" and not self._is_of_nobody(held, resource):
            context = self.who.context and SITES["next-door" if self.who.context == "eve" else self.who.practice].id("client", self.who.context)
            if not context or self.town.patient(held, resource) != context:
                return False
        return clause.is_met_by(resource)

    def told(self, resource: Resource) -> Resource:
        """What these eyes get of a resource they see: of a visit the front desk learns who comes, when and where, and not why."""
        client = resource["resourceType"] == "Encounter" and resource["subject"]["reference"].removeprefix("Patient/")
        is_ours = client in {SITES[self.who.practice].id("client", name) for name in self.writes_about()}
        if not client or is_ours or "front_desk" not in self.who.duties:
            return resource
        return {name: value for name, value in resource.items() if name in LOGISTICS}

    def _is_of_nobody(self, held: Held, resource: Resource) -> bool:
        """In the directory or the catalogue, or telling where such a resource came from."""
        return all(one["resourceType"] in DIRECTORY | CATALOGUE for one in ([target.current for target in self.town.targets(held, resource)] or [resource]))

    def sees(self, held: Held, resource: Resource) -> bool:
        """Whether this version of it is for these eyes, whatever the scope."""
        if held.practice != self.who.practice:
            return False
        if self.who.role == "practice" or resource["resourceType"] in CATALOGUE:
            return True
        if resource["resourceType"] == "Provenance" and (targets := self.town.targets(held, resource)):
            return self._is_cleared(held, resource) and all(self.sees(target, target.current) and self._tells_of(target) for target in targets)
        if self.who.role == "partner":
            return _opened(self.town, self.who, held, resource)
        if resource["resourceType"] in DIRECTORY:
            return bool(self.who.duties)
        return any(self._by_duty(duty, held, resource) for duty in self.who.duties)

    def _is_cleared(self, held: Held, resource: Resource) -> bool:
        """Whether the labels alone would let it through, as a Provenance of what was closed once is closed."""
        if self.who.role == "partner":
            return labels(resource) <= _cleared(self.who, self.town.client(held, resource) or "")
        return bool(self.town.client(held, resource) in self.writes_about()) or not labels(resource) - _ORDINARY - _SUBSTANCE_USE

    def _tells_of(self, target: Held) -> bool:
        """A partner learns where a resource came from that a release opened by its category; not of what was opened by itself. A client likewise."""
        if self.who.duties == ("client",):
            return bool(target.current["resourceType"] != "Consent")
        return self.who.role != "partner" or target.current["resourceType"] in DIRECTORY or _released(self.town, self.who, target, target.current)

    def _by_duty(self, duty: str, held: Held, resource: Resource) -> bool:
        client, kind = self.town.client(held, resource), resource["resourceType"]
        if duty == "client":
            return client is not None and client == self.who.client and _leaves_the_practice(resource)
        if duty == "front_desk":
            return kind in FRONT_DESK and client is not None
        return client is not None and client in self.caseload(duty)

    def caseload(self, duty: str) -> set[str]:
        """The clients that a therapist or a supervisor answers for."""
        clinicians = {self.who.clinician} if duty in ("therapist", "supervisor") else set()
        if duty == "supervisor" and self.who.practice == PRACTICE:
            clinicians |= {name for name, above in STAFF.items() if above == self.who.clinician}
        return {client for name in clinicians for client in CARED_FOR.get((self.who.practice, name or ""), ())}

    def writes_about(self) -> set[str]:
        """The clients a person may write about."""
        return {client for duty in self.who.duties for client in self.caseload(duty)}


CARED_FOR = {(PRACTICE, "first"): ("ana", "cal"), (PRACTICE, "second"): ("ben",), (PRACTICE, "third"): ("ana", "ben"), ("next-door", "first"): ("eve",)}
"""By the client's record, or by an active care team."""


def _leaves_the_practice(resource: Resource) -> bool:
    """What a client may have of the own record: all of a release category, but what the practice keeps inside."""
    return bool(categories(resource)) and not labels(resource) - _ORDINARY - _SUBSTANCE_USE


def categories(resource: Resource) -> set[str]:
    """The categories of release a resource stands in."""
    kind = resource["resourceType"]
    if kind == "Observation" and (
        told := _BY_CODE.keys() & {coding.get("code") for concept in (*resource.get("category", []), resource["code"]) for coding in concept.get("coding", [])}
    ):
        return {_BY_CODE[code] for code in told}
    found = {name for name, kinds in _CATEGORY.items() if kind in kinds}
    if kind == "CarePlan":
        return {"safety_plan" if any(coding.get("code") == "735324008" for concept in resource["category"] for coding in concept["coding"]) else "treatment_plan"}
    if kind == "ServiceRequest":
        return {"treatment_plan" if resource["intent"] == "plan" else "referrals"}
    if kind == "Task":
        return found if resource.get("focus", {}).get("reference", "").startswith("ServiceRequest/") else set()
    return found


def _opened(town: Town, who: Knocker, held: Held, resource: Resource) -> bool:
    """Whether a release in force or a referral opens it to a partner."""
    kind = resource["resourceType"]
    if kind in DIRECTORY:
        return has_anything(who) or str(resource["id"]) in own_entry(who)
    if who.recipient == "harbor" and who.practice == PRACTICE and is_written_by_harbor(resource):
        return True
    if who.recipient == "asked" and who.practice == PRACTICE and (kind, resource["id"]) in opened_by_referral():
        return True
    client = town.client(held, resource) or ""
    given = released(who, client)
    if kind == "Consent":
        return given is not None and resource["id"] == SITES[who.practice].id("consent", f"release-{client}-{who.recipient}")
    return _released(town, who, held, resource)


def _released(town: Town, who: Knocker, held: Held, resource: Resource) -> bool:
    """Whether a release in force opens a category that it stands in, and clears all its labels."""
    client = town.client(held, resource) or ""
    given = released(who, client)
    return given is not None and bool(categories(resource) & set(given)) and labels(resource) <= _cleared(who, client)


def _cleared(who: Knocker, client: str) -> set[str]:
    """The labels a partner may meet: those of substance use under ana's 42 CFR Part 2 consent alone."""
    return _ORDINARY | (_SUBSTANCE_USE if (who.recipient, client) == ("detox", "ana") else set())


def released(who: Knocker, client: str) -> list[str] | None:
    """The categories that a release in force, for this partner's purpose, opens of a client; None without one."""
    if who.purpose != PURPOSE.get(who.recipient or "", "TREAT"):
        return None
    return (RELEASES if who.practice == PRACTICE else NEXT_DOOR_RELEASES).get((who.recipient or "", client))


def has_anything(who: Knocker) -> bool:
    return who.recipient == "asked" or any(released(who, client) is not None for client in ("ana", "ben", "eve"))


def is_written_by_harbor(resource: Resource) -> bool:
    return resource.get("identifier") == [WRITTEN_BY_HARBOR]


@cache
def opened_by_referral() -> set[tuple[str, str]]:
    here = SITES[PRACTICE]
    return {(kind, here.id(what, name if what == "client" else f"{what}-{name}")) for kind, what, name in OPENED}


@cache
def own_entry(who: Knocker) -> set[str]:
    """What the address book holds of the partner itself."""
    return {SITES[who.practice].id("partner", who.recipient or "", part) for part in ("organization", "practitioner", "role", "endpoint", "direct")}


def unmarked(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource as its reader would send it back."""
    return {name: value for name, value in resource.items() if name != "meta"}
