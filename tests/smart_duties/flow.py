"""The whole way of an app through a browser: its request, the sign-in, the choice of a client, the consent, and the code for tokens.

People, browsers and apps are those of tests/people and tests/token; here they meet, over HTTP alone.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from gateway.smart.app import AuthMethod
from tests.people.house import Browser, Person, person
from tests.store.engines import SITE, fresh, patient_id, record
from tests.token.given import REDIRECT, App, Code, app, given
from tests.world import World

LAUNCH_URI = "https://app.example.org/launch"
MOST_PAGES = 12


class Page(HTMLParser):
    """The forms of a page: where each goes, its fields as they stand, and its buttons."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found["action"]))
        elif self.forms and tag == "input":
            self.forms[-1].take(found)
        elif self.forms and tag == "button" and "name" in found:
            self.forms[-1].buttons.append((found["name"], found.get("value", "")))

    def form_with(self, field_name: str) -> Form | None:
        """The form that has this field or this button."""
        return next((form for form in self.forms if field_name in [name for name, _ in (*form.fields, *form.buttons)]), None)


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def take(self, found: Mapping[str, str]) -> None:
        if ("name" in found and found.get("type") not in ("checkbox", "radio")) or "checked" in found:
            self.fields.append((found["name"], found.get("value", "")))

    def values(self, name: str) -> list[str]:
        return [value for known, value in (*self.fields, *self.buttons) if known == name]

    def filled(self, **more: str) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if name not in more] + list(more.items())


@dataclass
class Answers:
    """What the person does on each page. `patient` and `encounter`: ids to pick. `untick`: scopes not allowed."""

    patient: str = ""
    encounter: str = ""
    untick: Collection[str] = ()
    says: str = "allow"


@dataclass
class Seat:
    """One person at one browser, signed in or not yet."""

    world: World
    who: Person
    browser: Browser
    seen: list[str] = field(default_factory=list)
    """The text of every page on the way, the last one last."""

    def authorize(self, asker: App, scope: str, answers: Answers | None = None, *, method: str = "GET", **changes: str | None) -> dict[str, str]:
        """The parameters that came back to the app's address; empty where the browser was not sent there."""
        response = self.ask(asker, scope, method=method, **changes)
        return back_at_app(self.go_on(response, answers or Answers()))

    def ask(self, asker: App, scope: str, *, method: str = "GET", **changes: str | None) -> TestResponse:
        """The first answer to an authorization request. A parameter of None is left out."""
        asked = {name: value for name, value in (self.parameters(asker, scope) | changes).items() if value is not None}
        if method == "GET":
            return self.browser.get(f"/oauth/authorize?{urlencode(asked)}")
        return self.browser.post("/oauth/authorize", asked, Sec_Fetch_Site="cross-site")

    def parameters(self, asker: App, scope: str) -> dict[str, str | None]:
        return {
            "response_type": "code",
            "client_id": asker.client_id,
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "af0ifjsldkj",
            "aud": self.world.settings.fhir_base,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }

    def go_on(self, response: TestResponse, answers: Answers) -> TestResponse:
        """Follow our own redirects and fill in our own pages until the browser leaves us or a page has nothing to fill in."""
        for _ in range(MOST_PAGES):
            if 300 <= response.status_code < 400:
                if not response.headers["Location"].startswith("/"):
                    return response
                response = self.browser.get(response.headers["Location"])
                continue
            self.seen.append(response.text)
            following = self._filled(Page(response), answers) if response.status_code == 200 else None
            if following is None:
                return response
            response = following
        raise AssertionError("the way through the pages has no end")

    def _filled(self, page: Page, answers: Answers) -> TestResponse | None:
        if (form := page.form_with("password")) is not None:
            return self.browser.sign_in(self.who, form.values("next")[0])
        if (form := page.form_with("patient")) is not None and answers.patient in form.values("patient"):
            return self.send(form, patient=answers.patient)
        if (form := page.form_with("encounter")) is not None:
            return self.send(form, encounter=answers.encounter)
        if (form := page.form_with("scope")) is not None:
            return self.send(form, answers.untick, answer=answers.says)
        return None

    def send(self, form: Form, untick: Collection[str] = (), **more: str) -> TestResponse:
        kept: dict[str, Any] = {}
        for name, value in form.filled(**more):
            if name != "scope" or value not in untick:
                kept.setdefault(name, []).append(value)
        return self.browser.post(form.action, kept)

    def tokens(self, asker: App, scope: str, answers: Answers | None = None, *, method: str = "GET", **changes: str | None) -> dict[str, Any]:
        """The token response after the whole way."""
        back = self.authorize(asker, scope, answers, method=method, **changes)
        assert "code" in back, (back, self.seen[-1:])
        return given(asker.exchange(Code(back["code"], VERIFIER, "")))

    def claims(self, id_token: str) -> dict[str, Any]:
        """What an id_token says, once its signature was checked with the published keys."""
        published = self.world.http.get("/oauth/jwks").get_json()
        return dict(jwt.decode(id_token, KeySet.import_key_set(published), algorithms=["RS256"]).claims)

    def launch(self, asker: App, patient: str, **more: str) -> str:
        """Open the app for this client from our own page; the launch value that its launch address was called with."""
        launched = self.try_launch(asker, patient, **more)
        assert launched is not None, "the page opened nothing"
        return launched

    def try_launch(self, asker: App, patient: str, **more: str) -> str | None:
        """None where the page did not open the app."""
        form = Page(self.browser.get("/launch")).form_with("patient")
        assert form is not None, "no client to choose"
        chosen = Page(self.send(form, patient=patient)).form_with("intent")
        assert chosen is not None, "no app to open"
        location = self.send(chosen, app=asker.client_id, **more).headers.get("Location", "")
        return parse_qs(urlsplit(location).query)["launch"][0] if location.startswith(f"{LAUNCH_URI}?") else None


VERIFIER = secrets.token_urlsafe(48)


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def back_at_app(response: TestResponse) -> dict[str, str]:
    """The parameters of a redirect to the app's address; empty for anything else."""
    location = response.headers.get("Location", "")
    if not location.startswith(f"{REDIRECT}?"):
        return {}
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query, keep_blank_values=True).items()}


@dataclass(frozen=True)
class Practice:
    """A therapist with two clients of the own caseload, one of them with a visit and a plan; and a client of somebody else. Ids of resources."""

    seat: Seat
    client: str
    other_client: str
    foreign_client: str
    visit: str
    plan: str
    practitioner: str


def practice(world: World, *, signed_in: bool = True) -> Practice:
    """People and records of their own for one test."""
    therapist, hers, second, foreign, visit, planned = (fresh(kind) for kind in ("clinician", "client", "client", "client", "session", "plan"))
    person_of = {"name": {"family": "Lund", "given": ["Mia"]}, "birth_date": "1990-02-03", "sex": "female"}
    world.take_in(
        [
            record("practice", id="office", name="Office"),
            record("clinician", id=therapist, name={"family": "Lund"}, practice="office"),
            *(record("client", id=each, therapist=therapist, **person_of) for each in (hers, second)),
            record("client", id=foreign, **person_of),
            record("session", id=visit, client=hers, clinician=therapist, start="2026-10-01T15:00:00Z", end="2026-10-01T15:50:00Z"),
            record("treatment_plan", id=planned, client=hers, written_on="2026-02-01", goals=[{"id": "sleep", "description": "Sleep"}]),
            *(record("problem", id=fresh("problem"), client=each, title="Low mood", recorded_on="2026-01-10") for each in (hers, second, foreign)),
        ]
    )
    who = person(world, duties=["therapist"], clinician=therapist)
    seat = Seat(world, who, Browser(world))
    if signed_in:
        assert seat.browser.sign_in(who).status_code == 303
    return Practice(seat, patient_id(hers), patient_id(second), patient_id(foreign), SITE.id("session", visit), SITE.id("treatment_plan", planned), SITE.id("clinician", therapist))


def an_app(world: World, scope: str, method: AuthMethod = "none", **more: Any) -> App:
    """An app that can be started alone and opened from here."""
    return app(world, method, scope, launch_uri=LAUNCH_URI, **more)


def ask_fhir(world: World, token: str, path: str) -> TestResponse:
    return world.http.get(f"/fhir/{path}", headers={"Authorization": f"Bearer {token}"})
