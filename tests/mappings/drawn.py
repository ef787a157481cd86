"""Strategies that draw records of every kind, from their types: odd text and odd times included."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel, ValidationError

from gateway.record.types import INSTRUMENTS, KINDS, Code, Record
from tests.mappings.corpus import CPT, ICD10, RXNORM, SNOMED, record


def is_line(text: str) -> bool:
    return bool(text.strip()) and all(character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff" for character in text)


IDS = st.sampled_from(["1", "a.b:c_d-e", "x" * 64])
LINES = st.one_of(st.sampled_from(["<script>alert(1)</script>", "=1+1", 'He said "&" \'', "a\u00a0b\u2003c", "\U0001f33f"]), st.text(min_size=1, max_size=20).filter(is_line))
_FIRST, _LAST = (datetime.combine(date(year, 1, 1), time()) for year in (1900, 2100))
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat)
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))).map(datetime.isoformat)
CODES = st.sampled_from(
    [
        {"system": ICD10, "code": "F32.1"},
        {"system": ICD10, "code": "F84.0", "text": "own words"},
        {"system": SNOMED, "code": "36923009"},
        {"system": RXNORM, "code": "312941"},
        {"system": CPT, "code": "90834"},
    ]
)
SENSITIVITY = st.sampled_from(["normal", "restricted", "substance-use"])
_PATTERNED: dict[str, SearchStrategy[Any]] = {
    "state": st.sampled_from(["MA", "NY"]),
    "license_state": st.sampled_from(["MA", "NY"]),
    "npi": st.sampled_from(["2555000019", "2555000035"]),
    "taxonomy": st.sampled_from(["101YM0800X", "2084P0800X"]),
    "language": st.sampled_from(["ase", "zh", "en-US", "vi"]),
    "races": st.lists(st.sampled_from(["1002-5", "2028-9", "2036-2", "ASKU", "UNK"]), max_size=3),
    "ethnicity": st.sampled_from(["2186-5", "2148-5", "ASKU", "UNK"]),
    "tribal_affiliations": st.lists(st.sampled_from(["338", "1"]), max_size=2),
    "system": st.just("urn:oid:2.16.840.1.113883.19.5"),
    "doi": st.just("10.1234/example.5"),
    "data": st.sampled_from(["JVBERi0=", "AAAA", "AA=="]),
    **dict.fromkeys(("home_phone", "mobile_phone", "work_phone", "fax"), st.sampled_from(["978-555-0100", "+44 20 5550100", "978-555-0100 x12"])),
    **dict.fromkeys(("email", "direct_address"), st.just("someone@mail.example")),
    **dict.fromkeys(("url", "fhir_base"), st.sampled_from(["https://example.org/x", "http://127.0.0.1:1/fhir"])),
}
"""Fields whose text has a form, by their names."""


def _of_field(name: str, model: type[BaseModel]) -> SearchStrategy[Any]:
    field = model.model_fields[name]
    if name in _PATTERNED:
        drawn = _PATTERNED[name]
    elif name == "id" or _names_a_record(field):
        drawn = st.lists(IDS, max_size=2, unique=True) if get_origin(field.annotation) is tuple else IDS
    else:
        drawn = _of_type(field.annotation, field.metadata)
    return drawn if field.is_required() else st.none() | drawn if type(None) in get_args(field.annotation) else drawn


def _names_a_record(field: Any) -> bool:
    return "Names(" in repr(field.annotation) + repr(field.metadata)


def _of_type(annotation: Any, metadata: Any = ()) -> SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return _of_type(arguments[0], annotation.__metadata__)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        least = next((mark.min_length for mark in metadata if getattr(mark, "min_length", None)), 0)
        return st.lists(_of_type(arguments[0]), min_size=least, max_size=2, unique_by=repr)
    if arguments:
        return st.one_of([_of_type(argument, metadata) for argument in arguments if argument is not type(None)])
    return _of_class(annotation, metadata)


def _of_class(annotation: Any, metadata: Any) -> SearchStrategy[Any]:
    if annotation is Code:
        return CODES
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return parts(annotation)
    if annotation is int or annotation is Decimal:
        return st.integers(1, 9)
    if annotation is str:
        return LINES
    return {bool: st.booleans(), date: DAYS}.get(annotation, MOMENTS)


@st.composite
def parts(draw: st.DrawFn, model: type[BaseModel]) -> dict[str, Any]:
    """A part of a record with what it needs and some of what it may have."""
    wanted = [name for name, field in model.model_fields.items() if field.is_required() or draw(st.booleans())]
    drawn = {name: draw(_of_field(name, model)) for name in wanted}
    try:
        model.model_validate(drawn)
    except ValidationError:
        assume(condition=False)
    return drawn


@st.composite
def records(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(sorted(KINDS))) -> Record:
    """Any record of these kinds: the full one with some elements drawn anew, as their types allow."""
    kind = draw(st.sampled_from(kinds))
    if kind == "outcome_measure":
        return draw(measures())
    fields = [name for name in KINDS[kind].model_fields if name not in ("id", "client")]
    changed = draw(st.lists(st.sampled_from(fields), max_size=4, unique=True))
    drawn = {name: draw(_of_field(name, KINDS[kind])) for name in changed}
    try:
        return record(kind, id=draw(IDS), **drawn)
    except ValidationError:
        assume(condition=False)
        raise


@st.composite
def measures(draw: st.DrawFn) -> Record:
    """Any outcome measure: whole, with open items, or a total alone."""
    instrument = draw(st.sampled_from(sorted(INSTRUMENTS)))
    shape = INSTRUMENTS[instrument]
    answers = draw(st.fixed_dictionaries({item: st.none() | st.integers(0, shape.item_max) for item in shape.items}))
    given_none = all(answer is None for answer in answers.values())
    total = draw(st.integers(0, shape.total_max)) if given_none else None
    return record(
        "outcome_measure",
        id=draw(IDS),
        instrument=instrument,
        answers=answers,
        total=total,
        taken_at=draw(MOMENTS),
        difficulty=draw(st.none() | st.integers(0, 3)),
        sensitivity=draw(SENSITIVITY),
    )
