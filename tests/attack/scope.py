"""Attacks that ask for more than a system was registered for, in every spelling (SMART 2.2.0 scopes, RFC 6749 section 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.smart import client as clients
from gateway.smart import grant
from gateway.smart import scope as scopes
from tests.attack.attack import INVALID_SCOPE, Answer, fault, refused, replaced
from tests.attack.stage import Stage

Run = Callable[[Stage], Answer]


def _scope(text: str | None) -> Run:
    """The EHR is registered for `system/Patient.rs system/Task.cruds`."""
    return lambda stage: stage.token(stage.ehr.form(scope=text))


def _whole(self: Any) -> None:
    """Who names no scope gets all that it was registered for, as many servers have it."""
    if not self.request.payload.scope:
        self.request.payload.data["scope"] = self.client.scope


WIDER = fault("what was registered is not compared with what is asked", replaced(clients, "within", lambda *_: True))
ANY_SCOPE = fault("a scope is a text like any other, as in Authlib", replaced(grant, "granted", lambda *_: None), replaced(clients, "granted", lambda _, asked: asked))
BY_DEFAULT = fault("no scope means all that was registered", replaced(grant.BackendGrant, "validate_requested_scope", _whole))
LONG_SCOPES = fault("a scope may be of any length", replaced(scopes, "MAX_CHARACTERS", 10**6))

_SMART = "SMART 2.2 scopes"
_PRE = "SMART 2.2 backend-services, scopes"

ATTACKS = refused(
    INVALID_SCOPE,
    ("A system names no scope and hopes for all of them", "RFC 6749 3.3", _scope(None), BY_DEFAULT),
    ("A system names an empty scope", "RFC 6749 3.3", _scope(""), BY_DEFAULT),
    ("A system asks for another type", _PRE, _scope("system/Condition.rs"), WIDER),
    ("A system asks for every type", f"{_SMART}, wildcards", _scope("system/*.rs"), WIDER),
    ("A system asks for more letters", _PRE, _scope("system/Patient.cruds"), WIDER),
    ("A system asks for more in the words of version 1", f"{_SMART}, v1", _scope("system/Patient.write"), WIDER),
    ("A system asks for everything in the words of version 1", f"{_SMART}, v1", _scope("system/*.*"), WIDER),
    ("A system asks for what a person's app may ask", "SMART 2.2 backend-services", _scope("user/Patient.rs"), WIDER),
    ("A system asks for what a patient's app may ask", "SMART 2.2 backend-services", _scope("patient/Patient.rs"), WIDER),
    ("A system asks for one good scope and one too wide", _PRE, _scope("system/Patient.rs system/Condition.rs"), WIDER),
    ("A partner asks for the practice's own records", "ASVS 5.0 10.4.11", _scope("__record.write"), WIDER),
    ("A partner asks to introspect everybody's tokens", "SMART 2.2 token-introspection", _scope("__token.introspect"), WIDER),
    ("A system asks for a refresh token", "SMART 2.2 backend-services", _scope("system/Patient.rs offline_access"), WIDER),
    ("A system asks to be told who the user is", "SMART 2.2 backend-services", _scope("system/Patient.rs openid fhirUser"), WIDER),
    ("A system asks for a launch context", "SMART 2.2 backend-services", _scope("system/Patient.rs launch/patient"), WIDER),
    ("A type that begins like a registered one", _SMART, _scope("system/PatientX.rs"), ANY_SCOPE),
    ("A registered scope with a letter less than nothing", _SMART, _scope("system/Patient."), ANY_SCOPE),
    ("A query widens another type's scope", f"{_SMART}, finer-grained", _scope("system/Condition.rs?category=x"), WIDER),
    ("A query with a modifier, which means more than it says", f"{_SMART}, finer-grained", _scope("system/Task.rs?status:not=x"), ANY_SCOPE),
    ("A query with a chain to another type", f"{_SMART}, finer-grained", _scope("system/Task.rs?patient.name=x"), ANY_SCOPE),
    ("A query with _filter", f"{_SMART}, finer-grained", _scope("system/Task.rs?_filter=status+eq+x"), ANY_SCOPE),
    ("A query on a scope of version 1", f"{_SMART}, finer-grained", _scope("system/Patient.read?gender=x"), ANY_SCOPE),
    ("Letters out of order, which some read as .read", _SMART, _scope("system/Patient.sr"), ANY_SCOPE),
    ("A letter twice", _SMART, _scope("system/Patient.rrs"), ANY_SCOPE),
    ("Letters in capitals", _SMART, _scope("system/Patient.RS"), ANY_SCOPE),
    ("A type in small letters", _SMART, _scope("system/patient.rs"), ANY_SCOPE),
    ("A type that is not served", "SMART 2.2 backend-services, unsupported data", _scope("system/Pet.rs"), ANY_SCOPE),
    ("Scopes with a tab between them", "RFC 6749 3.3", _scope("system/Patient.rs\tsystem/Task.rs"), ANY_SCOPE),
    ("Scopes with a line break between them", "CWE-93", _scope("system/Patient.rs\r\nsystem/Task.rs"), ANY_SCOPE),
    ("Scopes with a comma between them", "RFC 6749 3.3", _scope("system/Patient.rs,system/*.cruds"), ANY_SCOPE),
    ("A scope with quotes and a backslash", "RFC 6749 3.3", _scope('system/Patient.rs "x\\'), ANY_SCOPE),
    ("A scope in letters that look Latin", "CWE-1007", _scope("system/\u0420atient.rs"), ANY_SCOPE),
    ("A scope that is encoded once more", "RFC 6749 appendix B", _scope("system%2FPatient.rs"), ANY_SCOPE),
    ("A scope of nine thousand characters", "RFC 6819 4.6.7", _scope("system/Patient.rs " * 500 + "system/Patient.rs"), LONG_SCOPES),
)
