"""The reference of everything a source table may say, made from the code: keys from their types, converters and finishers from their functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, get_origin
from zoneinfo import ZoneInfo

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.record.source.convert import CONVERTERS
from gateway.record.source.finish import FINISHERS
from gateway.record.source.spec import Check, Choice, Condition, Entry, FieldSpec, FileSpec, Join, Leave
from gateway.record.source.table import PartSpec, RecordSpec, SourceTable
from gateway.record.source.when import Setting


class Example(NamedTuple):
    """What a converter makes of a cell, and what sort of thing that is."""

    argument: str
    cell: str
    value: Any
    gives: str


_ZONE = ZoneInfo("America/New_York")
EXAMPLE_SETTING = Setting(_ZONE, {"risk": {"low": "low", "very high": "high"}}, "month-first", ".")
"""What the examples are read with."""

_ICD_10 = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.1"}

EXAMPLES: dict[str, Example] = {
    "text": Example("", "Came on time.", "Came on time.", "text"),
    "line": Example("", "Came  on\ntime.", "Came on time.", "text"),
    "lines": Example("", "12 Elm St\x1fUnit 4", ("12 Elm St", "Unit 4"), "a list of lines"),
    "split": Example("", "walk; call Ana; music", ("walk", "call Ana", "music"), "a list of lines"),
    "slug": Example("", "Major depression, moderate", "major-depression-moderate", "text"),
    "mark": Example("", "Major depression", "dbd5c92f99", "text"),
    "paragraphs": Example("", "Weekly CBT.", "Weekly CBT.", "text"),
    "full_name": Example("", "Ruiz, Ana Maria", {"family": "Ruiz", "given": ("Ana", "Maria")}, "a name"),
    "day": Example("", "2/3/2026", date(2026, 2, 3), "a day"),
    "moment": Example("day-first", "3.2.2026 2:05 PM", datetime(2026, 2, 3, 14, 5, tzinfo=_ZONE), "a date and time"),
    "moment_on": Example("", "2026-02-03\x1f2026-02-03 14:05", datetime(2026, 2, 3, 14, 5, tzinfo=_ZONE), "a date and time"),
    "day_time": Example("", "3 Feb 2026\x1f2:05 PM\x1f50", datetime(2026, 2, 3, 14, 55, tzinfo=_ZONE), "a date and time"),
    "phone": Example("", "(413) 555-0100 ext 12", "413-555-0100 x12", "a phone number"),
    "state": Example("", "Massachusetts", "MA", "text"),
    "yes": Example("", "Y", True, "yes or no"),
    "no": Example("", "Y", False, "yes or no"),
    "number": Example("", "1,234.5", Decimal("1234.5"), "a number"),
    "integer": Example("", "12", 12, "a whole number"),
    "score": Example("3", "2", 2, "a whole number"),
    "code": Example("risk", "Very high", "high", "a word of the list"),
    "known_code": Example("risk", "LOW", "low", "a word of the list"),
    "words": Example("risk", "low; very high", ("low", "high"), "words of the list"),
    "known_words": Example("risk", "low|very high", ("low", "high"), "words of the list"),
    "coded": Example("ICD10", "ICD10:F32.1; F32.1", (_ICD_10,), "a list of codes"),
    "one_coded": Example("ICD10", "f321", _ICD_10, "a code"),
    "ref": Example("client", "12", "12", "the id of a record"),
    "maybe_ref": Example("client", "0", None, "the id of a record"),
    "refs": Example("problem", "P1; P2", ("P1", "P2"), "ids of records"),
    "maybe_refs": Example("problem", "P1, P2", ("P1", "P2"), "ids of records"),
    "same": Example("", "Ida Stein\x1fida  stein", True, "yes or no"),
}
"""One for each converter; cells of several columns are parted by U+001F. The tests run them."""


class Word(NamedTuple):
    """One thing that a table may say: where, its name, what it is, what stands for it where it is left out, and an example."""

    place: str
    name: str
    meaning: str
    default: str
    example: str


_PLACES: dict[str, type[Entry]] = {
    "the table": SourceTable,
    "[[file]]": FileSpec,
    "[file.join.NAME]": Join,
    "leave": Leave,
    "[[file.check]]": Check,
    "[[record]]": RecordSpec,
    "[[record.part]]": PartSpec,
    "a field": FieldSpec,
    "choose": Choice,
    "a condition": Condition,
}
"""Where keys stand, by how that is written."""

_KEY_EXAMPLES = {
    ("the table", "name"): 'name = "our-sheets"',
    ("the table", "title"): 'title = "The spreadsheets of our practice"',
    ("the table", "delimiter"): 'delimiter = ";"',
    ("the table", "dates"): 'dates = "day-first"',
    ("the table", "decimal"): 'decimal = ","',
    ("the table", "null"): 'null = ["NULL", "n/a"]',
    ("the table", "codes"): '[codes.sex]\nf = "female"',
    ("the table", "file"): '[[file]]\nname = "clients.csv"',
    ("the table", "record"): '[[record]]\nkind = "client"',
    ("[[file]]", "name"): 'name = "clients.csv"',
    ("[[file]]", "needs"): 'needs = ["Client ID", "Name"]',
    ("[[file]]", "required"): "required = true",
    ("[[file]]", "join"): '[file.join.goal]\nfile = "goals.csv"\nkey = ["Plan ID"]\non = ["Plan ID"]\nmany = true',
    ("[file.join.NAME]", "file"): 'file = "goals.csv"',
    ("[file.join.NAME]", "key"): 'key = ["Plan ID"]',
    ("[file.join.NAME]", "on"): 'on = ["=goal", "Plan ID"]',
    ("[file.join.NAME]", "many"): "many = true",
    ("[file.join.NAME]", "must"): 'must = "The cell names no user of users.csv."',
    ("[file.join.NAME]", "owned"): 'owned = "The goal belongs to no plan of plans.csv."',
    ("[file.join.NAME]", "unused"): 'unused = "no medication points to this prescription"',
    ("[file.join.NAME]", "field"): 'field = "field_id"',
    ("[file.join.NAME]", "value"): 'value = "field_value"',
    ("[file.join.NAME]", "also"): 'also = ["description", "date"]',
    ("leave", "when"): 'when = [{ column = "Deleted", in = ["yes"] }]',
    ("leave", "reason"): 'reason = "deleted in the source"',
    ("[[file.check]]", "when"): 'when = [{ column = "Kind", in = ["sum"] }]',
    ("[[file.check]]", "column"): 'column = "Total"',
    ("[[file.check]]", "sums"): 'sums = ["Item 1", "Item 2"]',
    ("[[file.check]]", "reason"): 'reason = "the sum of its items"',
    ("[[record]]", "kind"): 'kind = "outcome_measure"',
    ("[[record]]", "file"): 'file = "scores.csv"',
    ("[[record]]", "known_as"): 'known_as = ["{First name} {Last name}"]',
    ("[[record]]", "once"): 'once = ["Client ID"]',
    ("[[record]]", "finish"): 'finish = "questionnaire"',
    ("[[record]]", "items"): 'items = { "68518-0" = "frequency" }',
    ("[[record]]", "also"): 'also = ["questionnaire_response"]',
    ("[[record]]", "same_client"): 'same_client = ["form.pid"]',
    ("[[record]]", "labels"): 'labels = ["Type", "Title"]',
    ("[[record.part]]", "into"): 'into = "goals"',
    ("[[record.part]]", "split"): 'split = "Goals"\nfield = { description = "Goals | line" }',
    ("[[record.part]]", "when"): 'when = [{ column = "Kind", in = ["goal"] }]',
    ("[[record.part]]", "id"): 'id = ["goal-{Goal ID}", "goal-{n}"]',
    ("[[record.part]]", "field"): '[record.part.field]\ndescription = "Goal | line"',
    ("a field", "as"): 'sex = { from = ["Sex"], as = "code:sex", otherwise = "unknown" }',
    ("a field", "labels"): '{ from = ["Notes", "Medications"], as = "paragraphs", labels = ["", "Medications"] }',
    ("a field", "nothing"): '{ from = ["Difficulty"], as = "score:3", nothing = ["undef"] }',
    ("choose", "when"): 'when = [{ column = "End", filled = true }]',
    ("choose", "value"): 'value = "resolved"',
    ("a condition", "column"): 'column = "End"',
    ("a condition", "filled"): '{ column = "End", filled = true }',
    ("a condition", "in"): '{ column = "Type", in = ["allergy", "intolerance"] }',
    ("[[file]]", "leave"): 'leave = [{ when = [{ column = "Deleted", in = ["yes"] }], reason = "deleted in the source" }]',
    ("[[file]]", "latest"): 'latest = ["Client ID"]',
    ("[[file]]", "check"): '[[file.check]]\nwhen = [{ column = "Kind", in = ["sum"] }]\ncolumn = "Total"\nsums = ["A", "B"]\nreason = "the sum of A and B"',
    ("[[file]]", "carried"): 'carried = [[{ column = "Plan ID", filled = true }]]',
    ("[[file]]", "otherwise"): 'otherwise = "an entry of a type that no record holds"',
    ("[[file]]", "left_out"): 'left_out = "the practice\'s own bookkeeping"',
    ("[[file]]", "ignore"): '[file.ignore]\n"bookkeeping" = ["Row", "Changed by"]',
    ("[[record]]", "id"): 'id = ["{Score ID}", "{Client ID}-{Date | day}"]',
    ("[[record]]", "when"): 'when = [{ column = "Type", in = ["allergy"] }]',
    ("[[record]]", "field"): '[record.field]\nclient = "Client ID | ref:client"',
    ("[[record]]", "part"): '[[record.part]]\ninto = "goals"\ncount = 5\nfield = { description = "Goal {n} | line" }',
    ("[[record.part]]", "join"): 'join = "goal"\nid = "{Goal ID}"\nfield = { description = "Goal | line" }',
    ("[[record.part]]", "count"): 'count = 5\nid = "goal-{n}"\nfield = { description = "Goal {n} | line" }',
    ("a field", "choose"): 'status = { choose = [{ when = [{ column = "End", filled = true }], value = "resolved" }], otherwise = "active" }',
    ("a field", "from"): '"name.given" = { from = ["First", "Middle"], as = "lines" }',
    ("a field", "otherwise"): 'instrument = { otherwise = "phq-9" }',
    ("a condition", "matches"): '{ column = "Code", matches = "^F" }',
}
"""How each key is written."""


def words() -> Iterator[Word]:
    """Everything, in the order of the table, then converters and finishers."""
    for place, entry in _PLACES.items():
        for name, field in entry.model_fields.items():
            key = field.alias or name
            yield Word(place, key, " ".join((field.description or "").split()), _default(field), _KEY_EXAMPLES.get((place, key), ""))
    for name, converter in CONVERTERS.items():
        yield Word("converter", name, _told(converter), "", _shown(name, EXAMPLES[name]))
    for name, finisher in FINISHERS.items():
        yield Word("finisher", name, _told(finisher), "", f'finish = "{name}"')


def headings(table: SourceTable) -> dict[str, list[str]]:
    """The columns that the records of a table read, by file, in the order in which the table tells them; of numbered ones the first."""
    found: dict[str, dict[str, None]] = {entry.name: {} for entry in table.file if not entry.left_out}
    for spec in table.record:
        fields = [*(hole for template in spec.ids for hole in template.holes), *spec.field.values()]
        for column in (*(column for field in fields for column in field.columns), *spec.labels):
            _place(table, spec.file, column, found)
        for part in spec.part:
            for column in (column for field in part.numbers[0].field.values() for column in field.columns):
                _place(table, spec.file, f"{part.join}.{column}" if part.join else column, found)
    return {file: list(columns) for file, columns in found.items()}


def _place(table: SourceTable, file: str, column: str, found: dict[str, dict[str, None]]) -> None:
    join, name = table.files[file].path(column)
    found[table.files[file].join[join].file if join else file].setdefault(name)


def _told(function: Any) -> str:
    return " ".join((function.__doc__ or "").split())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    if field.default in (None, (), PydanticUndefined) or field.default == {} or get_origin(field.annotation) is dict:
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _shown(name: str, example: Example) -> str:
    written = f"{name}:{example.argument}" if example.argument else name
    cell = " and ".join(repr(part) for part in example.cell.split("\x1f"))
    return f"{written}   {cell} -> {_plain(CONVERTERS[name](example.cell, example.argument, EXAMPLE_SETTING))}"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return " ".join(_plain(part) for part in value.values())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nobody" if value is None else str(value)
