"""The consent page: who asks, for whom, and every scope in plain words with a box to untick; and what happens on Allow."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response

from gateway.smart.allowing import Allowed, allow, granted_event, kept
from gateway.smart.authorize import to_app
from gateway.smart.launch import BadLaunch
from gateway.smart.plain_words import Words, in_plain_words
from gateway.smart.scope import LASTING, Scopes
from gateway.store import practice as practices
from gateway.web import choosing
from gateway.web.asked import Visit
from gateway.web.page import render_page

_LINKS = (("client_uri", "its website"), ("policy_uri", "its privacy policy"), ("tos_uri", "its terms"))


def consent_page(found: Visit, fault: str = "") -> Response:
    """Raises OAuth2Error where the client in context is not one whose record this person may see."""
    client, ground = found.request.client, found.ground
    with ground.store.read() as connection:
        practice = practices.name_of(connection, client.practice)
    about = None
    if found.asking.patient is not None:
        about = choosing.client(found.context(), found.asking.patient)
        if about is None:
            raise to_app(found.request, "access_denied", "The client is not one whose record this person may see.")
    visit = choosing.visit(found.context(), found.asking.encounter) if found.asking.encounter else None
    groups = _groups([in_plain_words(name) for name in found.offered.names], about)
    values: dict[str, Any] = {
        "groups": groups,
        "about": about,
        "visit": visit,
        "practice": practice,
        "fault": fault,
        "chooses": found.chooses,
        "brief": not found.offered.special & LASTING,
        "withheld": found.offered.names != found.request.scopes.names,
    }
    return render_page("consent.html", f"Allow {client.name}?", found=found, site=_site(found.request.redirect_uri), links=_links(client.about), **values)


def granted_to(found: Visit, ticked: list[str]) -> str | None:
    """The code; None where nothing is left. Raises OAuth2Error, Gone."""
    scopes = kept(found.offered, ticked)
    if not scopes.names:
        return None
    signed, ground = found.signed, found.ground
    allowed = Allowed(found.request, found.asking, scopes, signed.account.id, signed.session_id, signed.authenticated_at, _context(found, scopes))
    event = granted_event(allowed, ground.now, ground.request_id(), ground.settings.fhir_base)
    try:
        return allow(ground.store, ground.clock, allowed, event)
    except BadLaunch as fault:
        raise to_app(found.request, "invalid_request", str(fault)) from None


def _context(found: Visit, scopes: Scopes) -> dict[str, Any]:
    """Launch parameters besides patient and encounter (SMART 2.2.0, launch context). We never frame an app: it must show whom it is about."""
    brought = found.asking.context if "launch" in scopes.special else {}
    banner = {"need_patient_banner": True} if found.asking.patient is not None else {}
    return brought | banner | {"smart_style_url": f"{found.ground.settings.base_url}/smart-style.json", "tenant": found.request.client.practice}


def _groups(words: list[Words], about: choosing.Choice | None) -> list[tuple[str, list[Words]]]:
    named = about.title if about is not None else "The client in context"
    titles = {
        "client": f"The record of {named}",
        "all": "All that you may see here, of every client",
        "practice": "The practice",
        "you": "Who and what this is about",
        "access": "For how long",
    }
    grouped = [(title, [one for one in words if one.about == kind]) for kind, title in titles.items()]
    return [(title, ones) for title, ones in grouped if ones]


def _site(redirect_uri: str) -> str:
    """Where the browser goes after the answer, as a person reads it."""
    parts = urlsplit(redirect_uri)
    return parts.hostname if parts.scheme in ("https", "http") and parts.hostname else f"an app on this device ({parts.scheme})"


def _links(about: dict[str, Any]) -> list[tuple[str, str]]:
    """Only https: an address that was registered must not become a script."""
    return [(label, str(about[name])) for name, label in _LINKS if str(about.get(name, "")).startswith("https://")]
