"""create_app: the one place that wires; nothing imports it but the command line and the tests."""

from __future__ import annotations

import logging
from functools import partial

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway.clock import Clock, system_clock
from gateway.http import error
from gateway.http.access import check_decided
from gateway.http.brands import brands_blueprint
from gateway.http.cors import add_cors
from gateway.http.discovery import discovery_blueprint, place_of
from gateway.http.documents import documents_blueprint
from gateway.http.guard import wiring
from gateway.http.key_sets import key_sets_blueprint
from gateway.http.oauth import oauth_blueprint
from gateway.http.records import records_blueprint
from gateway.http.registration import registration_blueprint
from gateway.http.route import fhir_blueprint
from gateway.http.userinfo import userinfo_blueprint
from gateway.http.wiring import Wiring
from gateway.people import secret_key
from gateway.people.attempts import network_of
from gateway.settings import Settings, read_settings
from gateway.smart.brand_words import read_words
from gateway.smart.brands import brand_properties
from gateway.smart.key import OwnKeys
from gateway.smart.logout import EndSession
from gateway.smart.practice_key import PracticeKeys
from gateway.smart.registration import Registry
from gateway.smart.registration_document import Reader
from gateway.store.audit import Journal
from gateway.store.engine import Store
from gateway.web.account import account_blueprint
from gateway.web.authorize import authorize_blueprint
from gateway.web.enrol import enrol_blueprint
from gateway.web.ground import Ground
from gateway.web.launching import launching_blueprint
from gateway.web.logout import logout_blueprint
from gateway.web.openid import openid_blueprint
from gateway.web.sign_in import sign_in_blueprint
from gateway.web.start import start_blueprint
from gateway.web.static_files import static_blueprint

_log = logging.getLogger("handoff.access")
_A_YEAR_S = 31_536_000


def create_app(settings: Settings, *, store: Store | None = None, clock: Clock = system_clock) -> Flask:
    """The WSGI application over one store."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_mb * 1024 * 1024
    wired_store = store or Store(settings.database_url)
    app.extensions["handoff"] = Wiring(settings, wired_store, Journal(wired_store), clock)
    keys = OwnKeys(settings.secret_key_file, clock)
    error.register(app, settings.max_body_mb)
    app.register_blueprint(oauth_blueprint(wired_store, clock, settings.base_url, settings.fhir_base, allow_private_jwks=settings.allow_private_partners, keys=keys))
    app.register_blueprint(key_sets_blueprint(PracticeKeys(keys, clock), wired_store))
    app.register_blueprint(userinfo_blueprint())
    app.register_blueprint(fhir_blueprint())
    app.register_blueprint(records_blueprint())
    app.register_blueprint(documents_blueprint())
    app.register_blueprint(start_blueprint(settings, wired_store))
    ground = Ground(settings, wired_store, clock, secret_key.load_or_create(secret_key.beside(settings.secret_key_file)), error.request_id, app.extensions["handoff"].journal)
    for blueprint in (
        sign_in_blueprint(ground),
        enrol_blueprint(ground),
        account_blueprint(ground),
        openid_blueprint(ground),
        authorize_blueprint(ground),
        launching_blueprint(ground),
        static_blueprint(),
    ):
        app.register_blueprint(blueprint)
    app.register_blueprint(logout_blueprint(ground, EndSession(wired_store, clock, keys, settings.base_url)))
    words = read_words(settings.brand_file)
    app.register_blueprint(discovery_blueprint(place_of(settings), partial(brand_properties, wired_store, settings.base_url, words) if settings.brands else dict))
    if settings.brands:
        app.register_blueprint(brands_blueprint(wired_store, settings.base_url, words))
    if settings.registration != "off":
        registry = Registry(wired_store, clock, settings.base_url, Reader(settings.allow_private_partners))
        app.register_blueprint(registration_blueprint(registry, lambda address: ground.key.mark("attempt", "register", network_of(address)).hex()))
    add_cors(app, wired_store)
    app.before_request(check_decided)
    app.after_request(_finish)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]  # Flask's way
    return app


def serve_app() -> Flask:
    """What the server loads in each worker process."""
    return create_app(read_settings())


def _finish(response: Response) -> Response:
    """Every answer names its request; the log line holds the route's pattern, never an address as it was sent."""
    response.headers["X-Request-Id"] = error.request_id()
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if wiring().settings.base_url.startswith("https://"):  # RFC 6797: no browser that was here comes back by plain http
        response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_S}"
    _log.info("%s %s %s %s", request.method, request.url_rule or "-", response.status_code, g.get("request_id", "-"))
    return response
