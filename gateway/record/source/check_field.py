"""Does a field of a source table fit the field it fills: its converter, its list, its constants?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError

from gateway.record.source.coding import SYSTEM_NAMES, is_system
from gateway.record.source.convert import CONVERTERS, LISTED, REFERENCES
from gateway.record.source.explain import EXAMPLES
from gateway.record.source.field import ONLY_ONE
from gateway.record.source.shape import Shape, shape_in
from gateway.record.source.spec import FieldSpec
from gateway.record.source.table import SourceTable
from gateway.record.source.when import fault_of_pattern
from gateway.record.types import KINDS, Part

Step = str | int


class Wrong(NamedTuple):
    """One thing that is wrong, or (`fault` false) only worth a look."""

    key: tuple[Step, ...]
    rule: str
    mend: str
    fault: bool = True


_SEVERAL = frozenset({"words", "known_words"})
_TELLS_TYPE = frozenset({"model_type", "model_attributes_type", "tuple_type", "dict_type", "string_type", "bool_type", "int_type", "date_type", "datetime_type"})
"""Errors that say that a value of this type never fits, whatever its cell holds."""
_TEXT = frozenset({"text", "line", "slug", "mark", "paragraphs", "state"})


def meant(word: str, words: Iterable[str]) -> str:
    """The mend for a word that does not exist: those like it, or all there are."""
    known = sorted(words)
    close = get_close_matches(word, known, n=3, cutoff=0.6)
    return f"Write {' or '.join(close)}; handoff source help tells all." if close else f"Write one of {', '.join(known)}."


def check_field(table: SourceTable, at: tuple[Step, ...], model: type[Part], whose: str, name: str, field: FieldSpec) -> Iterator[Wrong]:
    """What is wrong with one field of a record or part."""
    shape = shape_in(model, name)
    if shape is None:
        yield Wrong(at, f"{name} is a field that {whose} does not have.", meant(name, _near(model, name)))
    elif field.converter not in CONVERTERS:
        yield Wrong(at, f"{field.converter} is a converter that does not exist.", meant(field.converter, CONVERTERS))
    elif wrong := _argument(table, shape, field):
        yield Wrong(at, *wrong)
    else:
        yield from _values(table, at, shape, name, field)


def check_hole(table: SourceTable, at: tuple[Step, ...], hole: FieldSpec) -> Iterator[Wrong]:
    """What is wrong with a cell in an id."""
    if hole.converter not in CONVERTERS:
        yield Wrong(at, f"{hole.converter} is a converter that does not exist.", meant(hole.converter, CONVERTERS))
    elif wrong := _argument(table, Shape(str), hole):
        yield Wrong(at, *wrong)


def _near(model: type[Part], name: str) -> list[str]:
    """The fields there are where the wrong one stands."""
    head, dot, _ = name.partition(".")
    if dot and head in model.model_fields:
        inner = [f"{head}.{field}" for field in _inner(model, head)]
        return inner or [head]
    return list(model.model_fields)


def _inner(model: type[Part], head: str) -> Iterable[str]:
    shape = shape_in(model, head)
    part = shape.part if shape else None
    return part.model_fields if part else ()


def _argument(table: SourceTable, shape: Shape, field: FieldSpec) -> tuple[str, str] | None:
    """What is wrong with what stands after the converter's colon: rule and mend."""
    converter, argument = field.converter, field.argument
    if converter in LISTED and argument not in table.codes:
        return (
            f"The field uses a list that codes does not have: {argument or 'none is named'}.",
            f"Add [codes.{argument or 'NAME'}], or write one of {', '.join(table.codes) or 'none yet'}.",
        )
    if converter in REFERENCES and argument not in KINDS:
        return f"{argument or 'Nothing'} is no kind of record to refer to.", f"Write {converter}:{shape.names or 'KIND'}."
    if converter in REFERENCES and shape.names and argument != shape.names:
        return f"The field names a {shape.names}, not a {argument}.", f"Write {converter}:{shape.names}."
    if converter == "score" and not (argument.isascii() and argument.isdigit()):
        return "score needs the highest score.", "Write score:3 for 0 to 3."
    if converter in ("coded", "one_coded") and not is_system(argument):
        return f"{converter} needs the system of a code that is written without one.", f"Write {converter}:ICD10; the systems are {', '.join(SYSTEM_NAMES)}."
    if converter in ("day", "moment", "moment_on", "day_time") and (wrong := fault_of_pattern(argument)):
        return f"The form of the date {wrong}.", f"Write {converter}, {converter}:day-first, {converter}:month-first or {converter}:%d.%m.%Y."
    return None


def _values(table: SourceTable, at: tuple[Step, ...], shape: Shape, name: str, field: FieldSpec) -> Iterator[Wrong]:
    constants = [("otherwise", field.otherwise), *(("choose", choice.value) for choice in field.choose)]
    for key, value in constants:
        if value is not None and not (value == ONLY_ONE and field.converter in REFERENCES) and _error(shape, value):
            yield Wrong(at, f"{key} gives {value!r}, which {name} does not take.", _takes(shape))
    if field.converter in LISTED:
        for word, value in table.codes[field.argument].items():
            if _error(shape, (value,) if field.converter in _SEVERAL else value):
                rule = f"The list {field.argument} gives {value!r} for {word!r}, which {name} does not take."
                yield Wrong(("codes", field.argument, word), rule, _takes(shape))
    elif field.columns and (wrong := _wrong_type(shape, field)):
        yield Wrong(at, f"The converter {field.converter} gives {wrong}, which {name} does not take.", _takes(shape))


def _takes(shape: Shape) -> str:
    words = shape.words
    return f"Write one of {', '.join(words)}." if words else f"{shape.told} See handoff source help."


def _wrong_type(shape: Shape, field: FieldSpec) -> str | None:
    """What the converter gives, where a field of this shape never takes it."""
    example = EXAMPLES[field.converter]
    error = _error(shape, example.value)
    if error is None or (field.converter in REFERENCES and shape.names):
        return None
    if field.converter in _TEXT:
        return "text" if error in _TELLS_TYPE else None
    return None if error.startswith("string_") and error != "string_type" else f"{example.gives}"


def _error(shape: Shape, value: Any) -> str | None:
    """The kind of error that a value of this sort makes, or None."""
    try:
        shape.takes.validate_python(value)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)[0]["type"]
    return None


def check_lists(table: SourceTable) -> Iterator[Wrong]:
    """Lists that nothing uses, and words that nothing can match."""
    used = {field.argument for fields in _all_fields(table) for field in fields if field.converter in LISTED}
    for name, words in table.codes.items():
        if name not in used:
            yield Wrong(("codes", name), f"Nothing uses the list {name}.", "Take it out, or name it at a field: code:NAME.", fault=False)
        for word in words:
            if word != " ".join(word.casefold().split()):
                yield Wrong(
                    ("codes", name, word), f"The word {word!r} matches no cell, since cells are compared in small letters.", "Write it in small letters, with single spaces."
                )


def _all_fields(table: SourceTable) -> Iterator[Iterable[FieldSpec]]:
    for spec in table.record:
        yield spec.field.values()
        yield from (part.field.values() for part in spec.part)
        yield from (template.holes for template in spec.ids)
