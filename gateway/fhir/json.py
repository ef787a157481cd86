"""FHIR JSON in and out (https://hl7.org/fhir/R4/json.html): one object, no repeated keys, numbers that keep their digits.

orjson decides what JSON is (RFC 8259, UTF-8, no surrogates). Where its answer, rendered again, gives the same bytes, nothing was lost and it is used as it
is; else the standard library reads the body once more, seeing every key and the text of every number.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from gateway.fhir import outcome

MAX_DEPTH = 60
"""Objects and arrays inside each other; a questionnaire ten groups deep needs about thirty."""

_MAX_DIGITS = 64
"""FHIR asks for 18 significant digits (https://hl7.org/fhir/R4/datatypes.html#decimal); far more is an attack on whoever computes with it."""

_MAYBE_DECIMAL = re.compile(rb"(?:\":|[,[])-?[0-9]+[.eE]")
_CONTROL = re.compile(rb"\\u00[01]", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class _Repeated(ValueError):
    """A key stands twice in one object."""


def parse(body: bytes) -> dict[str, Any]:
    """The object that `body` holds; numbers with a point or exponent, and those of more than 18 digits, as Decimal.

    Raises OutcomeError: not JSON, not an object, a repeated key, too deep, a control character, a number without measure.
    """
    failed: orjson.JSONDecodeError | None = None
    quick: Any = None
    try:
        quick = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # orjson gives up at 1024 levels and at 1e400; both are said more precisely than "not JSON"
        failed = error
    is_exact = type(quick) is dict and not _MAYBE_DECIMAL.search(body) and orjson.dumps(quick) == body
    resource: dict[str, Any] = quick if is_exact else _exact(body, failed)
    _check_depth(resource)
    if _CONTROL.search(body):
        _check_control(resource)
    return resource


def _exact(body: bytes, failed: orjson.JSONDecodeError | None) -> dict[str, Any]:
    if failed is not None and not _is_beyond_orjson(failed):
        raise outcome.not_json() from None
    try:
        resource = json.loads(body.decode(), object_pairs_hook=once, parse_float=_number, parse_int=_whole, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise outcome.not_json() from None
    if type(resource) is not dict:
        raise outcome.not_json()
    return resource


def _is_beyond_orjson(error: orjson.JSONDecodeError) -> bool:
    return "infinity" in error.msg or "recursion" in error.msg.lower() or "depth" in error.msg


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object for the standard library's reader. Raises ValueError where a key stands twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Repeated
    return members


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _without_measure() from None
    if len(text) > _MAX_DIGITS or abs(number.adjusted()) > _MAX_DIGITS:
        raise _without_measure()
    return number


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) < 19 and text != "-0" else _number(text)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(resource: dict[str, Any]) -> None:
    level: list[Any] = [resource]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in (node.values() if type(node) is dict else node) if type(child) is dict or type(child) is list]
        if not level:
            return
    raise _too_deep()


def _check_control(resource: dict[str, Any]) -> None:
    todo: list[Any] = [resource]
    while todo:
        node = todo.pop()
        if type(node) is str:
            if _FORBIDDEN.search(node):
                raise outcome.wrong_shape("", "A text or element name holds a control character other than tab, line feed and carriage return; leave it out.")
        elif type(node) is dict:
            todo += node
            todo += node.values()
        elif type(node) is list:
            todo += node


def _too_deep() -> outcome.OutcomeError:
    return outcome.wrong_shape("", f"The body nests objects and lists more than {MAX_DEPTH} deep; send a flatter resource.")


def _without_measure() -> outcome.OutcomeError:
    return outcome.invalid([outcome.Fault("", "value", f"A number has more than {_MAX_DIGITS} digits or an exponent beyond {_MAX_DIGITS}; send one that can be computed with.")])


def render(resource: dict[str, Any]) -> bytes:
    """Compact UTF-8 JSON, members in their order; a Decimal keeps its digits: 0.010 stays 0.010."""
    return orjson.dumps(resource, default=_fragment)


def _fragment(value: Any) -> orjson.Fragment:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"{type(value).__name__} has no place in JSON")
    exponent = value.as_tuple().exponent
    return orjson.Fragment(format(value, "f") if isinstance(exponent, int) and exponent <= 0 else str(value))
