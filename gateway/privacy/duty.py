"""What the people of a practice, and its clients, may see and write by what they do there.

A therapist sees the own caseload, a supervisor the supervisees' too, the front desk who comes and when without clinical content, a
client the own record (45 CFR 164.524). Administrators and auditors see no client's record by that duty alone. All see who works
here. What the practice keeps inside (scores of the alliance, tasks after a risk) a client does not see here: RESTRICTED.
"""

from __future__ import annotations

from typing import Any, Literal

from gateway.fhir import outcome
from gateway.fhir.compartment import patient_of
from gateway.privacy import label
from gateway.privacy.category import BITS, CATALOGUE, DIRECTORY
from gateway.privacy.principal import WRITING_DUTIES, Duty, User
from gateway.store.release import ALL
from gateway.store.visible import Clearance, Relation

DESK = BITS["demographics"] | BITS["coverage"] | BITS["attendance"]
CLEARED = ALL & ~(label.RESTRICTED | label.UNKNOWN)

RELATIONS: dict[Duty, tuple[Relation, ...]] = {
    "administrator": ("staff",),
    "auditor": ("staff",),
    "therapist": ("caseload", "staff"),
    "supervisor": ("caseload", "staff"),
    "front_desk": ("desk", "staff"),
    "client": ("own", "staff"),
}
"""A duty -> why whoever has it sees anything."""

Standing = Literal["caseload", "own", "other", "nobody"]
"""Whose a resource is to a person: of the caseload, the own, of another client, of nobody."""


def may_see(user: User, standing: Standing, resource_type: str, category: int, labels: int) -> bool:
    """The rule for one resource, pure; `user_clearance` hands the same to the store, and a test holds the two together."""
    if category & CATALOGUE and not labels:
        return True
    relations = relations_of(user)
    cleared = labels & CLEARED == labels
    return (
        ("staff" in relations and bool(category & DIRECTORY))
        or ("caseload" in relations and standing == "caseload")
        or ("own" in relations and standing == "own" and cleared and (category != 0 or resource_type == "Consent"))
        or ("desk" in relations and standing != "nobody" and cleared and bool(category & DESK))
    )


def relations_of(user: User) -> tuple[Relation, ...]:
    """Sorted, so that equal sets of duties share their statements."""
    return tuple(sorted({relation for duty in user.duties for relation in RELATIONS[duty]}))


def user_clearance(user: User, practice: str, now: int) -> Clearance:
    """What the store needs to know of a person to apply the rule inside a query."""
    own = user.fhir_user.removeprefix("Patient/") if user.fhir_user and user.fhir_user.startswith("Patient/") else ""
    relations = relations_of(user)
    return Clearance(
        practice, False, "", (), DIRECTORY, now, CATALOGUE, relations=relations, caseloads=user.caseloads, desk=DESK, own=own if "own" in relations else "", cleared=CLEARED
    )


def check_user_write(user: User, resource: dict[str, Any]) -> None:
    """Raise 403 where a person may not write this at all; whether the client is theirs is asked of the store.

    Who there is (clients, staff, places), and who treats whom, is written by the practice's own system alone: an app could otherwise keep
    a record open to its therapist after the client has gone, or open it to somebody else.
    """
    resource_type = resource["resourceType"]
    if not user.duties & WRITING_DUTIES:
        raise outcome.may_not_write(resource_type, "only therapists and supervisors write in a client's record.")
    if resource_type in ("Patient", "CareTeam") or patient_of(resource) is None:
        raise outcome.may_not_write(resource_type, "clients, staff, places and who treats whom are written by the practice's own system.")
