"""The one policy point: who may see what, and who may write what.

`decide` is the rule for one resource, pure; `clearance` is the same rule handed to the store, which applies it inside
every query (gateway/store/visible.py). A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from gateway.fhir import outcome
from gateway.fhir.compartment import patient_expression, patient_of, speaks_of_someone
from gateway.privacy import label
from gateway.privacy.category import CATALOGUE, DIRECTORY
from gateway.privacy.duty import check_user_write, user_clearance
from gateway.privacy.principal import WRITING_DUTIES, Principal, User
from gateway.store import release as releases
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.narrowing import Narrowing
from gateway.store.visible import Clearance

Reason = Literal["own-practice", "catalogue", "release", "opened", "directory", "no-consent", "category", "label", "purpose", "period"]

_BY_PURPOSE: dict[str, tuple[str, ...]] = {"TREAT": ("TREAT", "PATRQT"), "HPAYMT": ("HPAYMT", "PATRQT"), "HOPERAT": ("HOPERAT", "PATRQT"), "HLEGAL": ()}
"""A client's registered purpose -> the purposes of releases it may use. Legal proceedings get nothing (42 CFR 2.31(d))."""


@dataclass(frozen=True)
class Permit:
    reason: Reason


@dataclass(frozen=True)
class Withhold:
    reason: Reason


@dataclass(frozen=True)
class Release:
    """A consent in force or not, as `decide` looks at it."""

    categories: int
    cleared: int
    purpose: str
    starts_at: int
    ends_at: int


def decide(principal: Principal, category: int, labels: int, given: Iterable[Release], now: int) -> Permit | Withhold:
    """Whether a resource of this category and these labels may go to this principal now, and why.

    `given` are the client's releases to the principal's recipient. Anything not permitted is withheld.
    """
    if principal.role == "practice":
        return Permit("own-practice")
    if category & CATALOGUE and not labels:
        return Permit("catalogue")
    refusal: Reason = "no-consent"
    for one in given:
        refused = _refusal(one, principal.purpose, category, labels, now)
        if refused is None:
            return Permit("release")
        refusal = refused
    return Withhold(refusal)


def _refusal(given: Release, purpose: str, category: int, labels: int, now: int) -> Reason | None:
    if not given.starts_at <= now < given.ends_at:
        return "period"
    if given.purpose not in _BY_PURPOSE.get(purpose, ()):
        return "purpose"
    if not given.categories & category:
        return "category"
    return None if labels & given.cleared == labels else "label"


def decide_referral(labels: int, given: Iterable[tuple[str, Release]], purpose: str, now: int) -> tuple[Permit | Withhold, str | None]:
    """Whether a referral may carry an item to its recipient, and the consent that this hangs on (None: on the referral alone).

    What the therapist refers for is a disclosure for treatment (45 CFR 164.506(c)); substance-use records still need a
    42 CFR Part 2 consent that names the recipient, and restricted ones stay.
    """
    if labels & label.RELEASED == labels:
        return Permit("opened"), None
    for consent, one in given:
        if one.starts_at <= now < one.ends_at and one.purpose in _BY_PURPOSE.get(purpose, ()) and labels & one.cleared == labels:
            return Permit("release"), consent
    return Withhold("label"), None


def clearance(principal: Principal, now: int) -> Clearance:
    """What the store needs to know to apply the rule inside a query."""
    if principal.role == "user":
        return user_clearance(_user(principal), principal.practice, now)
    return Clearance(principal.practice, principal.role == "practice", principal.recipient, _BY_PURPOSE.get(principal.purpose, ()), DIRECTORY, now, CATALOGUE)


def within_scope(reader: Clearance, narrowing: Narrowing | None, principal: Principal) -> Clearance:
    """The same reader within what the token's scope leaves."""
    return reader if narrowing is None else replace(reader, narrowing=narrowing, patient=principal.patient or "")


def _user(principal: Principal) -> User:
    if principal.user is None:
        raise ValueError("a principal of role user names its user")
    return principal.user


def check_write(connection: Connection, principal: Principal, now: int, resource: dict[str, Any], *, updates: bool, created: Iterable[tuple[str, str]] = ()) -> None:
    """Raise OutcomeError where this principal may not write this resource.

    The practice writes about its own clients (and never prescribes, see placing.store). A partner writes about patients it can see (or
    brings in the same transaction, `created`), and changes only what it wrote or what was sent to it; its Provenances are of such. A person writes as
    gateway/privacy/duty.py says, about the own caseload.
    """
    resource_type = resource["resourceType"]
    if principal.role == "practice":
        return
    if principal.role == "user":
        check_user_write(_user(principal), resource)
    elif updates and not _may_change(connection, principal, now, resource):
        raise outcome.may_not_write(resource_type, "a partner changes only what it wrote itself, and Tasks addressed to it.")
    if resource_type == "Provenance":
        _check_targets(connection, principal, now, resource, created)
    patient = patient_of(resource)
    if patient is None:
        if speaks_of_someone(resource):  # by a reference elsewhere or by name: stored, it would reach nobody
            raise outcome.unknown_patient(patient_expression(resource_type))
        return
    known = resource_type == "Patient" or ("Patient", patient) in created
    if not known and resources.read(connection, _writer(principal, now), "Patient", patient) is None:
        raise outcome.unknown_patient(patient_expression(resource_type))


def _check_targets(connection: Connection, principal: Principal, now: int, provenance: dict[str, Any], created: Iterable[tuple[str, str]]) -> None:
    """Its labels are those of its targets: who could point at what is hidden would be told them. Raises 422."""
    told = {target.get("reference", "").partition("/_history/")[0] for target in provenance["target"]}
    local = {name for name in told if name.count("/") == 1} - {f"{kind}/{key}" for kind, key in created}
    hidden = local - resources.visible_among(connection, clearance(principal, now), local)
    if not all(_is_open(connection, principal, now, name, "author") for name in hidden):
        raise outcome.unknown_target()


def _writer(principal: Principal, now: int) -> Clearance:
    """Whom this principal may write about. Of a person only the duties that write count: who also keeps the front desk sees every client by that."""
    if principal.role != "user":
        return clearance(principal, now)
    user = _user(principal)
    return user_clearance(replace(user, duties=user.duties & WRITING_DUTIES), principal.practice, now)


def _may_change(connection: Connection, principal: Principal, now: int, resource: dict[str, Any]) -> bool:
    reasons = ("author", "owner") if resource["resourceType"] == "Task" else ("author",)
    return any(_is_open(connection, principal, now, f"{resource['resourceType']}/{resource['id']}", reason) for reason in reasons)


def _is_open(connection: Connection, principal: Principal, now: int, name: str, reason: str) -> bool:
    resource_type, _, resource_id = name.partition("/")
    return releases.is_open(connection, principal.practice, principal.recipient, resource_type, resource_id, reason, now)
