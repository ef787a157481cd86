"""An authorization under way as the signed-in person meets it: what may be offered, what must still be chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from gateway.context import Context
from gateway.privacy.principal import Duty
from gateway.smart import asking as askings
from gateway.smart.asking import Asking
from gateway.smart.authorize import Asked, AuthorizationRequest, check_request, to_app
from gateway.smart.launch import BadLaunch, launch_of
from gateway.smart.scope import Scopes, narrowed, without
from gateway.web import choosing
from gateway.web.ground import Ground
from gateway.web.session import SignedIn, signed_in


class NotSignedIn(Exception):
    """Somebody must sign in (again) before the request can go on."""


@dataclass(frozen=True)
class Visit:
    """One person at one request of an app. `offered`: the scopes that this person can give at all."""

    ground: Ground
    request: AuthorizationRequest
    asking: Asking
    signed: SignedIn
    offered: Scopes

    @property
    def duties(self) -> frozenset[Duty]:
        return frozenset(cast("list[Duty]", self.signed.account.roles.split()))

    def context(self) -> Context:
        return choosing.context_of(self.ground, self.signed.account)

    def changed(self, asking: Asking) -> Visit:
        return replace(self, asking=askings.changed(self.ground.store, self.ground.clock, asking))

    @property
    def own_patient(self) -> str | None:
        """The only record of one who is a client of the practice and nothing else."""
        fhir_user = self.signed.account.fhir_user or ""
        return fhir_user.removeprefix("Patient/") if self.duties == {"client"} and fhir_user.startswith("Patient/") else None

    @property
    def chooses(self) -> bool:
        """Whether it is on the person to say which client it is about."""
        return self.request.launch is None and self.own_patient is None

    @property
    def needs_patient(self) -> bool:
        asks = self.offered.needs_patient or "launch/encounter" in self.offered.special
        return asks and self.asking.patient is None

    @property
    def needs_encounter(self) -> bool:
        return "launch/encounter" in self.offered.special and self.asking.encounter is None


def visit(ground: Ground, ticket: str) -> Visit:
    """The request that the ticket stands for, checked anew, for whoever is signed in. Raises Gone, NotSignedIn, OAuth2Error."""
    asking = askings.find(ground.store, ground.clock, ticket)
    asked = check_request(ground.store, ground.clock, ground.settings.fhir_base, Asked(asking.asked), pushed=asking.pushed)
    signed = signed_in(ground)
    if signed is None or signed.authenticated_at < _fresh_since(asking, asked):
        if "none" in asked.prompt:
            raise to_app(asked, "login_required", "Nobody is signed in here, or too long ago.")
        raise NotSignedIn
    asking = askings.bound(ground.store, ground.clock, asking, signed.session_id)
    if signed.account.practice != asked.client.practice:
        raise to_app(asked, "access_denied", "The app belongs to another practice than the person who signed in.")
    found = Visit(ground, asked, asking, signed, asked.scopes)
    return _launched(replace(found, offered=_offered(found)))


def _fresh_since(asking: Asking, asked: AuthorizationRequest) -> int:
    """Who signed in before this must sign in again (OpenID Connect Core 3.1.2.1, `prompt` and `max_age`); ms since 1970."""
    if asked.prompt & {"login", "select_account"}:
        return asking.asked_at
    return asking.asked_at - asked.max_age * 1000 if asked.max_age is not None else 0


def _offered(found: Visit) -> Scopes:
    """What the duties let this person give. Who has no entry in the directory has no `fhirUser` (SMART 2.2.0, identity data)."""
    offered = narrowed(found.request.scopes, found.duties)
    offered = offered if found.signed.account.fhir_user else without(offered, ("fhirUser",))
    if not offered.names:
        raise to_app(found.request, "access_denied", "The person who signed in can allow nothing of what was asked.")
    return offered


def _launched(found: Visit) -> Visit:
    """With the client and the visit that the launch brought. Raises OAuth2Error."""
    if found.request.launch is None or found.asking.patient is not None:
        return found
    try:
        launch = launch_of(found.ground.store, found.ground.clock, found.request.launch, found.signed.account.id, found.request.client)
    except BadLaunch as fault:
        raise to_app(found.request, "invalid_request", str(fault)) from None
    return found.changed(replace(found.asking, patient=launch.patient, encounter=launch.encounter or "", context=launch.context))
