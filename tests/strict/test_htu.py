"""One spelling for every address that means the same, and never one for two that do not."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given, strategies

from gateway.smart.htu import LONGEST, normal

_SEGMENT = strategies.text(strategies.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8).filter(lambda one: one not in (".", ".."))
_SEGMENTS = strategies.lists(_SEGMENT, max_size=5)
_PLAIN = "abcXYZ019-._~!$&'()*+,;=:@"


def _url(segments: list[str]) -> str:
    return "https://gateway.example.org/" + "/".join(quote(one, safe="") for one in segments)


@given(strategies.text(max_size=60))
def test_it_takes_any_text_and_says_the_same_of_its_own_answer(text: str) -> None:
    said = normal(text)
    assert said is None or normal(said) == said


@given(_SEGMENTS)
def test_percent_signs_where_none_are_needed_change_nothing(segments: list[str]) -> None:
    bare = "https://gateway.example.org/" + "/".join(quote(one, safe=_PLAIN) for one in segments)
    every = "https://gateway.example.org/" + "/".join("".join(f"%{byte:02x}" for byte in one.encode()) for one in segments)
    assert normal(_url(segments)) == normal(bare) == normal(every) is not None


@given(_SEGMENTS, _SEGMENTS)
def test_two_paths_have_two_spellings(one: list[str], other: list[str]) -> None:
    assert (normal(_url(one)) == normal(_url(other))) is (one == other)


@given(_SEGMENTS, strategies.text("abc=&/?%", max_size=10), strategies.text("abc=&/?", max_size=10))
def test_query_and_fragment_are_left_aside(segments: list[str], query: str, fragment: str) -> None:
    assert normal(f"{_url(segments)}?{query}#{fragment}") == normal(_url(segments))


@given(_SEGMENTS, strategies.lists(strategies.sampled_from([".", "%2e", "x/..", "x/%2E."]), max_size=4))
def test_dots_that_lead_nowhere_are_left_aside(segments: list[str], dots: list[str]) -> None:
    base, _, rest = _url(segments).partition("example.org/")
    assert normal(f"{base}example.org/{''.join(f'{dot}/' for dot in dots)}{rest}") == normal(_url(segments))


@given(_SEGMENTS)
def test_what_the_server_reads_off_the_wire_is_the_spelling_of_what_was_sent(segments: list[str]) -> None:
    """WSGI hands the path on decoded; an encoded slash in it is told from a slash by the proof alone, which then does not fit."""
    path = unquote("/" + "/".join(quote(one, safe="") for one in segments))
    assert normal(f"https://gateway.example.org{quote(path)}") == normal(_url(segments))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "https://a.example/"),
        ("HTTPS://A.Example/x", "https://a.example/x"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://[::1]:443/", "https://[::1]/"),
        ("https://a.example/%7Ex", "https://a.example/~x"),
        ("https://a.example/%c3%a4", "https://a.example/%C3%A4"),
        ("https://a.example/a/./b/../c", "https://a.example/a/c"),
        ("https://a.example/../../a", "https://a.example/a"),
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert normal(one) == normal(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "http://a.example/x"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example:80/x", "https://a.example/x"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/a/b", "https://a.example/a%2Fb"),
        ("https://a.example/b", "https://a.example/a/..%2Fb"),
        ("https://a.example/a//b", "https://a.example/a/b"),
        ("https://a.example./x", "https://a.example/x"),
        ("https://a.example/%25", "https://a.example/%2525"),
    ],
)
def test_these_are_not(one: str, other: str) -> None:
    assert normal(one) is not None
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    "url",
    [
        *("", "/x", "a.example/x", "ftp://a.example/", "https://", "https:///x", "javascript:1", "https://[::1/", "https://a%2eexample/"),
        *("https://u@a.example/", "https://u:p@a.example/", "https://a.example:x/", "https://a.example:99999/", "https://a.example\\@evil.example/"),
        *(" https://a.example/", "https://a.example/\n", "https://a.example/\u00e4", "https://a.example/" + "x" * LONGEST),
    ],
)
def test_these_are_no_addresses(url: str) -> None:
    assert normal(url) is None
