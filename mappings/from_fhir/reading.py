"""The small pieces that every reader is made of: values at a place, words that fit a record, codes, ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from gateway.record.types import Code, Record
from mappings import well_formed
from mappings.codes import ORIGINAL_TEXT, table
from mappings.element import SENSITIVITY_TAG

_LINE = 1_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that no record holds; a text that has one is so named as not held to the letter."""
_FIRST_YEAR, _LAST_YEAR = 1880, 2200


class Read(NamedTuple):
    """A record, and the places whose words a reader put together in it (indexes left out)."""

    record: Record
    folded: tuple[str, ...] = ()


def every(resource: dict[str, Any], path: str) -> Iterator[Any]:
    """Every value at a path, lists opened."""
    nodes: list[Any] = [resource]
    for name in path.split("."):
        found = [node[name] for node in nodes if isinstance(node, dict) and name in node]
        nodes = [each for value in found for each in (value if isinstance(value, list) else [value])]
    yield from (node for node in nodes if node is not None)


def first(resource: dict[str, Any], path: str) -> Any:
    """The first value at a path, or None."""
    return next(every(resource, path), None)


def text(value: Any) -> str | None:
    """Words for a Text; None where there are none."""
    return _UNPRINTABLE.sub("", value).strip() or None if isinstance(value, str) else None


def line(value: Any) -> str | None:
    """Words for a Line; what is longer is cut, and so named as not held."""
    said = text(value)
    return said[:_LINE].strip() or None if said else None


def joined(values: Iterator[Any]) -> str | None:
    """Several texts as one, with an empty line between them."""
    return text("\n\n".join(str(value) for value in values))


def one_of(words: Collection[str], value: Any) -> Any:
    """The value, where it is one of the words of a Literal; else None."""
    return next((word for word in words if word == value), None)


def coded_word(resource: dict[str, Any], path: str, system: str, words: Collection[str]) -> Any:
    """The first code of one system that is one of the words of a Literal; else None."""
    return next((code for code in coded(resource, path, system) if code in words), None)


def day(value: Any) -> date | None:
    """The day of a FHIR date or dateTime; None where it is less exact than a day."""
    try:
        found = date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year < _LAST_YEAR else None


def moment(value: Any) -> datetime | None:
    """A FHIR dateTime with a zone; None for anything less."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def codes_of(concept: dict[str, Any] | None) -> tuple[Code, ...]:
    """The codings of a CodeableConcept that a record may hold; one of another system is left out, and so named as not held.

    Where some are marked as what a person chose (`userSelected`), the others were derived from those and are left out.
    """
    codings = concept.get("coding", ()) if concept else ()
    chosen = [coding for coding in codings if coding.get("userSelected")] or codings
    return tuple(Code(system=coding["system"], code=coding["code"], text=_worded(coding)) for coding in chosen if _fits(coding))


def _fits(coding: dict[str, Any]) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if (system, code) in table():
        return True
    return system in well_formed.SYSTEMS and isinstance(code, str) and len(code) <= 64 and well_formed.SYSTEMS[system][1](code)


def _worded(coding: dict[str, Any]) -> str | None:
    return line(next((extension.get("valueString") for extension in coding.get("extension", ()) if extension.get("url") == ORIGINAL_TEXT), None))


DRUG = (
    *("medicationReference.display", "medicationCodeableConcept.coding.display"),
    *(f"contained.code.{place}" for place in ("text", "coding.system", "coding.code", "coding.display")),
)
"""Places beside `medicationCodeableConcept` from which a drug is read."""


def drug_of(resource: dict[str, Any]) -> dict[str, Any] | None:
    """What names the drug, as a CodeableConcept: given so, by a Medication inside the resource, or by a reference's display alone."""
    named = resource.get("medicationReference", {})
    inside = next((one.get("code") for one in resource.get("contained", ()) if f"#{one.get('id')}" == named.get("reference")), None)
    return resource.get("medicationCodeableConcept") or inside or ({"text": named["display"]} if "display" in named else None)


def folded(resource_type: str, *places: str) -> tuple[str, ...]:
    """Places below a type, as `Read.folded` wants them."""
    return tuple(f"{resource_type}.{place}" for place in places)


def title_of(concept: dict[str, Any] | None) -> str | None:
    """The words of a CodeableConcept: its text, a display, or a code alone."""
    codings = concept.get("coding", ()) if concept else ()
    said = (*([concept.get("text")] if concept else []), *(coding.get("display") for coding in codings), *(coding.get("code") for coding in codings))
    return next((words for value in said if (words := line(value))), None)


def coded(resource: dict[str, Any], path: str, system: str) -> Iterator[str]:
    """The codes of one system in the CodeableConcepts (or Codings) at a path."""
    for concept in every(resource, path):
        for coding in concept.get("coding", [concept]):
            if coding.get("system") == system and isinstance(coding.get("code"), str):
                yield coding["code"]


def sensitivity(resource: dict[str, Any]) -> Any:
    """What the tag of a mapping says; the strictest where there are several."""
    tags = [tag.get("code") for tag in every(resource, "meta.tag") if tag.get("system") == SENSITIVITY_TAG]
    return next((level for level in ("restricted", "substance-use") if level in tags), "normal")
