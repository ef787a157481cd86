"""What create, update and transaction share: check, place, store, and let the referral and medication rooms react."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from gateway.context import Context
from gateway.fhir import outcome
from gateway.fhir.capability import SERVED
from gateway.fhir.validation import check_resource
from gateway.incoming.asked import receive_asking_task, receive_request
from gateway.incoming.consultation import receive_document, receive_outputs
from gateway.incoming.message import receive_message
from gateway.interaction.answer import check_within_scope, reader
from gateway.medication.dispense import receive_dispense
from gateway.medication.listed import receive_list
from gateway.medication.reconcile import reconcile
from gateway.privacy import placing
from gateway.privacy.decision import check_write
from gateway.referral.receive import receive_task
from gateway.store import release as releases
from gateway.store import resource as resources
from gateway.store.engine import Connection
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.store.version import VersionDiffers

Reaction = Callable[[Context, Connection, Stored, dict[str, Any]], None]

_AFTER: dict[str, tuple[Reaction, ...]] = {
    "MedicationRequest": (reconcile,),
    "MedicationStatement": (reconcile,),
    "MedicationDispense": (receive_dispense,),
    "List": (receive_list,),
    "Communication": (receive_message,),
    "ServiceRequest": (receive_request,),
    "Task": (receive_asking_task, receive_outputs),
    "DocumentReference": (receive_document,),
}
"""What happens in the same transaction once a partner's resource is stored."""


def check_body(resource: dict[str, Any], resource_type: str, interaction: str) -> None:
    """Raise where the type does not take this interaction or the resource is not valid."""
    if resource_type not in SERVED:
        raise outcome.no_such_type()
    if interaction not in SERVED[resource_type].interactions:
        raise outcome.no_such_interaction("GET")
    check_resource(resource, resource_type)


def store_new(context: Context, connection: Connection, resource: dict[str, Any], created: Collection[tuple[str, str]] = ()) -> Stored:
    """Store a new resource under the id it carries; whoever wrote it may read and change it."""
    principal = context.principal
    check_within_scope(context, resource, "c")
    check_write(connection, principal, context.now, resource, updates=False, created=created)
    stored = placing.store(connection, resource, _place(context, connection), context.now)
    if principal.role == "partner":
        releases.open_to(connection, principal.practice, principal.recipient, [(stored.type, stored.id)], reason="author")
        _react(context, connection, stored, resource)
    return stored


def store_next(context: Context, connection: Connection, resource: dict[str, Any], expected: int | None) -> Stored:
    """Store the next version of a visible resource. Raises 404, 410, 403, 412 (If-Match) or 422."""
    principal, resource_type = context.principal, resource["resourceType"]
    current = resources.read(connection, reader(context, "u"), resource_type, resource["id"])
    if current is None:
        raise outcome.not_found(resource_type)
    if current.deleted:
        raise outcome.deleted(resource_type)
    check_within_scope(context, resource, "u")
    check_write(connection, principal, context.now, resource, updates=True)
    if resource_type == "Task":
        receive_task(context, connection, current, resource)
    try:
        stored = placing.store(connection, resource, _place(context, connection), context.now, expected=expected)
    except VersionDiffers:
        raise outcome.version_conflict(resource_type) from None
    if principal.role == "partner" and stored.changed:
        _react(context, connection, stored, resource)
    return stored


def expected_version(resource_type: str, if_match: str | None) -> int | None:
    """The version named in If-Match, or None where there is none. Raises 400 for anything but one ETag."""
    if not if_match:
        return None
    number = if_match.strip().removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise outcome.bad_version(resource_type)
    return int(number)


def _place(context: Context, connection: Connection) -> placing.Place:
    practice = context.principal.practice
    return placing.Place(practice, zone_of(connection, practice), received=context.principal.role == "partner")


def _react(context: Context, connection: Connection, stored: Stored, resource: dict[str, Any]) -> None:
    for reaction in _AFTER.get(stored.type, ()):
        reaction(context, connection, stored, resource)
