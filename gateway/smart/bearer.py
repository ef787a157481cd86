"""Whom a stored token stands for: a backend client, or an app in the hands of a person with what that person does here."""

from __future__ import annotations

from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import orjson

from gateway.context import Principal, Role
from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import read_query
from gateway.privacy.principal import WRITING_DUTIES, Duty, User
from gateway.smart.scope import APP, BACKEND, Right, parse
from gateway.store import record as records
from gateway.store.engine import Connection
from gateway.store.narrowing import Narrowing, Term
from gateway.store.oauth import TokenRow
from mappings.identity import Site


def principal_of_row(connection: Connection, row: TokenRow) -> Principal:
    """Who bears a live token."""
    if row.account is None:
        return Principal(row.client_id, row.name, row.practice, cast(Role, row.role), row.recipient or row.client_id, row.purpose, row.scope)
    user = user_of(connection, row.practice, row.account, row.display or "", row.roles or "", row.fhir_user)
    return Principal(row.client_id, row.name, row.practice, "user", row.client_id, row.purpose, row.scope, user, row.patient)


def user_of(connection: Connection, practice: str, account: str, display: str, roles: str, fhir_user: str | None) -> User:
    """A person with the caseloads that the duties open: the own, and for a supervisor those of the supervisees."""
    duties = frozenset(cast("list[Duty]", roles.split()))
    has_caseload = fhir_user is not None and fhir_user.startswith("Practitioner/") and bool(duties & WRITING_DUTIES)
    return User(account, display, duties, fhir_user, _caseloads(connection, practice, str(fhir_user), supervises="supervisor" in duties) if has_caseload else ())


def contexts_of(principal: Principal) -> frozenset[str]:
    """The contexts whose scopes count for this principal."""
    return APP if principal.role == "user" else BACKEND


@lru_cache(maxsize=2048)
def narrowing(scope: str, contexts: frozenset[str], letter: str) -> Narrowing | None:
    """What a scope leaves of the types it allows this letter on; None where it leaves all of them whole."""
    scopes = parse(scope)
    by_type = {resource_type: _terms(resource_type, rights) for resource_type in TYPES if (rights := scopes.rights_on(resource_type, letter, contexts))}
    return Narrowing(by_type) if any(by_type.values()) else None


def _terms(resource_type: str, rights: list[Right]) -> tuple[Term, ...]:
    """The alternatives of a type; none where one of them is all of it."""
    terms = {Term(right.context == "patient", tuple(read_query(resource_type, right.conditions, ZoneInfo("UTC")).criteria)) for right in rights}
    return () if Term(False) in terms else tuple(sorted(terms, key=repr))


def _caseloads(connection: Connection, practice: str, clinician: str, *, supervises: bool) -> tuple[str, ...]:
    """How Patients and CareTeams may name this clinician, and whom the clinician's record says to be supervised by them."""
    site, found = Site(practice), []
    for kept in records.of_kind(connection, practice, "clinician"):
        above = orjson.loads(kept.body).get("supervisor") if supervises else None
        if clinician in (f"Practitioner/{site.id('clinician', kept.id)}", above and f"Practitioner/{site.id('clinician', above)}"):
            found += [f"Practitioner/{site.id('clinician', kept.id)}", f"PractitionerRole/{site.id('clinician', kept.id, 'role')}"]
    return tuple(sorted(found))
