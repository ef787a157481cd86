"""Provenance of what an intake wrote: who, when, from which record, what changed and why (US Core Provenance).

One Provenance for each set of resources that are seen by the same readers, so that none tells of what its reader may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from gateway.clock import instant
from gateway.context import Context
from gateway.record.types import Record
from gateway.store.resource import Stored
from mappings.identity import Site
from mappings.narrative import narrative

_DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_AUTHORS = ("author", "clinician", "recorder", "noted_by", "sender", "therapist")
_UNTRACED = ("Organization", "Practitioner", "PractitionerRole", "Endpoint")

Traced = tuple[dict[str, Any], Stored]
"""A Provenance with one of its targets, all of which share patient, labels and category."""


class Story(NamedTuple):
    """What the Provenances of one record have in common."""

    record: Record
    part: str
    """What the Provenance is called within its record; the group follows."""
    activity: str
    agents: list[dict[str, Any]]
    reason: str | None = None
    main: Stored | None = None
    """The record's main resource: whoever may not see it may not read the reason either."""


def of_record(context: Context, record: Record, stored: Sequence[Stored], site: Site, *, update: bool) -> list[Traced]:
    """What became of a record that was taken in; `stored`: its resources, the main one first, unchanged ones too."""
    reason = getattr(record, "change_reason", None)
    story = Story(record, "provenance", "UPDATE" if update else "CREATE", _agents(record, site), reason, stored[0] if stored else None)
    return _grouped(context, story, [one for one in stored if one.changed], site)


def of_course(context: Context, record: Record, stored: Sequence[Stored], removed: Sequence[Stored], site: Site) -> list[Traced]:
    """What became of a record because of the client's other records: worked out here, by rules, from what the practice recorded."""
    agents = [_agent("assembler", "Assembler", {"display": "Handoff"})]
    written = [one for one in stored if one.changed]
    told = (
        ("course:create", "CREATE", [one for one in written if not one.before]),
        ("course:update", "UPDATE", [one for one in written if one.before]),
        ("course:delete", "DELETE", removed),
    )
    return [each for part, activity, targets in told for each in _grouped(context, Story(record, f"provenance:{part}", activity, agents), targets, site)]


def _grouped(context: Context, story: Story, written: Sequence[Stored], site: Site) -> list[Traced]:
    groups: dict[tuple[int, int], list[Stored]] = {}
    for stored in written:
        if stored.type not in _UNTRACED:
            groups.setdefault((stored.category, stored.labels), []).append(stored)
    return [(_provenance(context, story, targets, site), targets[0]) for targets in groups.values()]


def _provenance(context: Context, story: Story, targets: list[Stored], site: Site) -> dict[str, Any]:
    first, changes = targets[0], _changes(targets)
    return {
        "resourceType": "Provenance",
        "id": site.id(story.record.kind, story.record.id, f"{story.part}:{first.category}:{first.labels}"),
        "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-provenance"]},
        **({"text": narrative("What changed", [("Elements", changes)])} if changes else {}),
        "target": [{"reference": f"{stored.type}/{stored.id}"} for stored in targets],
        "recorded": instant(context.now),
        **({"reason": [{"text": story.reason}]} if story.reason and _may_be_told(story.main, first) else {}),
        "activity": {"coding": [{"system": _DATA_OPERATION, "code": story.activity}]},
        "agent": story.agents,
        **({"entity": before} if (before := [_before(stored) for stored in targets if stored.before]) else {}),
    }


def _agents(record: Record, site: Site) -> list[dict[str, Any]]:
    author = next((value for name in _AUTHORS if (value := getattr(record, name, None))), None)
    cosigned = getattr(record, "cosigned", None)
    return [
        _agent("author", "Author", _role(author, site) if author else {"display": "The practice"}),
        *([_agent("verifier", "Verifier", _role(cosigned.clinician, site))] if cosigned else ()),
    ]


def _role(clinician: str, site: Site) -> dict[str, Any]:
    return site.reference("PractitionerRole", "clinician", clinician, "role")


def _agent(code: str, display: str, who: dict[str, Any]) -> dict[str, Any]:
    return {"type": {"coding": [{"system": _AGENT, "code": code, "display": display}]}, "who": who}


def _before(stored: Stored) -> dict[str, Any]:
    return {"role": "revision", "what": {"reference": f"{stored.type}/{stored.id}/_history/{stored.version - 1}"}}


def _may_be_told(main: Stored | None, target: Stored) -> bool:
    """Whether all who see the target are also cleared for the main resource, of which the reason speaks."""
    return main is not None and main.category == target.category and main.labels & ~target.labels == 0


def _changes(targets: list[Stored]) -> list[str]:
    """For each target that replaced a version the elements that differ: their names, never a value, nor any id."""
    return [f"{at}. {stored.type}: {', '.join(_differing(stored)) or 'meta'}" for at, stored in enumerate(targets, start=1) if stored.before and stored.body]


def _differing(stored: Stored) -> list[str]:
    before, after = orjson.loads(stored.before), orjson.loads(stored.body)
    return sorted(name for name in before.keys() | after.keys() if name != "meta" and before.get(name) != after.get(name))
