"""The sign-in pages: name and password, then the second factor; and the way out. They work without script."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.people import passkey, sign_in
from gateway.people.attempts import TooSoon
from gateway.people.session import end
from gateway.people.sign_in import HalfWay, Proof, Refused
from gateway.store import account as accounts
from gateway.web.ground import Ground, check_own_form, cookie, drop_cookie, local_path, see_other, set_cookie
from gateway.web.page import render_page
from gateway.web.problem import answers_people
from gateway.web.session import check_csrf, forget_session, signed_in, start_session

STEP = "handoff-step"
"""The cookie between the steps."""
_WRONG = "This name and password do not belong together here."
_WRONG_PROOF: dict[Proof, str] = {
    "code": "This code is not right, or was used before; wait for the next one.",
    "recovery": "This recovery code is not right, or was used before.",
    "passkey": "This passkey is not one of this account, or its answer came too late.",
}
_CODE: Proof = "code"
_OTHERS: tuple[Proof, ...] = ("recovery", "passkey")


def sign_in_blueprint(ground: Ground) -> Blueprint:
    """`/sign-in`, its second step, and `/sign-out`."""
    blueprint = answers_people(Blueprint("sign_in", __name__))
    blueprint.add_url_rule("/sign-in", "first", lambda: first_page(ground, request.args.get("next", "")), methods=["GET"])
    blueprint.add_url_rule("/sign-in", "first_sent", lambda: _first_sent(ground), methods=["POST"])
    blueprint.add_url_rule("/sign-in/passkey", "passkey_sent", lambda: _passkey_sent(ground), methods=["POST"])
    blueprint.add_url_rule("/sign-in/second", "second", lambda: _second(ground), methods=["GET"])
    blueprint.add_url_rule("/sign-in/second", "second_sent", lambda: _second_sent(ground), methods=["POST"])
    blueprint.add_url_rule("/sign-out", "out", lambda: _out_page(ground), methods=["GET"])
    blueprint.add_url_rule("/sign-out", "out_sent", lambda: _out(ground), methods=["POST"])
    return blueprint


def first_page(ground: Ground, next_path: str, fault: str = "", status: int = 200) -> Response:
    """Name and password, and the other ways in that there are here."""
    us = passkey.party(ground.settings.base_url)
    options = passkey.request_options(ground.key, us, passkey.SIGN_IN, [], ground.now) if us is not None else ""
    return render_page("sign_in.html", "Sign in", status=status, next=local_path(next_path), fault=fault, passkey=options, openid=bool(ground.settings.openid_issuer))


def _first_sent(ground: Ground) -> Response:
    check_own_form(ground.settings.base_url)
    name, next_path = request.form.get("name", "").strip().lower(), local_path(request.form.get("next", ""))
    try:
        token = sign_in.first_step(ground.store, name, request.form.get("password", ""), next_path, ground.tried(name), ground.asked())
    except Refused:
        return first_page(ground, next_path, _WRONG, 401)
    except TooSoon as fault:
        return waited(first_page(ground, next_path, too_soon(fault), 429), fault)
    response = see_other("/sign-in/second")
    set_cookie(ground, response, STEP, token, sign_in.BETWEEN_MS // 1000)
    return response


def _passkey_sent(ground: Ground) -> Response:
    check_own_form(ground.settings.base_url)
    next_path = local_path(request.form.get("next", ""))
    try:
        begun = sign_in.by_passkey(ground.store, ground.key, request.form.get("passkey", ""), ground.tried(None), ground.asked())
    except Refused:
        return first_page(ground, next_path, "This passkey is not one of an account here, or its answer came too late.", 401)
    except TooSoon as fault:
        return waited(first_page(ground, next_path, too_soon(fault), 429), fault)
    return start_session(ground, see_other(next_path), begun)


def _second(ground: Ground) -> Response:
    found = sign_in.half_way(ground.store, cookie(ground, STEP), ground.now)
    return _second_page(ground, found) if found is not None else _start_again(ground)


def _second_page(ground: Ground, found: HalfWay, fault: str = "", status: int = 200) -> Response:
    us, row = passkey.party(ground.settings.base_url), found.account
    with ground.store.read() as connection:
        held = accounts.passkeys_of(connection, row.id)
    options = passkey.request_options(ground.key, us, passkey.second_of(row), held, ground.now) if us is not None and held else ""
    return render_page("second_step.html", "One more step", status=status, has_code=row.totp_secret is not None, passkey=options, fault=fault)


def _second_sent(ground: Ground) -> Response:
    check_own_form(ground.settings.base_url)
    token = cookie(ground, STEP)
    found = sign_in.half_way(ground.store, token, ground.now)
    if found is None:
        return _start_again(ground)
    proof = next((name for name in _OTHERS if request.form.get(name)), _CODE)
    try:
        begun, next_path = sign_in.second_step(ground.store, ground.key, token, proof, request.form.get(proof, ""), ground.tried(found.account.name), ground.asked())
    except Refused:
        return _second_page(ground, found, _WRONG_PROOF[proof], 401)
    except TooSoon as fault:
        return waited(_second_page(ground, found, too_soon(fault), 429), fault)
    response = start_session(ground, see_other(next_path), begun)
    drop_cookie(ground, response, STEP)
    return response


def _start_again(ground: Ground) -> Response:
    response = first_page(ground, "", "That took too long; please begin again.", 401)
    drop_cookie(ground, response, STEP)
    return response


def _out_page(ground: Ground) -> Response:
    signed = signed_in(ground)
    return render_page("sign_out.html", "Sign out", csrf=signed.csrf) if signed is not None else see_other("/sign-in")


def _out(ground: Ground) -> Response:
    signed = signed_in(ground)
    if signed is not None:
        check_csrf(signed, request.form.get("csrf", ""))
        with ground.store.write() as connection:
            end(connection, signed.account, signed.session_id, ground.asked())
    response = forget_session(ground, render_page("signed_out.html", "You are signed out"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def too_soon(fault: TooSoon) -> str:
    wait = f"{fault.wait_s} seconds" if fault.wait_s < 100 else f"{-(-fault.wait_s // 60)} minutes"
    return f"There were too many attempts; try again in {wait}."


def waited(response: Response, fault: TooSoon) -> Response:
    response.headers["Retry-After"] = str(fault.wait_s)
    return response
