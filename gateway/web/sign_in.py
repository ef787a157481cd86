"""The sign-in pages: name and password, then the second factor; and the way out. They work without script."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.people import sign_in
from gateway.people.attempts import TooSoon
from gateway.people.session import end
from gateway.people.sign_in import HalfWay, Proof, Refused
from gateway.web.ground import Ground, check_own_form, cookie, drop_cookie, local_path, see_other, set_cookie
from gateway.web.page import render_page
from gateway.web.problem import answers_people
from gateway.web.session import check_csrf, forget_session, signed_in, start_session

STEP = "handoff-step"
"""The cookie between the steps."""
_WRONG = "This name and password do not belong together here."
_WRONG_PROOF = {"code": "This code is not right, or was used before; wait for the next one.", "recovery": "This recovery code is not right, or was used before."}


def sign_in_blueprint(ground: Ground) -> Blueprint:
    """`/sign-in`, its second step, and `/sign-out`."""
    blueprint = answers_people(Blueprint("sign_in", __name__))
    blueprint.add_url_rule("/sign-in", "first", lambda: _first_page(request.args.get("next", "")), methods=["GET"])
    blueprint.add_url_rule("/sign-in", "first_sent", lambda: _first_sent(ground), methods=["POST"])
    blueprint.add_url_rule("/sign-in/second", "second", lambda: _second(ground), methods=["GET"])
    blueprint.add_url_rule("/sign-in/second", "second_sent", lambda: _second_sent(ground), methods=["POST"])
    blueprint.add_url_rule("/sign-out", "out", lambda: _out_page(ground), methods=["GET"])
    blueprint.add_url_rule("/sign-out", "out_sent", lambda: _out(ground), methods=["POST"])
    return blueprint


def _first_page(next_path: str, fault: str = "", status: int = 200) -> Response:
    return render_page("sign_in.html", "Sign in", status=status, next=local_path(next_path), fault=fault)


def _first_sent(ground: Ground) -> Response:
    check_own_form(ground.settings.base_url)
    name, next_path = request.form.get("name", "").strip().lower(), local_path(request.form.get("next", ""))
    try:
        token = sign_in.first_step(ground.store, name, request.form.get("password", ""), next_path, ground.tried(name), ground.asked())
    except Refused:
        return _first_page(next_path, _WRONG, 401)
    except TooSoon as fault:
        return waited(_first_page(next_path, too_soon(fault), 429), fault)
    response = see_other("/sign-in/second")
    set_cookie(ground, response, STEP, token, sign_in.BETWEEN_MS // 1000)
    return response


def _second(ground: Ground) -> Response:
    found = sign_in.half_way(ground.store, cookie(ground, STEP), ground.now)
    return _second_page(found) if found is not None else _start_again(ground)


def _second_page(found: HalfWay, fault: str = "", status: int = 200) -> Response:
    return render_page("second_step.html", "One more step", status=status, has_code=found.account.totp_secret is not None, fault=fault)


def _second_sent(ground: Ground) -> Response:
    check_own_form(ground.settings.base_url)
    token = cookie(ground, STEP)
    found = sign_in.half_way(ground.store, token, ground.now)
    if found is None:
        return _start_again(ground)
    proof: Proof = "recovery" if request.form.get("recovery") else "code"
    try:
        begun, next_path = sign_in.second_step(ground.store, ground.key, token, proof, request.form.get(proof, ""), ground.tried(found.account.name), ground.asked())
    except Refused:
        return _second_page(found, _WRONG_PROOF[proof], 401)
    except TooSoon as fault:
        return waited(_second_page(found, too_soon(fault), 429), fault)
    response = start_session(ground, see_other(next_path), begun)
    drop_cookie(ground, response, STEP)
    return response


def _start_again(ground: Ground) -> Response:
    response = _first_page("", "That took too long; please begin again.", 401)
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
