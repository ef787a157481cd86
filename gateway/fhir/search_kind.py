"""What a search parameter is, and those that many types share."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["token", "string", "reference", "date", "uri"]


class Parameter(NamedTuple):
    """One search parameter of one resource type: its kind and where its values stand."""

    kind: Kind
    paths: tuple[str, ...]


def token(*paths: str) -> Parameter:
    return Parameter("token", paths)


def string(*paths: str) -> Parameter:
    return Parameter("string", paths)


def reference(*paths: str) -> Parameter:
    return Parameter("reference", paths)


def date(*paths: str) -> Parameter:
    return Parameter("date", paths)


IDENTIFIER = {"identifier": token("identifier")}
SUBJECT = {"patient": reference("subject"), "subject": reference("subject")}
STATUS = {"status": token("status")}
CANONICAL = (
    IDENTIFIER
    | STATUS
    | {
        "url": Parameter("uri", ("url",)),
        "version": token("version"),
        "name": string("name"),
        "title": string("title"),
        "description": string("description"),
        "publisher": string("publisher"),
        "date": date("date"),
    }
)
"""What every resource of a catalogue is found by."""
HUMAN_NAME = {"name": string("name"), "family": string("name.family"), "given": string("name.given")}
