"""R4's invariants and the safety rules that need more than one object, as a table: RULES.

Those that one object can answer for itself stand in the generated schema (conformance/generate/invariant.py). Every rule here runs only on a resource whose
structure is sound, so that it may trust shapes. Keys and meaning: https://hl7.org/fhir/R4/<type>.html; the sentences are ours and never name a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from gateway.fhir.moment import is_after
from gateway.fhir.outcome import Fault

Resource = dict[str, Any]
Paths = Iterable[str]


class Rule(NamedTuple):
    """`broken` names the places, as FHIRPath below the resource ("" is the resource itself); `types` empty: every type that contains others."""

    key: str
    types: frozenset[str]
    broken: Callable[[Resource], Paths]
    sentence: str


def _when(condition: bool, *paths: str) -> Paths:
    return paths if condition else ()


def _members(resource: Resource, name: str, broken: Callable[[dict[str, Any]], bool], suffix: str = "") -> Iterator[str]:
    for index, member in enumerate(resource.get(name, ())):
        if broken(member):
            yield f"{name}[{index}]{suffix}"


def _contained(broken: Callable[[Resource], bool], suffix: str = "") -> Callable[[Resource], Paths]:
    return lambda resource: _members(resource, "contained", broken, suffix)


def _local_names(node: Any, skip: Any = None) -> Iterator[str]:
    """Every text that starts with # below `node`, outside `skip`."""
    todo = [node]
    while todo:
        item = todo.pop()
        if type(item) is str and item.startswith("#"):
            yield item
        elif item is not skip and type(item) is dict:
            todo += item.values()
        elif type(item) is list:
            todo += item


def _unreferenced(resource: Resource) -> Iterator[str]:
    for index, inner in enumerate(resource.get("contained", ())):
        if f"#{inner.get('id', '')}" not in set(_local_names(resource, skip=inner)) and "#" not in set(_local_names(inner)):
            yield f"contained[{index}]"


def _repeated_ids(resource: Resource) -> Iterator[str]:
    seen: set[str] = set()
    for index, inner in enumerate(resource.get("contained", ())):
        name = str(inner.get("id"))  # not checked yet: contained resources come after the one around them
        if name in seen and "id" in inner:
            yield f"contained[{index}].id"
        seen.add(name)


_WITH_REQUEST = frozenset({"batch", "transaction", "history"})
_WITH_RESPONSE = frozenset({"batch-response", "transaction-response", "history"})


def _entry_part(part: str, types: frozenset[str]) -> Callable[[Resource], Paths]:
    return lambda bundle: _members(bundle, "entry", lambda entry: (part in entry) != (bundle.get("type") in types))


def _repeated_full_urls(bundle: Resource) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(bundle.get("entry", ()) if bundle.get("type") != "history" else ()):
        key = entry.get("fullUrl", ""), str(_at(entry, "resource", "meta", "versionId"))
        if key[0] and key in seen:
            yield f"entry[{index}].fullUrl"
        seen.add(key)


def _at(node: Any, *names: str) -> Any:
    for name in names:
        node = node.get(name) if type(node) is dict else None
    return node


def _first_is_not(bundle_type: str, resource_type: str) -> Callable[[Resource], Paths]:
    def broken(bundle: Resource) -> Paths:
        first: Any = next(iter(bundle.get("entry", ())), {})
        return _when(bundle.get("type") == bundle_type and _at(first, "resource", "resourceType") != resource_type, "entry")

    return broken


def _document_without_identifier(bundle: Resource) -> Paths:
    return _when(bundle.get("type") == "document" and not (_at(bundle, "identifier", "system") and _at(bundle, "identifier", "value")), "identifier")


def _codings(node: dict[str, Any]) -> set[tuple[Any, Any]]:
    return {(coding.get("system"), coding.get("code")) for coding in _at(node, "code", "coding") or () if "code" in coding}


def _value_beside_same_component(observation: Resource) -> Paths:
    has_value = any(key.startswith(("value", "_value")) for key in observation)
    return _members(observation, "component", lambda component: has_value and bool(_codings(component) & _codings(observation)), ".code")


def _later(first: str, second: str) -> Callable[[Resource], Paths]:
    """`first` is after `second`, both there."""
    return lambda resource: _when(is_after(resource.get(first), resource.get(second)), second)


def _repeated_link_ids(questionnaire: Resource) -> Iterator[str]:
    seen: set[str] = set()
    todo: list[tuple[str, dict[str, Any]]] = [("", questionnaire)]
    while todo:
        path, node = todo.pop()
        link_id = node.get("linkId")
        if link_id is not None and link_id in seen:
            yield f"{path}.linkId"
        seen.add(link_id or "")
        todo += [(f"{path}{'.' if path else ''}item[{index}]", item) for index, item in enumerate(node.get("item", ()))][::-1]


def _on_behalf_without_practitioner(team: Resource) -> Paths:
    def broken(participant: dict[str, Any]) -> bool:
        reference = _at(participant, "member", "reference") or ""
        is_known = not reference.startswith(("#", "urn:")) and "/" in reference
        return "onBehalfOf" in participant and is_known and "Practitioner" not in reference.split("/")

    return _members(team, "participant", broken, ".onBehalfOf")


def _not_percent(assessment: Resource) -> Paths:
    def broken(prediction: dict[str, Any]) -> bool:
        ends = [prediction.get("probabilityRange", {}).get(end) for end in ("low", "high")]
        return any(end is not None and (end.get("code"), end.get("system")) != ("%", "http://unitsofmeasure.org") for end in ends)

    return _members(assessment, "prediction", broken, ".probability")


_ALL: frozenset[str] = frozenset()
_BUNDLE = frozenset({"Bundle"})


def _only(name: str) -> frozenset[str]:
    return frozenset({name})


RULES: tuple[Rule, ...] = (
    Rule("dom-2", _ALL, _contained(lambda inner: "contained" in inner, ".contained"), "may not be there: a contained resource contains no others"),
    Rule("dom-3", _ALL, _unreferenced, "is contained and so must be referred to from the resource around it, or refer to that"),
    Rule(
        "dom-4",
        _ALL,
        _contained(lambda inner: any(_at(inner, "meta", name) for name in ("versionId", "lastUpdated")), ".meta"),
        "may have no versionId or lastUpdated in a contained resource",
    ),
    Rule(
        "dom-5",
        _ALL,
        _contained(lambda inner: _at(inner, "meta", "security") is not None, ".meta.security"),
        "may not be there: a contained resource has no security labels of its own",
    ),
    Rule("contained-id", _ALL, _repeated_ids, "must differ between contained resources"),
    Rule("bdl-2", _BUNDLE, lambda b: _members(b, "entry", lambda entry: "search" in entry and b.get("type") != "searchset", ".search"), "may be there only in a searchset"),
    Rule("bdl-3", _BUNDLE, _entry_part("request", _WITH_REQUEST), "needs a request in a batch, transaction or history, and has none in other Bundles"),
    Rule("bdl-4", _BUNDLE, _entry_part("response", _WITH_RESPONSE), "needs a response in a batch-response, transaction-response or history, and has none in other Bundles"),
    Rule("bdl-7", _BUNDLE, _repeated_full_urls, "must be unique in the Bundle, but for other versions of the same resource"),
    Rule("bdl-8", _BUNDLE, lambda b: _members(b, "entry", lambda entry: "/_history/" in entry.get("fullUrl", ""), ".fullUrl"), "may not name a version"),
    Rule("bdl-9", _BUNDLE, _document_without_identifier, "needs a system and a value in a document"),
    Rule("bdl-11", _BUNDLE, _first_is_not("document", "Composition"), "must begin with a Composition in a document"),
    Rule("bdl-12", _BUNDLE, _first_is_not("message", "MessageHeader"), "must begin with a MessageHeader in a message"),
    Rule("obs-7", _only("Observation"), _value_beside_same_component, "may not be the Observation's own code when that has a value"),
    Rule("mdd-1", _only("MedicationDispense"), _later("whenPrepared", "whenHandedOver"), "may not be before whenPrepared"),
    Rule("inv-1", _only("Task"), _later("authoredOn", "lastModified"), "may not be before authoredOn"),
    Rule("que-2", _only("Questionnaire"), _repeated_link_ids, "must be unique within the Questionnaire"),
    Rule("ctm-1", _only("CareTeam"), _on_behalf_without_practitioner, "may be there only where the member is a Practitioner"),
    Rule("ras-1", _only("RiskAssessment"), _not_percent, "must be in percent, with the UCUM code"),
    Rule("slot-period", _only("Slot"), _later("start", "end"), "may not be before start"),
    Rule("appointment-period", _only("Appointment"), _later("start", "end"), "may not be before start"),
)
"""Beside these, gateway/fhir/anywhere.py holds the rules on data types that may stand at any depth."""


@cache
def _for_type(resource_type: str, has_contained: bool) -> tuple[Rule, ...]:
    """The rules without types look at contained resources only."""
    return tuple(rule for rule in RULES if (resource_type in rule.types if rule.types else has_contained))


def broken_rules(resource: Resource, path: str) -> Iterator[Fault]:
    """The faults of a structurally sound resource whose own FHIRPath is `path`."""
    for rule in _for_type(resource["resourceType"], "contained" in resource):
        for place in rule.broken(resource):
            expression = f"{path}.{place}" if place else path
            yield Fault(expression, "invariant", f"{expression} {rule.sentence} ({rule.key}).")
