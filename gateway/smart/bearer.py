"""Whom a stored token stands for: a backend client, or an app in the hands of a person with what that person does here."""

from __future__ import annotations

from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import orjson

from gateway.context import Principal, Role
from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import read_query
from gateway.privacy.principal import Duty, User
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
    caseloads: tuple[str, ...] = (fhir_user,) if fhir_user and duties & {"therapist", "supervisor"} and fhir_user.startswith("Practitioner/") else ()
    if caseloads and "supervisor" in duties:
        caseloads = (*caseloads, *_supervised(connection, practice, caseloads[0]))
    return User(account, display, duties, fhir_user, caseloads)


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


def _supervised(connection: Connection, practice: str, supervisor: str) -> list[str]:
    """`Practitioner/id` of the clinicians whose record names this supervisor."""
    site, found = Site(practice), []
    for kept in records.of_kind(connection, practice, "clinician"):
        named = orjson.loads(kept.body).get("supervisor")
        if named is not None and f"Practitioner/{site.id('clinician', named)}" == supervisor:
            found.append(f"Practitioner/{site.id('clinician', kept.id)}")
    return sorted(found)
