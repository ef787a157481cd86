"""The sections of a document on the way in: which resources their entries become, what each says in words, and what no resource holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mappings.ccda import allergy, medication, medication_reading, problem, reading
from mappings.ccda.words import Words, plain
from mappings.ccda.xml import HL7, Node, attribute, child, children, local, roots

_ENTRY = "2.16.840.1.113883.10.20.22.4."
_STATEMENTS = frozenset(["act", "encounter", "observation", "observationMedia", "organizer", "procedure", "regionOfInterest", "substanceAdministration", "supply"])

Reader = Callable[[Node, Words, str | None], list[dict[str, Any]]]
_READERS: dict[str, Reader] = {
    problem.CONCERN: lambda found, told, _: problem.conditions(found, told),
    problem.OBSERVATION: lambda found, told, _: problem.conditions(found, told),
    allergy.CONCERN: lambda found, told, _: allergy.allergies(found, told),
    allergy.OBSERVATION: lambda found, told, _: allergy.allergies(found, told),
    medication.ACTIVITY: medication_reading.medications,
    medication_reading.PLANNED: medication_reading.medications,
}
_HELD = frozenset(
    (
        *_READERS,
        problem.STATUS,
        *(allergy.STATUS, allergy.REACTION, allergy.SEVERITY, allergy.CRITICALITY),
        *(medication.SIG, medication_reading.INDICATION, *medication_reading.INSTRUCTIONS),
    )
)
"""What the readers take from inside an entry; any other statement in it is named."""

_NAMES = {
    "1": "Result Organizer",
    "2": "Result Observation",
    "3": "Problem Concern Act",
    "4": "Problem Observation",
    "5": "Health Status Observation",
    "7": "Allergy - Intolerance Observation",
    "13": "Procedure Activity Observation",
    "14": "Procedure Activity Procedure",
    "16": "Medication Activity",
    "17": "Medication Supply Order",
    "18": "Medication Dispense",
    "20": "Instruction",
    "26": "Vital Signs Organizer",
    "27": "Vital Sign Observation",
    "30": "Allergy Concern Act",
    "31": "Age Observation",
    "38": "Social History Observation",
    "40": "Planned Encounter",
    "41": "Planned Procedure",
    "42": "Planned Medication Activity",
    "43": "Planned Supply",
    "44": "Planned Observation",
    "45": "Family History Organizer",
    "48": "Advance Directive Observation",
    "49": "Encounter Activity",
    "50": "Non-Medicinal Supply Activity",
    "52": "Immunization Activity",
    "60": "Coverage Activity",
    "66": "Functional Status Organizer",
    "67": "Functional Status Observation",
    "69": "Assessment Scale Observation",
    "74": "Mental Status Observation",
    "75": "Mental Status Organizer",
    "78": "Smoking Status",
    "85": "Tobacco Use",
    "108": "Advance Directive Organizer",
    "121": "Goal Observation",
    "123": "Drug Monitoring Act",
    "124": "Nutritional Status Observation",
    "130": "Nutrition Recommendation",
    "131": "Intervention Act",
    "132": "Health Concern Act",
    "140": "Referral Act",
    "141": "Handoff Communication Participants",
    "143": "Priority Preference",
    "202": "Note Activity",
}
"""C-CDA's entry templates by their last number, as the guide titles them; any other is named by its element."""


class Read(NamedTuple):
    """What the sections hold: resources, the title and words of each section, and the names of what no resource holds."""

    resources: list[dict[str, Any]]
    sections: list[tuple[str, str]]
    unheld: tuple[str, ...]


def read(body: Node, told: Words, author: str | None) -> Read:
    """Everything in a structured body; `author` wrote what names no other."""
    resources: list[dict[str, Any]] = []
    sections: list[tuple[str, str]] = []
    unheld: list[str] = []
    for section in body.iter(f"{HL7}section"):
        title, text = _title(section), child(section, "text")
        sections.append((title, "" if text is None else plain(text)))
        statements = [statement for entry in children(section, "entry") for statement in _statements(entry)]
        for statement in statements:
            found = _read(statement, told, author)
            resources += found
            unheld += (f"{title}: {name}" for name in (*_left(statement, held=bool(found)), *_odd(statement)))
        if not statements and attribute(section, "nullFlavor") is None:
            unheld.append(title)
    return Read(resources, sections, tuple(dict.fromkeys(unheld)))


def _title(section: Node) -> str:
    code = child(section, "code")
    return reading.line(child(section, "title")) or attribute(code, "displayName") or attribute(code, "code") or "Section without a title"


def _read(statement: Node, told: Words, author: str | None) -> list[dict[str, Any]]:
    reader = next((_READERS[root] for root in _READERS if root in roots(statement)), None)
    return reader(statement, told, author) if reader else []


def _statements(element: Node) -> list[Node]:
    return [each for each in element if local(each) in _STATEMENTS]


def _left(statement: Node, *, held: bool) -> Iterator[str]:
    """The names of what is left: a statement that became nothing, or those inside one that did which nobody took."""
    if not held:
        yield _name(statement)
        return
    for inner in (each for link in statement if local(link) in ("entryRelationship", "component") for each in _statements(link)):
        templates = roots(inner)
        yield from _left(inner, held=not templates or bool(templates & _HELD))


def _odd(statement: Node) -> list[str]:
    return ["a time that is none"] if any(_is_odd(each) for each in statement.iter()) else []


def _is_odd(element: Node) -> bool:
    is_time = local(element) == "time" or (local(element) in ("effectiveTime", "low", "high") and element.get("unit") is None and reading.type_of(element) not in ("INT", "PQ"))
    return is_time and attribute(element, "value") is not None and reading.moment(element) is None


def _name(statement: Node) -> str:
    numbers = [root.removeprefix(_ENTRY) for root in sorted(roots(statement))]
    return next((_NAMES[number] for number in numbers if number in _NAMES), local(statement))
