"""Where each JSON record of a file begins and ends, in bytes: one object a line, or the elements of one array; in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gateway.record.source.fault import SourceRefused

LONGEST = 32 * 1024 * 1024
"""Bytes of one record; a scanned form of ten megabytes in base64 fits."""

_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{\]},"]', re.DOTALL)
"""A string, a bracket, a comma; a quotation mark by itself begins a string that goes on beyond the buffer."""
_BROKEN = "Correct the file, or write one object a line."


class Span(NamedTuple):
    line: int
    start: int
    length: int


def spans(path: Path) -> Iterator[Span]:
    """The records of a file; SourceRefused for one that holds none, or breaks off."""
    with path.open("rb") as stream:
        head = stream.read(4096)
        at = len(_BOM) if head.startswith(_BOM) else 0
        while at < len(head) and head[at] in _SPACE:
            at += 1
        if head[at : at + 1] not in (b"{", b"["):
            raise SourceRefused(path.name, "The file holds no JSON records.", "Write one JSON object a line, or one array of them.")
        if head[at : at + 1] == b"[":
            stream.seek(at + 1)
            yield from _elements(path.name, stream, at + 1, 1 + head.count(b"\n", 0, at))
        else:
            start = len(_BOM) if head.startswith(_BOM) else 0
            stream.seek(start)
            yield from _lines(path.name, stream, start)


def _lines(name: str, stream: BinaryIO, start: int) -> Iterator[Span]:
    number = 0
    while body := stream.readline(LONGEST + 1):
        number += 1
        if len(body) > LONGEST:
            raise SourceRefused(name, f"Line {number} is longer than {LONGEST:,} bytes.", "Write one JSON object a line.")
        if body.strip(_SPACE):
            yield Span(number, start, len(body))
        start += len(body)


def _elements(name: str, stream: BinaryIO, at: int, line: int) -> Iterator[Span]:
    """The elements of an array from its first: what stands between commas outside of any string, object or inner array."""
    buffer, depth, scanned = b"", 0, 0
    while chunk := stream.read(_CHUNK):
        buffer += chunk
        begin = 0
        for token in _TOKEN.finditer(buffer, scanned):
            mark = token[0]
            if mark == b'"':
                break
            scanned = token.end()
            depth += _STEP.get(mark, 0)
            if depth < 0 or (mark == b"," and depth == 0):
                if span := _span(buffer, begin, token.start(), at, line):
                    yield span
                line += buffer.count(b"\n", begin, scanned)
                begin = scanned
            if depth < 0:
                _check_end(name, mark, buffer[scanned:], stream, line)
                return
        at, buffer, scanned = at + begin, buffer[begin:], scanned - begin
        if len(buffer) > LONGEST:
            raise SourceRefused(name, f"The array holds an element, at line {line}, of more than {LONGEST:,} bytes, or breaks off there.", _BROKEN)
    raise SourceRefused(name, f"The array breaks off after line {line}: its end is missing.", _BROKEN)


_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def _check_end(name: str, mark: bytes, rest: bytes, stream: BinaryIO, line: int) -> None:
    if mark == b"}" or rest.strip(_SPACE) or any(chunk.strip(_SPACE) for chunk in iter(lambda: stream.read(_CHUNK), b"")):
        raise SourceRefused(name, f"The file goes on after the end of its array, at line {line}.", _BROKEN)


def _span(buffer: bytes, begin: int, end: int, at: int, line: int) -> Span | None:
    element = buffer[begin:end]
    bare = element.lstrip(_SPACE)
    skipped = len(element) - len(bare)
    return Span(line + element.count(b"\n", 0, skipped), at + begin + skipped, len(bare.rstrip(_SPACE))) if bare else None
