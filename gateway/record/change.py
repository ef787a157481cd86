"""What a record becomes: mapped, checked as whatever leaves is checked, and laid over by its course."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

import mappings
from gateway.fhir.validation import faults, is_valid
from gateway.record.report import Refusal, refusal
from gateway.record.types import KINDS, Record
from gateway.store.record import Kept, New
from mappings.codes import BadCode
from mappings.identity import REVISION, Site

Resource = dict[str, Any]


@dataclass
class Change:
    """A new or changed record, and the resources that it becomes, the main one first."""

    record: Record
    kept: Kept | None
    client: str | None
    body: bytes
    digest: str
    made: list[Resource]
    course: str = ""
    """Those of them that its course gave, as `names`."""
    repeats: int = 0
    """How often the very same was given again."""

    @property
    def new(self) -> New:
        return New(self.record.kind, self.record.id, self.kept.version + 1 if self.kept else 1, self.client, self.digest, self.body)

    def gone(self, site: Site) -> set[str]:
        """The resources (`Type/id`) that the record became before and becomes no longer."""
        if self.kept is None:
            return set()
        before = KINDS[self.record.kind].model_validate_json(self.kept.body)
        was = {name_of(one) for one in _mapped(before, site)} | set((self.kept.course or "").split())
        return was - {name_of(one) for one in self.made}


def content(record: Record) -> tuple[bytes, str]:
    """A record as it is kept, and the digest by which an unchanged one is known."""
    body = orjson.dumps(record.model_dump(mode="json", exclude_defaults=True), option=orjson.OPT_SORT_KEYS)
    return body, hashlib.sha256(REVISION.encode() + body).hexdigest()


def made_of(record: Record, site: Site) -> list[Resource] | Refusal:
    """The resources of a record by itself; a Refusal where a code of it cannot be one, or the mapping has a fault."""
    try:
        made = mappings.resources_of(record, site)
    except BadCode as fault:
        return _bad_code(record, fault)
    return _unsound(record, made) or made


def course_of(record: Record, beside: Sequence[Record], site: Site) -> list[Resource] | Refusal:
    """The same of its course."""
    try:
        given = mappings.course_of(record, beside, site)
    except BadCode as fault:
        return _bad_code(record, fault)
    return _unsound(record, given) or given


def overlaid(made: Sequence[Resource], course: Sequence[Resource]) -> list[Resource]:
    """The resources of a record with those of its course in the place of their own, or after them."""
    by_name: Mapping[str, Resource] = {name_of(one): one for one in (*made, *course)}
    return list(by_name.values())


def names(resources: Sequence[Resource]) -> str:
    """`Type/id` of each, as a record's course is noted."""
    return " ".join(sorted(name_of(one) for one in resources))


def name_of(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _mapped(record: Record, site: Site) -> list[Resource]:
    try:
        return mappings.resources_of(record, site)
    except BadCode:  # taken in when the rules were others
        return []


def _bad_code(record: Record, fault: BadCode) -> Refusal:
    return refusal(record, str(fault), "correct the code, or leave it out and keep the words")


def _unsound(record: Record, made: Sequence[Resource]) -> Refusal | None:
    """What does not hold by R4's own rules never leaves; the record is right, the mapping is not."""
    for resource in made:
        if not is_valid(resource):
            rule = faults(resource)[0].diagnostics.rstrip(".")
            return refusal(
                record, f"the resource made of it would not be FHIR R4: {rule}", "report this to whoever maintains the gateway: a mapping has a fault, the record has none"
            )
    return None
