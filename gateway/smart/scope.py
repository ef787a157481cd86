"""SMART scopes: what a token allows, before consent decides what of it is shown.

Grammar of SMART App Launch 2.2.0, https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html: version 2
(`system/Patient.rs`), version 1 (`system/Patient.read`), and extension scopes. Letters: c create, r read, vread and
history-instance, u update, d delete, s search-type. Refused, never widened: letters out of order, a scope narrowed by a query
(`?category=...`, not built yet), a resource type that is not served here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.fhir.capability import SERVED

RECORD_WRITE = "__record.write"
"""Lets the practice's own system send therapy records to /records."""

INTROSPECT = "__token.introspect"
"""Lets a bearer ask about the tokens of every client of its practice (SMART 2.2.0 token introspection)."""

EXTENSIONS: dict[str, frozenset[str]] = {RECORD_WRITE: frozenset({"practice"}), INTROSPECT: frozenset({"practice"})}
"""The extension scopes that mean something here, and the roles that may hold them."""

MAX_CHARACTERS = 8192
_SYSTEM = "system"
_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
_RESOURCE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|(?=[cruds])c?r?u?d?s?)")
_EXTENSION = re.compile(r"(?:__|[A-Za-z][A-Za-z0-9+.-]{0,31}:)[\x21\x23-\x5b\x5d-\x7e]{1,200}")


class BadScope(ValueError):
    """A scope that is not understood or not allowed. The text never repeats what was asked for."""


@dataclass(frozen=True)
class Scopes:
    """Scopes as they were asked for, and what they mean."""

    names: tuple[str, ...]
    grants: frozenset[tuple[str, str, str]]
    """(context, resource type or `*`, one letter of `cruds`)"""
    extensions: frozenset[str]

    def allows(self, resource_type: str, letter: str) -> bool:
        """For a backend client: only `system/` scopes count."""
        return (_SYSTEM, resource_type, letter) in self.grants or (_SYSTEM, "*", letter) in self.grants

    def allows_extension(self, name: str) -> bool:
        return name in self.extensions

    def __str__(self) -> str:
        return " ".join(self.names)


@lru_cache(maxsize=512)
def parse(text: str) -> Scopes:
    """Raises BadScope."""
    if len(text) > MAX_CHARACTERS:
        raise BadScope(f"The scope is longer than {MAX_CHARACTERS} characters.")
    names = tuple(dict.fromkeys(text.split(" ")))
    grants = frozenset(grant for name in names for grant in _grants(name))
    return Scopes(names, grants, frozenset(name for name in names if not _RESOURCE.fullmatch(name)))


def needed(resource_type: str, letter: str) -> str:
    """The smallest scope that allows this interaction."""
    return f"{_SYSTEM}/{resource_type}.{letter}"


def within(requested: Scopes, registered: Scopes) -> bool:
    """Is all that is requested allowed by what was registered, by meaning and not by spelling?"""
    granted = all(context == _SYSTEM and registered.allows(resource_type, letter) for context, resource_type, letter in requested.grants)
    return granted and requested.extensions <= registered.extensions


def check_backend(scopes: Scopes, role: str) -> None:
    """May a backend client of this role be registered with these scopes? Raises BadScope."""
    if any(context != _SYSTEM for context, _, _ in scopes.grants):
        raise BadScope("A backend client has no user and no patient at hand; its resource scopes must begin with system/.")
    for name in scopes.extensions:
        if role not in EXTENSIONS.get(name, ()):
            raise BadScope(f"The only extension scopes are {', '.join(EXTENSIONS)}, and only a client of role practice may hold them.")


def supported() -> list[str]:
    """Every scope named here works (SMART 2.2.0 conformance, `scopes_supported`)."""
    names = ["system/*.rs", "system/*.read"]
    for resource_type, served in SERVED.items():
        letters = "crus" if "create" in served.interactions else "rs"
        names += [f"system/{resource_type}.{letters}", f"system/{resource_type}.read"]
        names += [f"system/{resource_type}.write"] if "c" in letters else []
    return [*names, *EXTENSIONS]


def _grants(name: str) -> frozenset[tuple[str, str, str]]:
    if "?" in name and "/" in name.partition("?")[0] and not _is_uri(name):
        raise BadScope("A scope narrowed by a query (?category= and the like) is not supported yet; ask for the whole type.")
    found = _RESOURCE.fullmatch(name)
    if found is None:
        _check_extension(name)
        return frozenset()
    context, resource_type, letters = found.groups()
    if resource_type != "*" and resource_type not in SERVED:
        raise BadScope("The scope names a resource type that is not served here; see scopes_supported in smart-configuration.")
    return frozenset((context, resource_type, letter) for letter in _VERSION_1.get(letters, letters))


def _is_uri(name: str) -> bool:
    return ":" in name.partition("/")[0]


def _check_extension(name: str) -> None:
    if not _EXTENSION.fullmatch(name):
        raise BadScope("The scope is not understood: it must be names such as system/Patient.rs with single spaces between them.")
