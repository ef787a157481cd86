"""The enrolment pages: a password, then a second factor, then the recovery codes, shown once."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, request
from markupsafe import Markup

from gateway.fhir import outcome
from gateway.people import enrolment, passkey, totp
from gateway.people.enrolment import Factor, Stage
from gateway.people.password import BadPassword
from gateway.people.sign_in import Refused
from gateway.store.account import AccountRow
from gateway.web.ground import Ground, check_own_form, cookie, drop_cookie, see_other, set_cookie
from gateway.web.page import render_page
from gateway.web.problem import answers_people
from gateway.web.session import start_session

STAGE = "handoff-enrolment"
_WRONG = {"code": "This is not the code that the app shows now; check that the phone's clock is right.", "passkey": "The passkey could not be made; try again, or use an app."}


def enrol_blueprint(ground: Ground) -> Blueprint:
    """`/enrol/<link>` and `/enrol/second`."""
    blueprint = answers_people(Blueprint("enrol", __name__))
    blueprint.add_url_rule("/enrol/second", "second", lambda: _second(ground), methods=["GET"])
    blueprint.add_url_rule("/enrol/second", "second_sent", lambda: _second_sent(ground), methods=["POST"])
    blueprint.add_url_rule("/enrol/<link>", "first", lambda link: _first(ground, link), methods=["GET"])
    blueprint.add_url_rule("/enrol/<link>", "first_sent", lambda link: _first_sent(ground, link), methods=["POST"])
    return blueprint


def _first(ground: Ground, link: str) -> Response:
    row = enrolment.invited(ground.store, link, ground.now)
    if row is None:
        raise outcome.link_over()
    return _password_page(row)


def _password_page(row: AccountRow, fault: str = "", status: int = 200) -> Response:
    return render_page("enrol.html", f"Welcome, {row.display}", status=status, name=row.name, fault=fault)


def _first_sent(ground: Ground, link: str) -> Response:
    check_own_form(ground.settings.base_url)
    row = enrolment.invited(ground.store, link, ground.now)
    if row is None:
        raise outcome.link_over()
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _password_page(row, "The two passwords differ; type the same one twice.", 400)
    try:
        token = enrolment.choose_password(ground.store, ground.key, link, password, ground.now)
    except BadPassword as fault:
        return _password_page(row, str(fault), 400)
    response = see_other("/enrol/second")
    set_cookie(ground, response, STAGE, token, enrolment.STAGE_MS // 1000)
    return response


def _second(ground: Ground) -> Response:
    return _factor_page(ground, _stage(ground))


def _stage(ground: Ground) -> Stage:
    found = enrolment.stage(ground.store, ground.key, cookie(ground, STAGE), ground.now)
    if found is None:
        raise outcome.link_over()
    return found


def _factor_page(ground: Ground, found: Stage, fault: str = "", status: int = 200) -> Response:
    us, row = passkey.party(ground.settings.base_url), found.account
    return render_page(
        "enrol_second.html",
        "A second step for signing in",
        status=status,
        qr=qr(totp.address(found.totp_secret, row.name, "Handoff")),
        secret=" ".join(found.totp_secret[start : start + 4] for start in range(0, len(found.totp_secret), 4)),
        passkey=passkey.creation_options(ground.key, us, row, [], ground.now) if us is not None else "",
        fault=fault,
    )


def _second_sent(ground: Ground) -> Response:
    check_own_form(ground.settings.base_url)
    found = _stage(ground)
    factor: Factor = "passkey" if request.form.get("passkey") else "code"
    try:
        enrolled = enrolment.finish(ground.store, ground.key, cookie(ground, STAGE), factor, request.form.get(factor, ""), ground.asked())
    except Refused:
        return _factor_page(ground, found, _WRONG[factor], 400)
    response = start_session(ground, codes_page(enrolled.codes, is_first=True), enrolled.begun)
    drop_cookie(ground, response, STAGE)
    return response


def codes_page(codes: list[str], *, is_first: bool) -> Response:
    """The only time that recovery codes are shown."""
    return render_page("recovery_codes.html", "Your recovery codes", codes=codes, is_first=is_first)


def qr(text: str) -> Markup:
    """A QR code as an SVG that stands in the page."""
    return Markup(segno.make(text, error="m").svg_inline(scale=5, border=2, dark="#1c2b33", light="#fff"))  # noqa: S704 - drawn by segno out of squares
