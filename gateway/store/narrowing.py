"""What a token's scope leaves of what its bearer may see, as a condition on rows: some types, one patient, some codes.

SMART App Launch 2.2.0, scopes: a `patient/` scope is about the patient in context (and who and what belongs to nobody), a scope
with a query about the resources that meet it. Alternatives are OR-ed, the criteria of one AND-ed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_

from gateway.fhir.search_query import Criterion
from gateway.fhir.search_token import token_matches
from gateway.store import condition
from gateway.store.schema import resource as resources

_FIRST_PLACE = 1_000
"""Where the places of these criteria begin, clear of those of a search."""


class Term(NamedTuple):
    """One alternative."""

    patient_only: bool
    criteria: tuple[Criterion, ...] = ()


class _TermShape(NamedTuple):
    patient_only: bool
    criteria: tuple[tuple[int, condition.Shape], ...]
    """Each with its place, by which its parameters are named."""


NarrowingShape = tuple[tuple[tuple[str, ...], tuple[_TermShape, ...]], ...]
"""Groups of types that share their alternatives; no alternatives: all of it."""


@dataclass(frozen=True)
class Narrowing:
    """By resource type, its alternatives; an empty list: all of the type. A type that is not there: nothing of it."""

    by_type: Mapping[str, tuple[Term, ...]]
    shape: NarrowingShape = field(init=False)
    values: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        groups: dict[tuple[Term, ...], list[str]] = {}
        for resource_type, terms in self.by_type.items():
            groups.setdefault(terms, []).append(resource_type)
        place, shapes = _FIRST_PLACE, []
        values: dict[str, Any] = {}
        for terms, types in groups.items():
            term_shapes = []
            for term in terms:
                placed = list(enumerate(term.criteria, place))
                place += len(placed)
                term_shapes.append(_TermShape(term.patient_only, tuple((at, condition.shape(one)) for at, one in placed)))
                values |= {name: value for at, one in placed for name, value in condition.values(one, at).items()}
            shapes.append((tuple(sorted(types)), tuple(term_shapes)))
        object.__setattr__(self, "shape", tuple(shapes))
        object.__setattr__(self, "values", values)

    def lets_through(self, resource: Mapping[str, Any], *, in_context: bool) -> bool:
        """The same for one resource as it is sent or once was; `in_context`: it is of the patient in context, or of nobody."""
        resource_type = resource["resourceType"]
        terms = self.by_type.get(resource_type)
        if terms is None:
            return False
        usable = [term for term in terms if in_context or not term.patient_only]
        return not terms or any(all(token_matches(resource_type, resource, one) for one in term.criteria) for term in usable)


def narrowed(rows: Table, shape: NarrowingShape) -> ColumnElement[bool]:
    """The condition on `resource`. On `resource_history` codes are not indexed: there only types and patient are compared, and who reads versions compares the rest."""
    return or_(*(and_(rows.c.type.in_(types), *([or_(*(_term(rows, types, term) for term in terms))] if terms else [])) for types, terms in shape))


def _term(rows: Table, types: tuple[str, ...], term: _TermShape) -> ColumnElement[bool]:
    of_patient = [or_(rows.c.patient == bindparam("scope_patient"), _of_nobody(rows))] if term.patient_only else []
    coded = [condition.condition(types[0], one, at, by_patient=False) for at, one in term.criteria] if rows is resources else []
    return and_(*of_patient, *coded, rows.c.practice == bindparam("reader_practice"))


def _of_nobody(rows: Table) -> ColumnElement[bool]:
    """Staff, places and terminology: a care plan's author can be read with the plan."""
    return and_(rows.c.patient.is_(None), or_(*(rows.c.category.op("&")(bindparam(name)) != 0 for name in ("reader_directory", "reader_catalogue"))))
