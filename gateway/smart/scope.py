"""SMART scopes: what a token allows, before consent and duty decide what of it is shown.

Grammar of SMART App Launch 2.2.0, https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html: version 2
(`patient/Observation.rs?category=...`), version 1 (`patient/Observation.read`), launch and identity scopes, and extension scopes.
Letters: c create, r read, vread and history-instance, u update, d delete, s search-type. Refused, never widened: letters out of
order, a resource type that is not served here, a query on anything but the token parameters of one type.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from gateway.fhir.capability import SERVED
from gateway.fhir.search_parameter import PARAMETERS
from gateway.privacy.principal import WRITING_DUTIES, Duty

RECORD_WRITE = "__record.write"
"""Lets the practice's own system send therapy records to /records."""

INTROSPECT = "__token.introspect"
"""Lets a bearer ask about the tokens of every client of its practice (SMART 2.2.0 token introspection)."""

EXTENSIONS: dict[str, frozenset[str]] = {RECORD_WRITE: frozenset({"practice"}), INTROSPECT: frozenset({"practice"})}
"""The extension scopes that mean something here, and the roles that may hold them."""

SPECIAL = ("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter", "online_access", "offline_access")
"""Identity, launch context and refresh: for apps that people use."""

LASTING = frozenset({"online_access", "offline_access"})
"""Those that bring refresh tokens."""

VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
"""The endings of version 1, in the letters of version 2."""

BACKEND, APP = frozenset({"system"}), frozenset({"patient", "user"})
"""The contexts whose rights count for a backend client, and for an app in the hands of a person."""

MAX_CHARACTERS = 8192
_MOST_CONDITIONS = 5
_WRITES = "cud"
_RESOURCE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?([\x21-\x7e]{1,500}))?")
_LOOKS_LIKE_A_RESOURCE = re.compile(r"(patient|user|system)/")
_EXTENSION = re.compile(r"(?:__|[A-Za-z][A-Za-z0-9+.-]{0,31}:)[\x21\x23-\x5b\x5d-\x7e]{1,200}")


class BadScope(ValueError):
    """A scope that is not understood or not allowed. The text never repeats what was asked for."""


class Right(NamedTuple):
    """One letter on one type (or `*`) in one context, where all conditions hold: (search parameter, value) pairs, sorted."""

    context: str
    resource_type: str
    letter: str
    conditions: tuple[tuple[str, str], ...] = ()

    def covers(self, other: Right) -> bool:
        """Whether everything that the other allows is allowed by this one."""
        same = self.context == other.context and self.letter == other.letter and self.resource_type in ("*", other.resource_type)
        return same and set(self.conditions) <= set(other.conditions)


@dataclass(frozen=True)
class Scopes:
    """Scopes as they were asked for, and what they mean."""

    names: tuple[str, ...]
    rights: frozenset[Right]
    special: frozenset[str]
    extensions: frozenset[str]

    def allows(self, resource_type: str, letter: str, contexts: frozenset[str] = BACKEND) -> bool:
        """Whether a letter is allowed on (some resources of) a type, in one of these contexts."""
        return any(self.rights_on(resource_type, letter, contexts))

    def rights_on(self, resource_type: str, letter: str, contexts: frozenset[str]) -> list[Right]:
        return [right for right in self.rights if right.letter == letter and right.context in contexts and right.resource_type in ("*", resource_type)]

    def allows_extension(self, name: str) -> bool:
        return name in self.extensions

    @property
    def needs_patient(self) -> bool:
        """Whether a patient must be in context: a `patient/` scope says so, or `launch/patient`."""
        return "launch/patient" in self.special or any(right.context == "patient" for right in self.rights)

    def __str__(self) -> str:
        return " ".join(self.names)


@lru_cache(maxsize=512)
def parse(text: str) -> Scopes:
    """Raises BadScope for anything that is not understood."""
    return _scopes(_split(text))


@lru_cache(maxsize=512)
def understood(text: str) -> Scopes:
    """The scopes among these that mean something here: an app asks the same of every server, also for types that this one has not. Raises BadScope for too long a text."""
    return _scopes(name for name in _split(text) if name and _is_understood(name))


def needed(resource_type: str, letter: str, contexts: frozenset[str] = BACKEND) -> str:
    """The smallest scope that allows this interaction."""
    return f"{'system' if contexts == BACKEND else 'user'}/{resource_type}.{letter}"


def within(requested: Scopes, registered: Scopes) -> bool:
    """Is all that is requested allowed by what was registered (or granted before), by meaning and not by spelling?"""
    granted = all(any(right.covers(asked) for right in registered.rights) for asked in requested.rights)
    return granted and requested.extensions <= registered.extensions and requested.special <= registered.special


def check_backend(scopes: Scopes, role: str) -> None:
    """May a backend client of this role be registered with these scopes? Raises BadScope."""
    if scopes.special or any(right.context != "system" for right in scopes.rights):
        raise BadScope("A backend client has no user and no patient at hand; its resource scopes must begin with system/.")
    for name in scopes.extensions:
        if role not in EXTENSIONS.get(name, ()):
            raise BadScope(f"The only extension scopes are {', '.join(EXTENSIONS)}, and only a client of role practice may hold them.")


def check_app(scopes: Scopes) -> None:
    """May an app be registered with these scopes? Raises BadScope."""
    if scopes.extensions or any(right.context not in APP for right in scopes.rights):
        raise BadScope("An app acts for a person; its resource scopes begin with patient/ or user/, and extension scopes are for the practice's own system.")


def check_one_lasting(scopes: Scopes) -> None:
    """An app may be registered for both kinds of lasting access; one request asks for one. Raises BadScope."""
    if scopes.special >= LASTING:
        raise BadScope("online_access and offline_access exclude each other; ask for one.")


def narrowed(scopes: Scopes, duties: Collection[Duty]) -> Scopes:
    """What a person of these duties can give at all: only therapists and supervisors may let an app write."""
    if WRITING_DUTIES & set(duties):
        return scopes
    return _scopes(name for name in (_reading(name) for name in scopes.names) if name)


def without(scopes: Scopes, names: Collection[str]) -> Scopes:
    """The same without some of them, as a person unticked them."""
    return _scopes(name for name in scopes.names if name not in names)


def supported() -> list[str]:
    """Every scope named here works (SMART 2.2.0 conformance, `scopes_supported`)."""
    names = [*SPECIAL, *(f"{context}/*.{letters}" for context in ("patient", "user", "system") for letters in ("rs", "read"))]
    for context in ("patient", "user", "system"):
        for resource_type, served in SERVED.items():
            writes = "create" in served.interactions
            names += [f"{context}/{resource_type}.{'crus' if writes else 'rs'}", f"{context}/{resource_type}.read"]
            names += [f"{context}/{resource_type}.write"] if writes else []
    return [*names, *EXTENSIONS]


def _split(text: str) -> list[str]:
    if len(text) > MAX_CHARACTERS:
        raise BadScope(f"The scope is longer than {MAX_CHARACTERS} characters.")
    return text.split(" ")


def _scopes(names: Iterable[str]) -> Scopes:
    distinct = tuple(dict.fromkeys(names))
    rights = frozenset(right for name in distinct for right in _rights(name))
    others = [name for name in distinct if not _RESOURCE.fullmatch(name)]
    special = frozenset(name for name in others if name in SPECIAL)
    return Scopes(distinct, rights, special, frozenset(others) - special)


def _is_understood(name: str) -> bool:
    try:
        _rights(name)
    except BadScope:
        return False
    return _RESOURCE.fullmatch(name) is not None or name in SPECIAL or name in EXTENSIONS


def _rights(name: str) -> frozenset[Right]:
    if name in SPECIAL:
        return frozenset()
    found = _RESOURCE.fullmatch(name)
    if found is None:
        _check_extension(name)
        return frozenset()
    context, resource_type, letters, query = found.groups()
    if resource_type != "*" and resource_type not in SERVED:
        raise BadScope("The scope names a resource type that is not served here; see scopes_supported in smart-configuration.")
    conditions = _conditions(resource_type, letters, query) if query is not None else ()
    return frozenset(Right(context, resource_type, letter, conditions) for letter in VERSION_1.get(letters, letters))


def _conditions(resource_type: str, letters: str, query: str) -> tuple[tuple[str, str], ...]:
    """Only what R4 defines as a token parameter of the one type; modifiers, chains and `_filter` are experimental in SMART 2.2.0 and refused."""
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=False)
    known = {parameter for parameter, found in PARAMETERS.get(resource_type, {}).items() if found.kind == "token"}
    good = 0 < len(pairs) <= _MOST_CONDITIONS and all(parameter in known and value and value.isprintable() for parameter, value in pairs)
    if letters in VERSION_1 or not good:
        raise BadScope("A scope may be narrowed only in version 2, on one type, by its token parameters: patient/Observation.rs?category=system|code say.")
    return tuple(sorted(set(pairs)))


def _reading(name: str) -> str:
    """The part of a scope that only reads; empty where there is none. Scopes of other kinds stay."""
    found = _RESOURCE.fullmatch(name)
    if found is None:
        return name
    context, resource_type, letters, query = found.groups()
    kept = {"write": "", "read": "read", "*": "read"}.get(letters, letters.translate(dict.fromkeys(map(ord, _WRITES))))
    return f"{context}/{resource_type}.{kept}{f'?{query}' if query else ''}" if kept else ""


def _check_extension(name: str) -> None:
    if _LOOKS_LIKE_A_RESOURCE.match(name) or not _EXTENSION.fullmatch(name):
        raise BadScope("The scope is not understood: it must be names such as system/Patient.rs with single spaces between them.")
