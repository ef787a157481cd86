"""The people of the stage at their browsers, and the apps they use: a clinic as tests/authorize has it, with sessions made in no time."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from werkzeug.test import TestResponse

from gateway.people import session as sessions
from gateway.people import totp
from gateway.people.account import NewAccount, Proofs, add_account
from tests.authorize.clinic import Clinic, Walk
from tests.people.house import PASSWORD, Person, asked, key_of
from tests.world import World

OTHER_PRACTICE = "other-practice"
COOKIE = "__Host-handoff"


class People:
    """`mara` treats Ada and Bea, `nils` treats Cid, `own` is Ada herself; `app` is public, `other_app` another one of another maker."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clinic = Clinic(world)
        self.app = self.clinic.app
        self.other_app = self.clinic.new_app(name="Another App", redirect_uris=["https://other.example.org/back"])

    @cached_property
    def elsewhere(self) -> Person:
        """A therapist of another practice, which the stage has added."""
        given = NewAccount(name="elsewhere", display="Elsewhere", duties=["front_desk"])
        made = add_account(self.world.store, OTHER_PRACTICE, given, asked(self.world), proofs=Proofs(PASSWORD, totp.new_secret()), key=key_of(self.world))
        return Person(made.account, "")

    def new_app(self, **values: Any) -> str:
        return self.clinic.new_app(**values)

    def browser(self, who: Person | None = None, methods: tuple[str, ...] = ("pwd", "otp")) -> Walk:
        """A browser at which this person is signed in."""
        walk = Walk(self.clinic)
        if who is not None:
            self.give(walk, self.session(who, methods))
        return walk

    def session(self, who: Person, methods: tuple[str, ...] = ("pwd", "otp")) -> str:
        """The cookie of a new session."""
        with self.world.store.write() as connection:
            return sessions.begin(connection, who.account, methods, asked(self.world)).cookie

    def give(self, walk: Walk, cookie: str) -> None:
        walk.browser.http.set_cookie(COOKIE, cookie, domain="gateway.example.org", secure=True, path="/")

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """A good request of the app; None takes a parameter away."""
        return self.clinic.parameters(**changes)

    def request(self, parameters: Any, method: str = "GET", who: Person | None = None, **more: Any) -> TestResponse:
        """The first answer to an authorization request."""
        sent = {"query_string": parameters} if method == "GET" else {"data": parameters}
        return self.browser(who).browser.http.open("/oauth/authorize", method=method, base_url=self.world.settings.base_url, **sent, **more)
