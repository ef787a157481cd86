"""What an attack is: a name, where it is described, how it is done, how it is refused, and the defence that refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from tests.attack.stage import Stage


class Answer(NamedTuple):
    """How a request was answered: the HTTP status (0 where none was spoken) and the error's code, "" where there was none.

    A page that is shown instead of a redirect has the error "page"; a token that is told to be worth nothing, "inactive"; a way that leads to the
    sign-in page, "sign-in".
    """

    status: int
    error: str = ""

    @property
    def is_granted(self) -> bool:
        return self.status < 400 and not self.error


Take = Callable[["Stage"], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Fault:
    """A defence that is not there: what it is called, and how it is taken away for a while."""

    name: str
    takes: tuple[Take, ...]

    def __and__(self, other: Fault) -> Fault:
        """Both defences gone, for an attack that either would stop."""
        return Fault(f"{self.name}; {other.name}", (*self.takes, *other.takes))

    @contextmanager
    def __call__(self, stage: Stage) -> Iterator[None]:
        with ExitStack() as gone:
            for take in self.takes:
                gone.enter_context(take(stage))
            yield


@dataclass(frozen=True)
class Attack:
    """`past`: what the attacker is answered where the defence is missing; unless told, that is all he asked for."""

    name: str
    source: str
    run: Callable[[Stage], Answer]
    refused: Answer
    fault: Fault
    past: Answer | None = None


def refused(answer: Answer, *rows: tuple[Any, ...]) -> list[Attack]:
    """Attacks that are all refused so. A row: name, source, how it is run, the fault, and perhaps `past`."""
    return [Attack(name, source, run, answer, gone, *past) for name, source, run, gone, *past in rows]


def fault(name: str, *takes: Take) -> Fault:
    return Fault(name, takes)


def replaced(target: Any, name: str, by: Any, *, new: bool = False) -> Take:
    """`target.name` is something else for a while. Raises AttributeError where there is no such name, unless it may be `new`."""
    return lambda _: patch.object(target, name, by, create=new)


def without_rule(module: Any, table: str, *said: str) -> Take:
    """The rules of a table that say this are gone; each must have been there."""

    @contextmanager
    def gone(_: Stage) -> Iterator[None]:
        rules = getattr(module, table)
        kept = tuple(rule for rule in rules if not any(each in rule[-1] for each in said))
        assert len(kept) == len(rules) - len(said), said
        with patch.object(module, table, kept):
            yield

    return gone


def answer_of(response: TestResponse) -> Answer:
    """Reads OAuth errors, bearer challenges, FHIR outcomes, errors sent to a redirect URI, and pages."""
    return Answer(response.status_code, _error(response))


def _error(response: TestResponse) -> str:
    challenge = re.search(r'error="([a-z_]+)"', response.headers.get("WWW-Authenticate", ""))
    body = response.get_json(silent=True) if "json" in (response.content_type or "") else None
    body = body if isinstance(body, dict) else {}
    if isinstance(body.get("error"), str):
        return str(body["error"])
    if challenge:
        return challenge[1]
    if body.get("resourceType") == "OperationOutcome" and response.status_code >= 400:
        return str(body["issue"][0]["code"])
    if body.get("active") is False:
        return "inactive"
    if "Location" in response.headers:
        return _told(response.headers["Location"])
    return "page" if response.status_code >= 400 else ""


def _told(location: str) -> str:
    parts = urlsplit(location)
    if not parts.netloc and parts.path == "/sign-in":
        return "sign-in"
    told = parse_qs(parts.query) | parse_qs(parts.fragment)
    return told.get("error", [""])[0]


INVALID_CLIENT = Answer(401, "invalid_client")
INVALID_GRANT = Answer(400, "invalid_grant")
INVALID_REQUEST = Answer(400, "invalid_request")
INVALID_SCOPE = Answer(400, "invalid_scope")
INVALID_TOKEN = Answer(401, "invalid_token")
NO_TOKEN = Answer(401, "login")
SCOPE_TOO_SMALL = Answer(403, "insufficient_scope")
FAILED = Answer(500, "exception")
"""The server stumbled: what an attacker gets where a bound is missing."""
