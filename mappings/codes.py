"""The checked table: every code that leaves with a display, and what happens to the others.

Three cases. A code in the table leaves with the table's display. A well-formed code of a known system outside it leaves
with system and code, the practice's words in `text`, and no display of ours; it stands in the import report. Anything
else is a BadCode. The table is the FHIR CodeSystems, ValueSets and ConceptMaps of `mappings/terminology.py`, each group
with its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from gateway.record.types import Clinician, Code, Partner, Practice, Record
from mappings import terminology, well_formed

THO = "http://terminology.hl7.org/CodeSystem/"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
NUCC = "http://nucc.org/provider-taxonomy"
RELEASE_CATEGORY = "urn:handoff:release-category"
GOAL_TERM = "urn:handoff:goal-term"
REPORT = "urn:handoff:report"
"""What a client reports without a questionnaire."""


class BadCode(ValueError):
    """A code that cannot be one: names the field and the rule, never the value."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field
        self.rule = rule


class Row(NamedTuple):
    """One code of the table; `display` is None where the code is checked and its display is not."""

    display: str | None
    source: str


@cache
def table() -> dict[tuple[str, str], Row]:
    """Every code we know, by system and code."""
    systems = {
        (system["url"], concept["code"]): Row(concept["display"], terminology.source(system)) for system in terminology.resources("CodeSystem") for concept in system["concept"]
    }
    sets = {
        (include["system"], concept["code"]): Row(concept.get("display"), terminology.source(include))
        for value_set in terminology.resources("ValueSet")
        for include in value_set["compose"]["include"]
        for concept in include.get("concept", ())
    }
    return systems | sets


@cache
def value_set(name: str) -> frozenset[tuple[str, str]]:
    """The codes of one value set of the table by its id, `interventions` say."""
    return frozenset(
        place for value_set in terminology.resources("ValueSet") if value_set["id"] == name for include in value_set["compose"]["include"] for place in _included(include)
    )


def _included(include: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The codes that an include names, or all of its system where it names none."""
    named = [concept["code"] for concept in include.get("concept", ())] or [code for system, code in table() if system == include["system"]]
    yield from ((include["system"], code) for code in named)


class Translation(NamedTuple):
    """What a concept map gives for a code, and how close it comes (https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html)."""

    system: str
    code: str
    equivalence: str


@cache
def _translations() -> dict[tuple[str, str], Translation]:
    """By the id of a concept map and a code of its source; a code without a target is not among them."""
    return {
        (concept_map["id"], element["code"]): Translation(group["target"], target["code"], target["equivalence"])
        for concept_map in terminology.resources("ConceptMap")
        for group in concept_map["group"]
        for element in group["element"]
        for target in element["target"]
        if "code" in target
    }


def coding(system: str, code: str) -> dict[str, Any]:
    """A Coding, with the table's display where the table has one."""
    row = table().get((system, code))
    return {"system": system, "code": code} | ({"display": row.display} if row and row.display else {})


def concept(system: str, code: str, text: str | None = None) -> dict[str, Any]:
    return {"coding": [coding(system, code)], "text": text}


def hl7(code_system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of an HL7 code system by its short name."""
    return {"coding": [coding(THO + code_system, code)]}


ORIGINAL_TEXT = "http://hl7.org/fhir/StructureDefinition/originalText"


def written(codes: tuple[Code, ...], text: str | None) -> dict[str, Any]:
    """One CodeableConcept of codes that mean the same, as the practice wrote them, with its words.

    Beside a text of the whole, the words of each code stand with the code (R4's extension originalText): a display is only ever the table's.
    """
    own = next((code.text for code in codes if code.text), None)
    return {"coding": [coding(code.system, code.code) | (_worded(code) if text else {}) for code in codes], "text": text or own}


def _worded(code: Code) -> dict[str, Any]:
    return {"extension": [{"url": ORIGINAL_TEXT, "valueString": code.text}]} if code.text else {}


def translated(concept_map: str, code: str) -> dict[str, Any] | None:
    """The Coding that a concept map gives for a word of the record; None where it gives none."""
    found = _translations().get((concept_map, code))
    return coding(found.system, found.code) if found else None


def diagnosis(codes: tuple[Code, ...], title: str | None) -> dict[str, Any]:
    """As `written`, and beside each ICD-10-CM code the SNOMED CT code that is its equivalent, unless the practice wrote one itself.

    Where one was added, what the practice wrote is marked `userSelected`.
    """
    concept = written(codes, title)
    if any(code.system == SNOMED for code in codes):
        return concept
    found = dict.fromkeys(_translations().get(("diagnosis", code.code)) for code in codes if code.system == ICD10)
    added = [coding(one.system, one.code) for one in found if one and one.equivalence == "equivalent"]
    own = [{**each, "userSelected": True} for each in concept["coding"]] if added else concept["coding"]
    return concept | {"coding": [*own, *added]}


def word_of(concept_map: str, system: str, code: str) -> str | None:
    """The word of the record that a concept map translates into this code; None where there is none."""
    return next((word for (name, word), target in _translations().items() if name == concept_map and (target.system, target.code) == (system, code)), None)


def of_record(record: BaseModel, path: str = "") -> Iterator[tuple[str, Code]]:
    """Every code in a record with its path, `goals[0].code` say."""
    for name in _with_codes(type(record)):
        if value := getattr(record, name):
            yield from _in(value, f"{path}.{name}" if path else name)


@cache
def _with_codes(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a type in which a code may stand, at any depth."""
    return tuple(name for name, field in model.model_fields.items() if any(each is Code or _with_codes(each) for each in _models(field.annotation)))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _in(value: Any, path: str) -> Iterator[tuple[str, Code]]:
    if isinstance(value, Code):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from of_record(value, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _in(item, f"{path}[{index}]")


def check(record: Record) -> None:
    """Raise BadCode for the first code that is malformed or of a system not known here."""
    for path, code in of_record(record):
        _check_code(f"{path}.code", code.system, code.code)
    if isinstance(record, Practice | Clinician | Partner):
        if record.taxonomy:
            _check_code("taxonomy", NUCC, record.taxonomy)
        if record.npi and not well_formed.npi(record.npi):
            raise BadCode("npi", "fails its check digit; correct the number (45 CFR 162.406)")


def _check_code(field: str, system: str, code: str) -> None:
    if (system, code) in table():
        return
    if system not in well_formed.SYSTEMS:
        raise BadCode(field, f"is of a code system not known here; known are {', '.join(name for name, _ in well_formed.SYSTEMS.values())}")
    name, is_well_formed = well_formed.SYSTEMS[system]
    if not is_well_formed(code):
        raise BadCode(field, f"is not a well-formed {name} code; correct its shape or its check digit")


def unchecked(record: Record) -> list[Code]:
    """The well-formed codes of a record that the table does not hold: they leave without a display, and are reported."""
    return [code for _, code in of_record(record) if (code.system, code.code) not in table()]
