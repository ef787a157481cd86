"""An OpenID provider on loopback HTTP: Authlib's authorization server with OpenID Connect Core's code flow, and a hand to make it lie."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants.util import create_half_hash
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from tests.world import World

CLIENT_ID, SECRET = "gateway at practice", "s3cret: with signs & spaces"
Lie = Callable[[dict[str, Any], dict[str, Any]], None]
"""Changes the header and the claims of an id_token before it is signed."""


class _Client:
    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return "openid"

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == "http://127.0.0.1:8000/sign-in/openid/return"

    def check_client_secret(self, secret: str) -> bool:
        return unquote_plus(secret) == SECRET  # RFC 6749 section 2.3.1

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Provider:
    """Whoever comes is `sub`. What it says of itself and signs can be changed."""

    world: World
    issuer: str = ""
    sub: str = "subject-1"
    algorithm: str = "RS256"
    rsa: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig", "kid": "r"}))
    ec: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"use": "sig", "kid": "e"}))
    wide: ECKey = field(default_factory=lambda: ECKey.generate_key("P-384", {"use": "sig", "kid": "w"}))
    lie: Lie = lambda header, claims: None
    signs: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, _Code] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def honest(self) -> None:
        """As it should be."""
        self.lie, self.signs, self.sub, self.algorithm = (lambda header, claims: None), None, "subject-1", "RS256"
        self.metadata.clear()

    def id_token(self, access_token: str, code: _Code) -> str:
        now = int(self.world.clock().timestamp())
        header = {"alg": self.algorithm, "kid": {"RS": "r", "ES256": "e", "ES384": "w"}[self.algorithm if self.algorithm.startswith("ES") else "RS"]}
        half = create_half_hash(access_token, self.algorithm)
        claims = {
            "iss": self.issuer,
            "sub": self.sub,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": code.nonce,
            "auth_time": now,
            "at_hash": half.decode(),
            "amr": ["pwd", "otp", "x"],
        }
        self.lie(header, claims)
        if self.signs is not None:
            return self.signs(header, claims)
        return jwt.encode(header, claims, {"r": self.rsa, "e": self.ec, "w": self.wide}[header["kid"]], algorithms=[header["alg"]])

    def app(self) -> Flask:
        app, provider = Flask("provider"), self
        server = AuthorizationServer(app, query_client=lambda client_id: _Client() if unquote_plus(client_id) == CLIENT_ID else None, save_token=lambda token, request: None)

        class Grant(AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

            def save_authorization_code(self, code: str, request: Any) -> None:
                asked = request.payload.data
                provider.codes[code] = _Code(code, asked["redirect_uri"], asked["scope"], asked["nonce"], asked["code_challenge"], asked["code_challenge_method"])

            def query_authorization_code(self, code: str, client: Any) -> _Code | None:
                return provider.codes.get(code)

            def delete_authorization_code(self, authorization_code: _Code) -> None:
                provider.codes.pop(authorization_code.code)

            def authenticate_user(self, authorization_code: _Code) -> str:
                return provider.sub

        class IdTokens:
            def __call__(self, grant: Any) -> None:
                grant.register_hook("after_create_token_response", self.add)

            def add(self, grant: Any, response: Any) -> None:
                response[1]["id_token"] = provider.id_token(response[1]["access_token"], grant.request.authorization_code)

        server.register_grant(Grant, [CodeChallenge(required=True), IdTokens()])
        app.add_url_rule("/authorize", "authorize", lambda: self._authorize(server), methods=["GET"])
        app.add_url_rule("/token", "token", server.create_token_response, methods=["POST"])
        app.add_url_rule("/keys", "keys", lambda: jsonify(KeySet([self.rsa, self.ec, self.wide]).as_dict(private=False)))
        app.add_url_rule("/.well-known/openid-configuration", "metadata", lambda: jsonify(self.told()))
        return app

    def told(self) -> dict[str, Any]:
        own = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}
        return own | {"response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]} | self.metadata

    def _authorize(self, server: AuthorizationServer) -> Any:
        self.asked.append(request.args.to_dict())
        answer = server.create_authorization_response(grant_user=self.sub, grant=server.get_consent_grant(end_user=self.sub))
        named = self.metadata.get("names", self.issuer) if self.metadata.get("authorization_response_iss_parameter_supported") else None
        return redirect(f"{answer.headers['Location']}&iss={named}") if named else answer


@contextmanager
def serving(world: World) -> Iterator[Provider]:
    """At http://127.0.0.1:<port> until left."""
    provider = Provider(world)
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
