"""Clients and visits to choose from: searched as the signed-in person, through the same search, decision and audit as any API request."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from gateway.context import Context, Principal
from gateway.fhir.outcome import OutcomeError
from gateway.interaction.read import read
from gateway.interaction.search_type import search_type
from gateway.smart.bearer import user_of
from gateway.store.account import AccountRow
from gateway.web.ground import Ground

PAGE = 20
ABOUT = ("ServiceRequest", "CarePlan")
"""What besides a visit an app may be opened for."""
_LONGEST_NAME = 100
_DATED = ("authoredOn", "created")


class Choice(NamedTuple):
    """One client or visit as it is shown."""

    id: str
    title: str
    more: str


class Offer(NamedTuple):
    """One page of choices; `after`: what to send for the next one, empty on the last."""

    choices: list[Choice]
    after: str


def context_of(ground: Ground, account: AccountRow) -> Context:
    """The person's own Context: reads what the duties open, and nothing else. Every search leaves its AuditEvents."""
    with ground.store.read() as connection:
        user = user_of(connection, account.practice, account.id, account.display, account.roles, account.fhir_user)
    principal = Principal(account.id, account.display, account.practice, "user", account.id, "TREAT", "", user)
    return Context(principal, ground.store, ground.journal, ground.clock, ground.request_id(), ground.settings.fhir_base, lambda _type, letter: letter in "rs")


def clients(context: Context, name: str = "", birth_date: str = "", after: str = "") -> Offer:
    """Clients whose record this person may see, by the beginnings of their names. Raises OutcomeError (400) for a date that is none."""
    words = [("name", word.replace(",", " ")) for word in name[:_LONGEST_NAME].split()[:5]]
    asked = [*words, ("birthdate", birth_date.strip()[:10]), ("_count", str(PAGE)), ("_cursor", after), ("_total", "none")]
    return _offer(context, "Patient", asked, _client)


def visits(context: Context, patient: str, after: str = "") -> Offer:
    """Visits of a client, newest first."""
    return _offer(context, "Encounter", [("patient", patient), ("_sort", "-date"), ("_count", str(PAGE)), ("_cursor", after), ("_total", "none")], _visit)


def client(context: Context, patient: str) -> Choice | None:
    """The client, if this person may see the record."""
    found = _one(context, "Patient", patient)
    return None if found is None else _client(found)


def requests(context: Context, patient: str) -> Offer:
    """Referrals, planned services and plans of a client; their ids are `Type/id`."""
    found: list[Choice] = []
    for resource_type in ABOUT:
        asked = [("patient", patient), ("_sort", "-_lastUpdated"), ("_count", str(PAGE)), ("_total", "none")]
        found += _offer(context, resource_type, asked, _request).choices
    return Offer(found, "")


def visit(context: Context, encounter: str) -> Choice | None:
    """The visit, if this person may see it."""
    found = _one(context, "Encounter", encounter)
    return None if found is None else _visit(found)


def is_about(context: Context, resource_type: str, resource_id: str, patient: str) -> bool:
    """Whether a visit, a plan or a referral is of this client, and this person may see it."""
    found = _one(context, resource_type, resource_id) if resource_type in ("Encounter", *ABOUT) else None
    return found is not None and found.get("subject", {}).get("reference") == f"Patient/{patient}"


def is_request(context: Context, named: str, patient: str) -> bool:
    """The same of `Type/id`, for the types that `requests` offers alone: a visit has a launch parameter of its own (SMART 2.2.0, fhirContext)."""
    resource_type, _, resource_id = named.partition("/")
    return resource_type in ABOUT and is_about(context, resource_type, resource_id, patient)


def _one(context: Context, resource_type: str, resource_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = orjson.loads(read(context, resource_type, resource_id).body)
    except OutcomeError as refusal:
        if refusal.status in (404, 410):
            return None
        raise
    return found


def _offer(context: Context, resource_type: str, asked: list[tuple[str, str]], shown: Any) -> Offer:
    bundle = orjson.loads(search_type(context, resource_type, asked).body)
    following = next((link["url"] for link in bundle.get("link", ()) if link["relation"] == "next"), "")
    return Offer([shown(entry["resource"]) for entry in bundle.get("entry", ())], parse_qs(urlsplit(following).query).get("_cursor", [""])[0])


def _client(patient: dict[str, Any]) -> Choice:
    name: dict[str, Any] = next(iter(patient.get("name", ())), {})
    said = " ".join([*name.get("given", ()), name.get("family", "")]).strip() or name.get("text", "")
    return Choice(patient["id"], said or "No name on file", f"born {patient['birthDate']}" if "birthDate" in patient else "no birth date on file")


def _visit(encounter: dict[str, Any]) -> Choice:
    kinds = [concept.get("text") or next((coding.get("display", "") for coding in concept.get("coding", ())), "") for concept in encounter.get("type", ())]
    when = str(encounter.get("period", {}).get("start", ""))
    return Choice(encounter["id"], " ".join(when[:16].split("T")) or "No date on file", next((kind for kind in kinds if kind), "Visit"))


def _request(found: dict[str, Any]) -> Choice:
    kind = "Referral or service" if found["resourceType"] == "ServiceRequest" else "Plan"
    said = found.get("title") or found.get("code", {}).get("text") or kind
    dated = next((str(found[name])[:10] for name in _DATED if name in found), "no date on file")
    return Choice(f"{found['resourceType']}/{found['id']}", said, f"{kind.lower()}, {dated}")
