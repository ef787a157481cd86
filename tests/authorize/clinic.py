"""A small clinic: two therapists with a caseload each, a client with an account, apps, and browsers that walk from page to page."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from gateway.clock import to_ms
from gateway.record.types import Record
from gateway.smart.app import Registration, add_app
from gateway.store import grant as grants
from gateway.store import single_use
from gateway.store.grant import GrantRow
from tests.people.house import Browser, Person, person
from tests.store.engines import SITE, client, fresh, plan, record
from tests.world import PRACTICE, World

REDIRECT = "https://app.example.org/back"
LAUNCH = "https://app.example.org/launch"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SCOPE = "launch launch/patient launch/encounter openid fhirUser profile offline_access patient/*.cruds user/*.cruds"


class Clinic:
    """The therapist Mara sees Ada and Bea, the therapist Nils sees Cid; Ada has an account of her own."""

    def __init__(self, world: World) -> None:
        self.world = world
        mara, nils = fresh("clinician"), fresh("clinician")
        self.ada, self.bea, self.cid = fresh("client"), fresh("client"), fresh("client")
        self.visit, self.plan = fresh("session"), fresh("plan")
        world.take_in(
            [
                record("practice", id="office", name="Office"),
                *(record("clinician", id=one, name={"family": "Lund", "given": ["M"]}, practice="office") for one in (mara, nils)),
                client(self.ada, name={"family": "Quist", "given": ["Ada"]}, therapist=mara),
                client(self.bea, name={"family": "Quill", "given": ["Bea"]}, birth_date="1971-05-06", therapist=mara),
                client(self.cid, name={"family": "Quorn", "given": ["Cid"]}, therapist=nils),
                *(_team(one, who) for one, who in ((self.ada, mara), (self.bea, mara))),
                record("session", id=self.visit, client=self.ada, clinician=mara, start="2026-05-06T09:00:00-04:00", type_text="Individual therapy"),
                plan(self.plan, self.ada, author=mara, title="Sleep and mood"),
            ]
        )
        self.mara = person(world, display="Mara Lund", duties=["therapist"], clinician=mara)
        self.nils = person(world, display="Nils Berg", duties=["therapist"], clinician=nils)
        self.own = person(world, display="Ada Quist", duties=["client"], client=self.ada)
        self.clerk = person(world, display="Front Desk", duties=["auditor"])
        self.app = self.new_app()

    def new_app(self, **values: Any) -> str:
        given = {"name": "Growth Chart", "scope": SCOPE, "redirect_uris": [REDIRECT], "launch_uri": LAUNCH} | values
        return add_app(self.world.store, self.world.clock, PRACTICE, Registration(**given)).client_id

    def browser(self, who: Person | None = None) -> Walk:
        walk = Walk(self)
        if who is not None:
            walk.browser.sign_in(who)
        return walk

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """A good standalone request; None takes a parameter away."""
        good: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.app,
            "redirect_uri": REDIRECT,
            "scope": "launch/patient patient/*.rs",
            "state": "a state, of its own",
            "aud": self.world.settings.fhir_base,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (good | changes).items() if value is not None}


def _team(client_id: str, clinician: str) -> Record:
    return record("care_team", id=fresh("team"), client=client_id, members=[{"clinician": clinician, "role": "therapist"}])


@dataclass
class Walk:
    """One browser on its way through the pages."""

    clinic: Clinic
    seen: list[str] = field(default_factory=list)
    """Every address it was sent to."""

    def __post_init__(self) -> None:
        self.browser = Browser(self.clinic.world)

    def tab(self) -> Walk:
        """Another tab of the same browser, signed in as this one."""
        other = Walk(self.clinic)
        other.browser.http.set_cookie("handoff", self.browser.cookie(), domain=urlsplit(self.browser.base_url).hostname or "")
        return other

    def ask(self, **changes: str | None) -> TestResponse:
        """Send an authorization request and follow it to the first page (or out of this gateway)."""
        return self.follow(self.browser.http.get("/oauth/authorize", query_string=self.clinic.parameters(**changes)))

    def follow(self, response: TestResponse) -> TestResponse:
        while response.status_code in (302, 303):
            self.seen.append(response.location)
            if not response.location.startswith("/"):
                break
            response = self.browser.get(response.location)
        return response

    def send(self, page: TestResponse, action: str, **fields: Any) -> TestResponse:
        """Send a form of the page with its hidden fields."""
        assert f'action="{action}"' in page.text, page.text
        hidden = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(ticket|csrf)" value="([^"]*)"', page.text)}
        return self.follow(self.browser.post(action, hidden | fields))

    def open(self, client_id: str, app: str | None = None, **fields: str) -> TestResponse:
        """Open an app for a client from the page for that; the address of the app, with what it is told."""
        page = self.follow(self.browser.get("/launch"))
        page = self.send(page, "/launch", patient=SITE.id("client", client_id))
        return self.send(page, "/launch", patient=SITE.id("client", client_id), app=app or self.clinic.app, **fields)

    def launch(self, client_id: str, app: str | None = None, **fields: str) -> str:
        """The launch value that the app is given."""
        return parse_qs(urlsplit(self.open(client_id, app, **fields).location).query)["launch"][0]

    def pick(self, page: TestResponse, client_id: str) -> TestResponse:
        return self.send(page, "/oauth/authorize/patient", patient=SITE.id("client", client_id))

    def allow(self, page: TestResponse, *without: str) -> TestResponse:
        return self.send(page, "/oauth/authorize/decide", answer="allow", scope=[one for one in offered(page) if one not in without])


def granted(clinic: Clinic, code: str) -> tuple[dict[str, Any], GrantRow]:
    """What was stored under a code, and the grant it belongs to."""
    with clinic.world.store.read() as connection:
        payload = single_use.look(connection, "code", hashlib.sha256(code.encode()).hexdigest(), to_ms(clinic.world.clock()))
        assert payload is not None
        row = grants.grant(connection, payload["grant"])
    assert row is not None
    return payload, row


def offered(page: TestResponse) -> list[str]:
    """The scopes that a consent page has boxes for."""
    return [unescape(name) for name in re.findall(r'name="scope" value="([^"]*)"', page.text)]


def told(response: TestResponse) -> dict[str, str]:
    """What an app is told at its address."""
    assert response.status_code == 303, response.text
    assert response.location.startswith(REDIRECT), response.location
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query, keep_blank_values=True).items()}
