"""The account page: who I am, my passkeys and recovery codes, where I am signed in, and which apps see records in my name (ASVS 5.0 7.5.2, 10.4.9)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from gateway.clock import from_ms
from gateway.fhir import outcome
from gateway.people import own, passkey
from gateway.people.attempts import TooSoon
from gateway.people.password import BadPassword
from gateway.people.session import end
from gateway.people.sign_in import Refused
from gateway.smart.plain_words import in_plain_words
from gateway.store.engine import Connection
from gateway.store.grant import grants_of, revoke_grant
from gateway.web.enrol import codes_page
from gateway.web.ground import Ground, see_other
from gateway.web.page import render_page
from gateway.web.problem import answers_people
from gateway.web.session import SignedIn, check_csrf, signed_in, to_sign_in
from gateway.web.sign_in import too_soon, waited

RECENT_MS = 600_000
"""What one signs in with may be changed this long after signing in (ASVS 5.0 7.5.1)."""

Act = Callable[[Ground, SignedIn], Response]


def account_blueprint(ground: Ground) -> Blueprint:
    """`/account` and what can be done there."""
    blueprint = answers_people(Blueprint("account", __name__))
    blueprint.add_url_rule("/account", "account", lambda: _page(ground), methods=["GET"])
    for path, (act, needs_recent) in _ACTS.items():
        blueprint.add_url_rule(f"/account/{path}", path, _route(ground, act, needs_recent), methods=["POST"])
    return blueprint


def _route(ground: Ground, act: Act, needs_recent: bool) -> Callable[[], Response]:
    def route() -> Response:
        signed = signed_in(ground)
        if signed is None:
            return to_sign_in("/account")
        check_csrf(signed, request.form.get("csrf", ""))
        if needs_recent and not _is_recent(ground, signed):
            return to_sign_in("/account")
        return act(ground, signed)

    return route


def _is_recent(ground: Ground, signed: SignedIn) -> bool:
    return ground.now < signed.authenticated_at + RECENT_MS


def _allowed(scope: str) -> str:
    """What an app may do, in plain words: records first, then for how long. That it knows who asked goes without saying."""
    words = [in_plain_words(name) for name in scope.split()]
    return "; ".join(one.title for about in ("client", "all", "practice", "access") for one in words if one.about == about)


def _page(ground: Ground, fault: str = "", status: int = 200) -> Response:
    signed = signed_in(ground)
    if signed is None:
        return to_sign_in("/account")
    us, row = passkey.party(ground.settings.base_url), signed.account
    found = own.kept(ground.store, row, ground.settings.session_idle_minutes, ground.now)
    return render_page(
        "account.html",
        row.display,
        status=status,
        row=row,
        csrf=signed.csrf,
        session_id=signed.session_id,
        found=found,
        codes_left=found.codes_left,
        allowed=_allowed,
        day=lambda ms: f"{from_ms(ms):%Y-%m-%d %H:%M} UTC",
        passkey=passkey.creation_options(ground.key, us, row, found.passkeys, ground.now) if us is not None else "",
        recent=_is_recent(ground, signed),
        fault=fault,
    )


def _add_passkey(ground: Ground, signed: SignedIn) -> Response:
    try:
        own.add_passkey(ground.store, ground.key, signed.account, request.form.get("passkey", ""), request.form.get("name", ""), ground.asked())
    except passkey.BadPasskey:
        return _page(ground, "The passkey could not be added; try again.", 400)
    return see_other("/account")


def _remove_passkey(ground: Ground, signed: SignedIn) -> Response:
    try:
        own.remove_passkey(ground.store, signed.account, request.form.get("passkey", ""), ground.asked())
    except own.LastFactor:
        return _page(ground, "This is your only second factor; add another passkey first, or ask your administrator for a new enrolment link.", 400)
    return see_other("/account")


def _new_codes(ground: Ground, signed: SignedIn) -> Response:
    return codes_page(own.new_recovery_codes(ground.store, signed.account, ground.asked()), is_first=False)


def _password(ground: Ground, signed: SignedIn) -> Response:
    form = request.form
    if form.get("password", "") != form.get("again", ""):
        return _page(ground, "The two new passwords differ; type the same one twice.", 400)
    try:
        own.change_password(ground.store, signed.account, form.get("current", ""), form.get("password", ""), signed.session_id, ground.tried(signed.account.name), ground.asked())
    except (Refused, BadPassword) as fault:
        return _page(ground, str(fault) or "Your present password is not right.", 400)
    except TooSoon as fault:
        return waited(_page(ground, too_soon(fault), 429), fault)
    return see_other("/account")


def _end_session(ground: Ground, signed: SignedIn) -> Response:
    with ground.store.write() as connection:
        if not end(connection, signed.account, request.form.get("session", ""), ground.asked()):
            raise outcome.not_yours()
    return see_other("/account")


def _end_app(ground: Ground, signed: SignedIn) -> Response:
    named = request.form.get("grant", "")
    with ground.store.write() as connection:
        _check_mine(connection, ground, signed, named)
        revoke_grant(connection, named, ground.now)
        own.note_app_ended(connection, signed.account, ground.asked())
    return see_other("/account")


def _check_mine(connection: Connection, ground: Ground, signed: SignedIn, grant_id: str) -> None:
    if grant_id not in {grant.id for grant in grants_of(connection, signed.account.id, ground.now)}:
        raise outcome.not_yours()


_ACTS: dict[str, tuple[Act, bool]] = {
    "add-passkey": (_add_passkey, True),
    "remove-passkey": (_remove_passkey, True),
    "recovery-codes": (_new_codes, True),
    "password": (_password, True),
    "end-session": (_end_session, False),
    "end-app": (_end_app, False),
}
"""Below /account -> what it does, and whether one must have signed in just now."""
