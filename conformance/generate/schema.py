"""One JSON Schema (2020-12) of R4: a definition per resource type, data type, backbone element, code list and reference target.

Every object is closed, every list non-empty; no oneOf over types, so that each error names its own element. `title` of a subschema is an issue code or an
invariant's key, `description` the sentence for the caller; `$comment` of a property is the name FHIRPath gives a choice element.
Resources inside resources are only required to be objects: the gateway checks each by its own type.
"""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.generate.definition import VERSION, Definitions, Element, elements_of, targets, type_codes
from conformance.generate.invariant import INVARIANTS, Names, compiled
from conformance.generate.primitive import Schema, nullable, primitive
from conformance.generate.value_set import PATTERNS, UNLISTED, codes

_ID = r"[A-Za-z0-9\-.]{1,64}"
_BINDABLE = frozenset({"code", "CodeableConcept", "Coding"})


def schema_text(definitions: Definitions) -> bytes:
    """The whole table as JSON: source, resource types, definitions by name."""
    table = Table(definitions)
    content = {
        "source": f"HL7 FHIR R4 {VERSION}, https://hl7.org/fhir/R4/downloads.html; HL7 publishes FHIR under CC0 1.0",
        "fhirVersion": VERSION,
        "resourceTypes": table.resource_types,
        "definitions": dict(sorted(table.build().items())),
    }
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{_token(name)}"}


def _token(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)


class Table:
    """Collects definitions by name while structures are read."""

    def __init__(self, definitions: Definitions) -> None:
        self.source = definitions
        self.found: dict[str, Schema] = {}
        structures = definitions.structures
        self.primitives = {name for name, s in structures.items() if s["kind"] == "primitive-type"}
        self.resource_types = sorted(name for name, s in structures.items() if s["kind"] == "resource" and not s["abstract"])

    def build(self) -> dict[str, Schema]:
        self._add("Element.id", primitive({"id": "Element.id"}))
        self._add("Resource", {"type": "object"})
        for name, structure in self.source.structures.items():
            if structure["kind"] == "primitive-type":
                self._add(name, primitive(structure))
            elif not structure["abstract"] or name == "Element":
                self._structure(name, structure)
        self._add("Element-or-null", self.found["Element"] | {"type": ["object", "null"]})
        return self.found

    def _add(self, name: str, schema: Schema) -> str:
        self.found[_token(name)] = schema
        return name

    def _structure(self, name: str, structure: dict[str, Any]) -> None:
        for path, elements in elements_of(structure).items():
            is_resource = structure["kind"] == "resource" and path == name
            self._add(path, self._object(path, elements, is_resource))

    def _object(self, path: str, elements: list[Element], is_resource: bool) -> Schema:
        properties: dict[str, Schema] = {"resourceType": {"const": path}} if is_resource else {}
        required = ["resourceType"] if is_resource else []
        rules: list[Schema] = []
        names: Names = {}
        for element in elements:
            name, members = self._members(element)
            names[name] = [key for key in members if not key.startswith("_")], [key for key in members if key.startswith("_")]
            properties |= members
            required += _required_plainly(element, members)
            rules += _cardinality(element, name, members)
        rules += [compiled(invariant, names) for invariant in INVARIANTS.get(path, [])]
        schema: Schema = {"type": "object", "properties": properties, "required": required, "allOf": rules, "minProperties": 1, "additionalProperties": False}
        return {key: value for key, value in schema.items() if value or key == "additionalProperties"}

    def _members(self, element: Element) -> tuple[str, dict[str, Schema]]:
        """The element's name without [x], and the JSON properties that carry it."""
        name = element["path"].rpartition(".")[2]
        if not name.endswith("[x]"):
            return name, self._member(element, name, self._type_name(element))
        stem = name.removesuffix("[x]")
        members: dict[str, Schema] = {}
        for code in type_codes(element):
            base = self.source.structures[code]["type"]  # valueQuantity, also where the type is SimpleQuantity
            for key, schema in self._member(element, stem + base[0].upper() + base[1:], code).items():
                members[key] = schema | {"$comment": stem}
        return stem, members

    def _type_name(self, element: Element) -> str:
        if "contentReference" in element:
            return str(element["contentReference"]).partition("#")[2]
        code = type_codes(element)[0]
        return str(element["path"]) if code in ("BackboneElement", "Element") else code

    def _member(self, element: Element, key: str, code: str) -> dict[str, Schema]:
        value = self._value(element, code)
        # a resource's id and a narrative carry no extensions (https://hl7.org/fhir/R4/json.html#primitive)
        is_primitive = code in self.primitives and code != "xhtml" and element["base"]["path"] != "Resource.id"
        if element["max"] == "1":
            return {key: value} | ({f"_{key}": _ref("Element")} if is_primitive else {})
        if not is_primitive:
            return {key: _list(element, value)}
        target = value["$ref"].removeprefix("#/$defs/")
        self.found.setdefault(f"{target}-or-null", nullable(self.found[target]))
        return {key: _list(element, _ref(f"{target}-or-null")), f"_{key}": _list(element, _ref("Element-or-null"))}

    def _value(self, element: Element, code: str) -> Schema:
        if code == "Reference":
            return _ref(self._reference(targets(element, code)))
        binding = element.get("binding", {})
        name = binding.get("valueSet", "").partition("|")[0].rpartition("/")[2]
        if code not in _BINDABLE or binding.get("strength") != "required" or name in UNLISTED or element["path"] == "CapabilityStatement.format":
            return _ref(code)
        if code == "code":
            return _ref(self._code(name, binding["valueSet"]))
        return _ref(code) | {"allOf": [_concept(codes(binding["valueSet"], self.source))]}

    def _code(self, name: str, url: str) -> str:
        rule = {"pattern": PATTERNS[name]} if name in PATTERNS else {"enum": sorted({code for found in codes(url, self.source).values() for code in found})}
        return self._add(f"code-{name}", {"title": "code-invalid", "description": "must be a code of its required value set.", "type": "string"} | rule)

    def _reference(self, names: list[str]) -> str:
        allowed = "|".join(names or self.resource_types)
        pattern = rf"^(?:(?:https?://[^\s?#]+/)?(?:{allowed})/{_ID}(?:/_history/{_ID})?|(?:{allowed})\?\S+|urn:uuid:[0-9A-Fa-f-]{{36}}|urn:oid:[0-9.]+|#\S*)$"
        sentence = f"must refer to {'one of ' if len(names) > 1 else ''}{', '.join(names) or 'an R4 resource'}, as Type/id, an http(s) address ending so, urn:uuid: or #id."
        named = {"properties": {"reference": {"title": "value", "description": sentence, "pattern": pattern}}}
        return self._add(f"to-{'.'.join(names) or 'any'}", _ref("Reference") | named)


def _list(element: Element, items: Schema) -> Schema:
    most = {} if element["max"] == "*" else {"maxItems": int(element["max"])}
    return {"type": "array", "minItems": max(1, element["min"]), "items": items} | most


def _required_plainly(element: Element, members: dict[str, Schema]) -> list[str]:
    return list(members) if element["min"] and len(members) == 1 else []


def _cardinality(element: Element, name: str, members: dict[str, Schema]) -> list[Schema]:
    """Rules that `required` cannot say: one of several types; a value or, in its place, extensions."""
    if element["path"].endswith("[x]"):
        return [_choice(name, members, bool(element["min"]))] if len(members) > 1 else []
    if element["min"] and len(members) > 1:
        return [{"title": "required", "description": name, "anyOf": [{"required": [key]} for key in members]}]
    return []


def _choice(name: str, members: dict[str, Schema], is_required: bool) -> Schema:
    keys = [key for key in members if not key.startswith("_")]
    present = [_present(key, f"_{key}" in members) for key in keys]
    none = [] if is_required else [{"not": {"anyOf": [{"required": [key]} for key in members]}}]
    return {"title": "choice", "description": name, "oneOf": present + none}


def _present(key: str, has_sibling: bool) -> Schema:
    return {"anyOf": [{"required": [key]}, {"required": [f"_{key}"]}]} if has_sibling else {"required": [key]}


def _concept(allowed: dict[str, list[str]]) -> Schema:
    """A CodeableConcept or Coding bound as required: a code of the set, or nothing but extensions."""
    one = [{"required": ["system", "code"], "properties": {"system": {"const": system}, "code": {"enum": members}}} for system, members in allowed.items()]
    coded = {"required": ["coding"], "properties": {"coding": {"contains": {"anyOf": one}}}}
    empty = {"not": {"anyOf": [{"required": ["coding"]}, {"required": ["text"]}]}}
    return {"title": "code-invalid", "description": "must have a coding from its required value set, with its system.", "anyOf": [coded, empty]}
