"""A practice's catalogue: resources that belong to no client and say nothing of anyone, terminology first of all.

They lie in the store like everything else, one copy for each practice, so that read, history and search answer for them
as for any resource; their category opens them to every reader (gateway/privacy/category.py). What ships with this version
is brought in when a practice is made, and again whenever the gateway starts or migrates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.context import Context
from gateway.fhir.json import parse
from gateway.privacy import placing
from gateway.privacy.category import CATALOGUE
from gateway.store import audit
from gateway.store import resource as resources
from gateway.store.practice import zone_of
from gateway.store.resource import Stored
from gateway.store.version import remove_many
from gateway.trail import events

_SHIPPED = "urn:handoff:shipped"
"""`meta.source` of what comes with the gateway."""
_EVENT = 100
"""As many resources does one AuditEvent name."""


def synchronise(context: Context, shipped: Iterable[dict[str, Any]]) -> int:
    """Bring all that ships into the practice's catalogue, in one audited transaction; the number of resources that changed.

    What is there as it ships stays untouched, version and all. What shipped once and does no longer is deleted, its history
    stays; what the practice put into its catalogue itself is left alone.
    """
    wanted = {f"{resource['resourceType']}/{resource['id']}": resource | {"meta": {"source": _SHIPPED}} for resource in shipped}
    practice = context.principal.practice
    with context.store.change() as connection:
        place = placing.Place(practice, zone_of(connection, practice))
        known = resources.of_nobody(connection, practice, CATALOGUE)
        gone = [stored for stored in known if f"{stored.type}/{stored.id}" not in wanted and parse(stored.body)["meta"].get("source") == _SHIPPED]
        remove_many(connection, practice, [f"{stored.type}/{stored.id}" for stored in gone], context.now)
        touched = gone + [stored for stored in placing.store_many(connection, list(wanted.values()), place, context.now) if stored.changed]
        for part in _parts(touched):
            audit.append(connection, events(context, "transaction", part))
    return len(touched)


def _parts(touched: list[Stored]) -> Iterable[list[Stored]]:
    return (touched[start : start + _EVENT] for start in range(0, len(touched), _EVENT))
