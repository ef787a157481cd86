"""People with accounts at a gateway, and the browsers they sit at."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, cast
from urllib.parse import urlsplit

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.clock import to_ms
from gateway.people import secret_key, totp
from gateway.people.account import Added, NewAccount, Proofs, add_account
from gateway.people.trace import Asked
from gateway.store import audit as audits
from gateway.store.account import AccountRow
from tests.store.engines import record
from tests.world import PRACTICE, World

PASSWORD = "seven herons over grey water"
_numbers = itertools.count(1)


@dataclass
class Person:
    """An account, and what the person knows and holds."""

    account: AccountRow
    totp_secret: str
    password: str = PASSWORD

    @property
    def name(self) -> str:
        return self.account.name


class Browser:
    """One browser: it keeps cookies, sends forms as pages have them, and says where they came from as browsers do."""

    def __init__(self, world: World, address: str | None = None, base_url: str = "", **settings: Any) -> None:
        """`base_url` and further settings: at a gateway over the same store that has these."""
        self.world = world
        changed = settings | ({"base_url": base_url} if base_url else {})
        self.http: FlaskClient = _app(world, changed).test_client()
        self.base_url = base_url or world.settings.base_url
        self.address = address or f"198.51.{next(_numbers) % 250}.{next(_numbers) % 250}"

    def get(self, path: str) -> TestResponse:
        return self.http.get(path, base_url=self.base_url, environ_overrides={"REMOTE_ADDR": self.address})

    def post(self, path: str, form: dict[str, str], **headers: str) -> TestResponse:
        sent = {"Sec-Fetch-Site": "same-origin"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, data=form, headers=sent, base_url=self.base_url, environ_overrides={"REMOTE_ADDR": self.address})

    def first_step(self, name: str, password: str, next_path: str = "/account") -> TestResponse:
        return self.post("/sign-in", {"name": name, "password": password, "next": next_path})

    def second_step(self, **proof: str) -> TestResponse:
        return self.post("/sign-in/second", proof)

    def sign_in(self, person: Person, next_path: str = "/account") -> TestResponse:
        """Both steps; the clock moves on so that the code is a new one."""
        self.world.clock.forward(seconds=totp.STEP_S)
        assert self.first_step(person.name, person.password, next_path).status_code == 303
        return self.second_step(code=code_of(self.world, person))

    def cookie(self, name: str = "handoff") -> str:
        found = self.http.get_cookie(name, domain=urlsplit(self.base_url).hostname or "")
        return found.value if found is not None else ""

    def is_signed_in(self) -> bool:
        return self.get("/sign-out").status_code == 200

    def csrf(self, page: str = "/sign-out") -> str:
        return hidden(self.get(page), "csrf")


def _app(world: World, changed: dict[str, Any]) -> Flask:
    """Made once for each kind of gateway over a store."""
    made = world.app.extensions.setdefault("others", {repr({}): world.app})
    if repr(changed) not in made:
        made[repr(changed)] = create_app(replace(world.settings, **changed), store=world.store, clock=world.clock)
    return cast("Flask", made[repr(changed)])


def hidden(response: TestResponse, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.text)
    assert found is not None, response.text
    return unescape(found[1])


def options(response: TestResponse) -> str:
    """What a passkey button of a page asks the authenticator."""
    found = re.search(r'data-options="([^"]*)"', response.text)
    assert found is not None, response.text
    return unescape(found[1])


def asked(world: World) -> Asked:
    return Asked(to_ms(world.clock()), "test-request", world.settings.base_url, by="operator")


def key_of(world: World) -> secret_key.SecretKey:
    return secret_key.load_or_create(secret_key.beside(world.settings.secret_key_file))


def clinician(world: World) -> str:
    """A therapist on file; the record's id."""
    record_id = f"clinician-{next(_numbers)}"
    world.take_in([record("practice", id="office", name="Office"), record("clinician", id=record_id, name={"family": "Lund"}, practice="office")])
    return record_id


def added(world: World, **values: Any) -> Added:
    given = {"name": f"person{next(_numbers)}", "display": "A Person", "duties": ["front_desk"]} | values
    return add_account(world.store, PRACTICE, NewAccount(**given), asked(world))


def person(world: World, **values: Any) -> Person:
    """Someone who can sign in with a password and one-time codes."""
    given = {"name": f"person{next(_numbers)}", "display": "A Person", "duties": ["front_desk"]} | values
    secret = totp.new_secret()
    made = add_account(world.store, PRACTICE, NewAccount(**given), asked(world), proofs=Proofs(PASSWORD, secret), key=key_of(world))
    return Person(made.account, secret)


def code_at(secret: str, now: int) -> str:
    """What an authenticator app shows at `now` (milliseconds)."""
    return pyotp.TOTP(secret).at(now // 1000)


def code_of(world: World, who: Person) -> str:
    return code_at(who.totp_secret, to_ms(world.clock()))


def trail(world: World) -> list[Any]:
    """The trail's newest events first."""
    with world.store.read() as connection:
        return audits.trail(connection, PRACTICE)
