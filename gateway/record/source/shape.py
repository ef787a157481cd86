"""What the fields of a record take, asked of its type by a path as source tables write it: `name.family`, `goals`."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, TypeAdapter
from pydantic.fields import FieldInfo

from gateway.record.types import KINDS, Part
from gateway.record.types.reference import Names

_NAMES: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    bool: "yes or no",
    Decimal: "a number",
    date: "a day",
    datetime: "a date and time",
    AwareDatetime: "a date and time",
    tuple: "a list",
    dict: "answers by name",
}


class Shape:
    """What one field takes."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self.takes: TypeAdapter[Any] = TypeAdapter(annotation)

    @property
    def names(self) -> str | None:
        """The kind of record whose id it holds."""
        return next((mark.kind for mark in _marks(self.annotation) if isinstance(mark, Names)), None)

    @property
    def is_list(self) -> bool:
        return any(get_origin(part) is tuple for part in _unions(self.annotation))

    @property
    def part(self) -> type[Part] | None:
        """The type of the part it holds."""
        return _part(self.annotation)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it may be, where it is one of a few, or a list of such."""
        inner = [get_args(each)[0] if get_origin(each) is tuple else each for each in _unions(self.annotation)]
        return tuple(str(word) for each in inner for one in _unions(each) if get_origin(one) is Literal for word in get_args(one))

    @property
    def told(self) -> str:
        """What it takes, in a few words."""
        names = [
            _NAMES.get(get_origin(each) or each) or (", ".join(each.model_fields) if isinstance(each, type) and issubclass(each, Part) else "") for each in _unions(self.annotation)
        ]
        return f"It takes {' or '.join(dict.fromkeys(filter(None, names)))}."


def shape_of(kind: str, path: str) -> Shape | None:
    """The shape of a record's field; None where there is none."""
    return shape_in(KINDS[kind], path)


@cache
def shape_in(model: type[Part], path: str) -> Shape | None:
    """The shape of a part's field."""
    head, _, rest = path.partition(".")
    field = model.model_fields.get(head)
    if field is None:
        return None
    annotation = _whole(field)
    if not rest:
        return Shape(annotation)
    if inner := _part(annotation):
        return shape_in(inner, rest)
    entry = next((get_args(part) for part in _unions(annotation) if get_origin(part) is dict), None)
    return Shape(entry[1]) if entry and _takes(entry[0], rest) else None


@cache
def part_of(kind: str, field: str) -> type[Part] | None:
    """The type of the parts that a list field holds."""
    found = KINDS[kind].model_fields.get(field)
    lists = [get_args(part)[0] for part in _unions(_whole(found))] if found and Shape(_whole(found)).is_list else []
    return next((inner for each in lists if (inner := _part(each))), None)


def required(model: type[Part]) -> tuple[str, ...]:
    """The fields that a record or part cannot do without."""
    return tuple(name for name, field in model.model_fields.items() if field.is_required())


def _takes(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValueError:
        return False
    return True


def _whole(field: FieldInfo) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _unions(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, its marks taken off."""
    if get_origin(annotation) is Annotated:
        yield from _unions(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from _unions(each)
    else:
        yield annotation


def _part(annotation: Any) -> type[Part] | None:
    return next((each for each in _unions(annotation) if isinstance(each, type) and issubclass(each, Part)), None)


def _marks(annotation: Any) -> Iterator[Any]:
    for inner in get_args(annotation):
        yield inner
        yield from _marks(inner)
