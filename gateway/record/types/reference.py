"""Ids that name another record, each with the kind it names, and how to find them in any record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import BaseModel

from gateway.record.types.base import Part, RecordId


class Names(NamedTuple):
    """Marks a field whose value is the id of a record of this kind."""

    kind: str


PracticeId = Annotated[RecordId, Names("practice")]
ClinicianId = Annotated[RecordId, Names("clinician")]
PartnerId = Annotated[RecordId, Names("partner")]
ProtocolId = Annotated[RecordId, Names("protocol")]
ClientId = Annotated[RecordId, Names("client")]
GuardianId = Annotated[RecordId, Names("guardian")]
SessionId = Annotated[RecordId, Names("session")]
ProblemId = Annotated[RecordId, Names("problem")]
MedicationId = Annotated[RecordId, Names("medication_note")]
MeasureId = Annotated[RecordId, Names("outcome_measure")]
PlanId = Annotated[RecordId, Names("treatment_plan")]
ReferralId = Annotated[RecordId, Names("referral")]
MessageId = Annotated[RecordId, Names("message")]


class Reference(NamedTuple):
    """One id in a record: where it stands (`members[0].partner`), the kind it names, and the id."""

    path: str
    kind: str
    id: str


def references(part: Part) -> Iterator[Reference]:
    """Every record that this one names, parts included, in the order of the fields."""
    for name, find in _finders(type(part)):
        value = getattr(part, name)
        if value is not None and value != ():
            yield from find(value, name)


_Finder = Callable[[Any, str], Iterator[Reference]]


@cache
def _finders(model: type[BaseModel]) -> tuple[tuple[str, _Finder], ...]:
    """The fields of a type that may name a record, each with its way to find the ids; worked out once for each type."""
    found = []
    for name, field in model.model_fields.items():
        kind = next((mark.kind for mark in (*field.metadata, *_marks(field.annotation)) if isinstance(mark, Names)), None)
        if kind is not None:
            found.append((name, _ids(kind)))
        elif any(issubclass(part, Part) for part in _classes(field.annotation)):
            found.append((name, _inside))
    return tuple(found)


def _ids(kind: str) -> _Finder:
    def find(value: Any, path: str) -> Iterator[Reference]:
        if isinstance(value, str):
            yield Reference(path, kind, value)
        else:
            yield from (Reference(f"{path}[{at}]", kind, each) for at, each in enumerate(value))

    return find


def _inside(value: Any, path: str) -> Iterator[Reference]:
    for at, part in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
        if isinstance(part, Part):
            where = path if at is None else f"{path}[{at}]"
            yield from (Reference(f"{where}.{found.path}", found.kind, found.id) for found in references(part))


def _marks(annotation: Any) -> Iterator[Any]:
    for inner in get_args(annotation):
        yield inner
        yield from _marks(inner)


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)
