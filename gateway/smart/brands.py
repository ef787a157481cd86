"""The User-Access Brands bundle (SMART 2.2.0 brands): how an app that looks for a practice finds its name, its place and this server.

A practice's name, address and identifiers come from its record; what the record has no place for (website, logo, aliases, portal, more
identifiers) stands in a file. The profile has room for the website alone among the ways to reach it. Nothing is published unless HANDOFF_BRANDS says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.clock import instant
from gateway.record.types import Practice
from gateway.smart.brand_words import Words
from gateway.store import practice as practices
from gateway.store import record as records
from gateway.store.engine import Store
from mappings import resources_of
from mappings.identity import Site

PROFILES = "http://hl7.org/fhir/smart-app-launch/StructureDefinition/"
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_CATEGORY = "http://hl7.org/fhir/smart-app-launch/CodeSystem/user-access-category"
_URI = "urn:ietf:rfc:3986"
_UNKNOWN = {"extension": [{"url": f"{_CORE}data-absent-reason", "valueCode": "asked-unknown"}]}
"""The one reason the specification leaves for a required address that nobody gave."""


class Brands(NamedTuple):
    """The bundle, and the Identifier of its primary brand: the first practice of this store."""

    bundle: dict[str, Any]
    primary: dict[str, str]
    etag: str


@dataclass(frozen=True)
class _Place:
    """A practice or one of its places of work, and when its record came in."""

    site: Site
    record: Practice
    recorded_at: int

    @property
    def id(self) -> str:
        return self.site.id("practice", self.record.id)


def brand_properties(store: Store, public_url: str, words: Mapping[str, Words]) -> dict[str, Any]:
    """`user_access_brand_bundle` and `user_access_brand_identifier` for smart-configuration; nothing where no practice is there."""
    found = brands(store, public_url, words)
    return {} if found is None else {"user_access_brand_bundle": f"{public_url}/brands", "user_access_brand_identifier": found.primary}


def brands(store: Store, public_url: str, words: Mapping[str, Words]) -> Brands | None:
    """Every active practice with its places of work, and the one Endpoint. `words`: by the practice's id."""
    places = _places(store)
    if not places:
        return None
    root, first = f"{public_url}/brands", places[0]
    endpoint = _endpoint(first, public_url, words.get(first.site.practice, Words()))
    shown = [_organization(place, endpoint["id"], _said(place, words)) for place in places]
    resources = [*shown, endpoint]
    changed = max([place.recorded_at for place in places] + [each.changed_at for each in words.values()])
    bundle = {
        "resourceType": "Bundle",
        "id": "brands",
        "meta": {"lastUpdated": instant(changed), "profile": [f"{PROFILES}user-access-brands-bundle"]},
        "type": "collection",
        "timestamp": instant(changed),
        "entry": [{"fullUrl": f"{root}/{each['resourceType']}/{each['id']}", "resource": each} for each in resources],
    }
    return Brands(bundle, _own_identifier(shown), _etag(bundle))


def _places(store: Store) -> list[_Place]:
    """A practice before its places of work; one without a record of its own is known by its name alone."""
    found: list[_Place] = []
    with store.read() as connection:
        for practice in practices.all_ids(connection):
            kept = [(Practice.model_validate_json(row.body), row.recorded_at) for row in records.of_kind(connection, practice, "practice")]
            known = kept or [(Practice(id="main", name=practices.name_of(connection, practice)), 0)]
            tops = {record.id for record, _ in known if record.part_of is None}
            of_two_levels = [one for one in known if one[0].active and one[0].part_of in (None, *tops)]  # no deeper hierarchy is allowed
            found += [_Place(Site(practice), record, at) for record, at in sorted(of_two_levels, key=lambda one: one[0].part_of is not None)]
    return found


def _said(place: _Place, words: Mapping[str, Words]) -> Words:
    """What the file says is said of the practice itself; its places of work share its website."""
    said = words.get(place.site.practice, Words())
    return said if place.record.part_of is None else Words(website=said.website, changed_at=said.changed_at)


def _organization(place: _Place, endpoint: str, words: Words) -> dict[str, Any]:
    mapped = resources_of(place.record, place.site)[0]
    website = {"system": "url", "value": words.website} if words.website else {"system": "url", "_value": _UNKNOWN}
    made = {
        "resourceType": "Organization",
        "id": place.id,
        "meta": {"lastUpdated": instant(max(place.recorded_at, words.changed_at)), "profile": [f"{PROFILES}user-access-brand"]},
        "extension": [*_logo(words), *_portal(words, endpoint)],
        "identifier": [*(_identifiers(words) if place.record.part_of is None else ()), *mapped["identifier"]],
        "active": True,
        "type": [{"coding": [{"system": _CATEGORY, "code": code}]} for code in words.categories],
        "name": mapped["name"],
        "alias": list(words.aliases),
        "telecom": [website],
        "address": mapped.get("address"),
        "partOf": mapped.get("partOf"),
        "endpoint": [{"reference": f"Endpoint/{endpoint}"}],
    }
    return _without_empty(made)


def _endpoint(first: _Place, public_url: str, words: Words) -> dict[str, Any]:
    """The one FHIR base of this gateway, for all its practices."""
    return {
        "resourceType": "Endpoint",
        "id": first.site.id("gateway", "endpoint"),
        "meta": {"profile": [f"{PROFILES}user-access-endpoint"]},
        "extension": [{"url": f"{_CORE}endpoint-fhir-version", "valueCode": "4.0.1"}],
        "status": "active",
        "connectionType": {"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "hl7-fhir-rest"},
        "name": f"FHIR R4 at {first.record.name}",
        "managingOrganization": {"reference": f"Organization/{first.id}"},
        "contact": [{"system": "url", "value": words.developers or f"{public_url}/"}],
        "payloadType": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "code": "none"}]}],
        "address": f"{public_url}/fhir",
    }


def _identifiers(words: Words) -> Iterable[dict[str, str]]:
    yield from ({"system": each.system, "value": each.value} for each in words.identifiers)
    if words.presence:
        yield {"system": _URI, "value": words.presence}


def _logo(words: Words) -> Iterable[dict[str, Any]]:
    parts = [("brandLogo", words.logo), ("brandLogoLicense", words.logo_license)]
    if words.logo:
        yield {"url": f"{_CORE}organization-brand", "extension": [{"url": name, "valueUrl": value} for name, value in parts if value]}


def _portal(words: Words, endpoint: str) -> Iterable[dict[str, Any]]:
    portal = words.portal
    if portal is None:
        return
    parts = [
        ("portalName", "valueString", portal.name),
        ("portalDescription", "valueMarkdown", portal.description),
        ("portalUrl", "valueUrl", portal.url),
        ("portalLogo", "valueUrl", portal.logo),
        ("portalLogoLicense", "valueUrl", portal.logo_license),
        ("portalEndpoint", "valueReference", {"reference": f"Endpoint/{endpoint}"}),
    ]
    yield {"url": f"{_CORE}organization-portal", "extension": [{"url": name, kind: value} for name, kind, value in parts if value]}


def _own_identifier(shown: list[dict[str, Any]]) -> dict[str, str]:
    """The first identifier of the primary brand that no other brand has; its practice's own is one."""
    others = [each for brand in shown[1:] for each in brand["identifier"]]
    return next(each for each in shown[0]["identifier"] if each not in others)


def _without_empty(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value not in (None, [])}


def _etag(bundle: dict[str, Any]) -> str:
    return f'W/"{hashlib.sha256(repr(bundle).encode()).hexdigest()[:32]}"'
