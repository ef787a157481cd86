"""What is JSON for FHIR, and that nothing is lost between in and out (https://hl7.org/fhir/R4/json.html)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.json import MAX_DEPTH, parse, render
from gateway.fhir.outcome import OutcomeError


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "structure"),
    "XML": (b"<Patient/>", "structure"),
    "a list": (b"[]", "structure"),
    "text": (b'"Patient"', "structure"),
    "two objects": (b"{}{}", "structure"),
    "a repeated key": (b'{"id":"a","id":"b"}', "structure"),
    "a repeated key, spelt with an escape": (b'{"id":"a","\\u0069d":"b"}', "structure"),
    "a repeated key further in": (b'{"name":[{"family":"a","family":"b"}]}', "structure"),
    "NaN": (b'{"a":NaN}', "structure"),
    "Infinity": (b'{"a":-Infinity}', "structure"),
    "a lone surrogate": (b'{"a":"\\ud800"}', "structure"),
    "an encoded surrogate": (b'{"a":"\xed\xa0\x80"}', "structure"),
    "Latin-1": ('{"a":"é"}'.encode("latin-1"), "structure"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "structure"),
    "NUL": (b'{"a":"\\u0000"}', "structure"),
    "NUL in a name": (b'{"a\\u0000":"b"}', "structure"),
    "a bell": (b'{"a":["\\u0007"]}', "structure"),
    "nesting past the bound": (nested(MAX_DEPTH + 1), "structure"),
    "nesting past every stack": (nested(100_000), "structure"),
    "open lists without end": (b"[" * 100_000, "structure"),
    "an exponent past measure": (b'{"a":1e999999999}', "value"),
    "a number of 5000 digits": (b'{"a":' + b"9" * 5000 + b"}", "value"),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
def test_a_body_that_is_not_fhir_json_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(OutcomeError) as refused:
        parse(body)
    assert (refused.value.status, refused.value.issues[0].code) == (400, code)


@pytest.mark.parametrize("text", ["0.010", "1.0", "-0.50", "0.0000001", "100", "123456789012345678901234567890", "-0", "1E+2"])
def test_a_number_keeps_its_digits(text: str) -> None:
    body = f'{{"value":{text}}}'.encode()
    assert render(parse(body)) == body


def test_a_number_with_a_point_is_a_decimal_however_it_is_spaced() -> None:
    assert [type(parse(body)["value"]) for body in (b'{"value":0.5}', b'{ "value" : 0.5 }', b'{"value":5e-1}')] == [Decimal] * 3


def test_text_that_looks_like_an_escaped_nul_is_text() -> None:
    assert parse(b'{"a":"\\\\u0000"}') == {"a": "\\u0000"}


def test_what_is_rendered_is_compact_and_in_order() -> None:
    assert render({"b": [1, True, None], "a": "é"}) == '{"b":[1,true,null],"a":"é"}'.encode()


def test_no_decimal_that_json_lacks_is_rendered() -> None:
    with pytest.raises(TypeError):
        render({"a": Decimal("NaN")})


def test_nesting_up_to_the_bound_is_read() -> None:
    assert render(parse(nested(MAX_DEPTH))) == nested(MAX_DEPTH)


values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=15)


def refusal(body: bytes) -> int | None:
    try:
        parse(body)
    except OutcomeError as refused:
        return refused.status
    return None


@given(values)
def test_any_json_value_is_read_or_refused_by_name(value: Any) -> None:
    assert refusal(json.dumps(value).encode()) in (None, 400)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_by_name(body: bytes) -> None:
    assert refusal(body) in (None, 400)
