"""https://hl7.org/fhir/R4/http.html#transaction: all of it or nothing."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from gateway.clock import instant
from gateway.context import Context
from gateway.fhir import bundle, outcome
from gateway.fhir.capability import SERVED
from gateway.fhir.outcome import Fault, OutcomeError
from gateway.fhir.search_parameter import TYPES
from gateway.fhir.search_query import read_query
from gateway.fhir.validation import check_resource
from gateway.interaction.answer import Answer, check_scope, events, reader, refusals_audited
from gateway.interaction.create import matching
from gateway.interaction.search_type import searchset, visible_page
from gateway.interaction.write import check_body, expected_version, store_new, store_next
from gateway.privacy.redaction import redacted
from gateway.store import audit
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored

_MAX_ENTRIES = 500
_ORDER = (
    *("Organization", "Practitioner", "PractitionerRole", "Endpoint", "Patient", "RelatedPerson", "Encounter", "Condition"),
    *("MedicationRequest", "MedicationStatement", "MedicationDispense", "ServiceRequest", "DocumentReference"),
)
"""What others are labelled by or belong to comes first; Provenance, which follows its targets, last."""
_ADDRESS = re.compile(r"([A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64}))?(?:\?(.*))?")


@dataclass
class _Step:
    """One entry on its way: what it asks, and what came of it."""

    at: int
    method: str
    resource_type: str
    resource_id: str | None
    query: str | None
    full_url: str
    request: dict[str, Any]
    resource: dict[str, Any] | None
    stored: Stored | None = None
    found: bytes = b""
    status: str = "200 OK"
    touched: list[Stored] = field(default_factory=list)


def transaction(context: Context, body: dict[str, Any], *, representation: bool = False) -> Answer:
    """Apply a transaction Bundle atomically. A fault in one entry is named with its place, and nothing is changed."""
    with refusals_audited(context, "transaction"):
        steps = _steps(body)
        for step in steps:
            with _named(step):
                _check(context, step)
        with context.store.change() as connection:
            _assign(context, connection, steps)
            for step in sorted(steps, key=_rank):
                with _named(step):
                    _apply(context, connection, step, steps)
            touched = [stored for step in steps for stored in step.touched]
            audit.append(connection, events(context, "transaction", touched))
    return Answer(200, bundle.join("transaction-response", [_response(context, step, representation) for step in steps]))


def _steps(body: dict[str, Any]) -> list[_Step]:
    if body.get("resourceType") != "Bundle" or body.get("type") != "transaction":
        raise outcome.wrong_shape("Bundle.type", "The body at the base address must be a Bundle of type transaction.")
    check_resource({name: value for name, value in body.items() if name != "entry"}, "Bundle")
    entries = body.get("entry", [])
    if not isinstance(entries, list) or len(entries) > _MAX_ENTRIES:
        raise outcome.too_long("transaction", f"{_MAX_ENTRIES} entries")
    steps = [_step(at, entry) for at, entry in enumerate(entries)]
    _check_distinct(steps)
    return steps


def _check_distinct(steps: list[_Step]) -> None:
    """No two entries may be about one resource (https://hl7.org/fhir/R4/http.html#trules)."""
    seen: set[tuple[str, str, str]] = set()
    for step in steps:
        about = (step.method, step.resource_type, str(step.resource_id or step.request.get("ifNoneExist") or step.at))
        if step.method != "GET" and about in seen:
            raise outcome.wrong_shape(f"Bundle.entry[{step.at}].request", "Two entries of a transaction are about the same resource; send one of them.")
        seen.add(about)


def _step(at: int, entry: Any) -> _Step:
    request = entry.get("request") if isinstance(entry, dict) else None
    url = request.get("url") if isinstance(request, dict) else None
    address = _ADDRESS.fullmatch(url) if isinstance(url, str) else None
    if not isinstance(request, dict) or address is None or request.get("method") not in ("GET", "POST", "PUT"):
        raise outcome.wrong_shape(f"Bundle.entry[{at}].request", "Each entry needs a request with method GET, POST or PUT and a url such as Patient or Patient/id.")
    resource_type, resource_id, query = address.groups()
    resource = entry.get("resource")
    if request["method"] != "GET" and (not isinstance(resource, dict) or resource.get("resourceType") != resource_type):
        raise outcome.wrong_shape(f"Bundle.entry[{at}].resource", "The entry's resource must be there and of the type its request names.")
    if resource_type not in SERVED:
        raise outcome.no_such_type()
    full_url = entry.get("fullUrl", "")
    return _Step(at, request["method"], resource_type, resource_id, query, full_url if isinstance(full_url, str) else "", request, resource)


def _rank(step: _Step) -> tuple[int, int, int, int]:
    kind = _ORDER.index(step.resource_type) if step.resource_type in _ORDER else len(_ORDER) + (step.resource_type == "Provenance")
    return (step.method == "GET", kind, _goes_on(step), step.at)


def _goes_on(step: _Step) -> bool:
    """What is stopped comes before what is started in its place."""
    return step.resource is not None and step.resource.get("status") not in ("stopped", "cancelled", "completed")


def _check(context: Context, step: _Step) -> None:
    letter = {"POST": "c", "PUT": "u", "GET": "r" if step.resource_id else "s"}[step.method]
    check_scope(context, step.resource_type, letter)
    if step.resource is None:
        return
    check_body(step.resource, step.resource_type, "create" if step.method == "POST" else "update")
    if step.method == "PUT" and (step.resource_id is None or step.resource.get("id") != step.resource_id):
        raise outcome.id_differs(step.resource_type)


def _assign(context: Context, connection: Connection, steps: list[_Step]) -> None:
    """Give new resources their ids and rewrite every reference to their fullUrl."""
    named: dict[str, str] = {}
    for step in steps:
        if step.method == "POST":
            with _named(step):
                step.stored = matching(context, connection, step.resource_type, step.request.get("ifNoneExist"))
            step.resource_id = step.stored.id if step.stored else str(uuid.uuid4())
        if step.full_url and step.resource_id:
            named[step.full_url] = f"{step.resource_type}/{step.resource_id}"
    for step in steps:
        if step.resource is not None:
            step.resource = _rewritten(step.resource, named) | {"id": step.resource_id}


def _rewritten(node: Any, named: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_rewritten(item, named) for item in node]
    if isinstance(node, dict):
        return {name: named.get(value, value) if name == "reference" and isinstance(value, str) else _rewritten(value, named) for name, value in node.items()}
    return node


def _apply(context: Context, connection: Connection, step: _Step, steps: list[_Step]) -> None:
    if step.method == "GET":
        _get(context, connection, step)
    elif step.method == "PUT" and step.resource is not None:
        step.stored = store_next(context, connection, step.resource, expected_version(step.resource_type, step.request.get("ifMatch")))
    elif step.stored is None and step.resource is not None:
        created = {(other.resource_type, other.resource_id or "") for other in steps if other.method == "POST" and other.stored is not None}
        step.stored, step.status = store_new(context, connection, step.resource, created), "201 Created"
    if step.stored is not None:
        step.touched = [step.stored]


def _get(context: Context, connection: Connection, step: _Step) -> None:
    if step.resource_id:
        mine = reader(context, "r")
        found = resources.read(connection, mine, step.resource_type, step.resource_id)
        if found is None or found.deleted:
            raise outcome.not_found(step.resource_type)
        step.touched, step.found = [found], redacted(connection, mine, [found])[0].body
        return
    query = read_query(step.resource_type, parse_qsl(step.query or ""), zone_of(connection, context.principal.practice))
    page = visible_page(connection, context, query, [name for name in TYPES if context.allows(name, "r")])
    step.touched, step.found = [*page.matches, *page.included], searchset(context, query, page)


def _response(context: Context, step: _Step, representation: bool) -> bundle.Entry:
    stored = step.stored
    if stored is None:
        return bundle.Entry("", step.found, {"response": {"status": step.status}})
    url = f"{context.base_url}/{stored.type}/{stored.id}"
    response = {"status": step.status, "location": f"{url}/_history/{stored.version}", "etag": stored.etag, "lastModified": instant(stored.last_updated)}
    return bundle.Entry(url, stored.body if representation else b"", {"response": response})


class _named:  # noqa: N801 - reads as a phrase: `with _named(step):`
    """Put the entry's place before every path of a refusal."""

    def __init__(self, step: _Step) -> None:
        self._at = step.at

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OutcomeError):
            where = f"Bundle.entry[{self._at}]"
            error.issues = [Fault(_placed(where, fault.expression), fault.code, fault.diagnostics) for fault in error.issues]


def _placed(where: str, expression: str) -> str:
    return f"{where}.resource.{expression.partition('.')[2]}" if "." in expression else where
