"""A client that proves its key as RFC 9449 has it, and can be told to do each thing wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from tests.token.given import App
from tests.world import StillClock

TOKEN_URL = "http://127.0.0.1:8000/oauth/token"


@dataclass
class Prover:
    """`key`: what its tokens are bound to."""

    clock: StillClock
    key: ECKey | RSAKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    alg: str = "ES256"

    @property
    def jkt(self) -> str:
        return self.key.thumbprint()

    def header(self, **changes: Any) -> dict[str, Any]:
        return _changed({"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key.as_dict(private=False)}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        return _changed({"jti": uuid.uuid4().hex, "htm": "POST", "htu": TOKEN_URL, "iat": int(self.clock().timestamp())}, changes)

    def proof(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """Signed by its own key, or by `key`. A claim of None is left out."""
        return signed(header or self.header(), self.claims(**claims), key or self.key)

    def for_resource(self, access_token: str, url: str, method: str = "GET", **claims: Any) -> str:
        return self.proof(htm=method, htu=url, **({"ath": ath(access_token)} | claims))


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """A JWS of whatever is in it; the library would refuse to make most of the bad ones."""
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(jws.JWSRegistry.algorithms[header['alg']].sign(text.encode(), key))}"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def ath(access_token: str) -> str:
    return b64(hashlib.sha256(access_token.encode()).digest())


def ask(app: App, proof: str | list[str] | None, path: str = "/oauth/token", **form: str | None) -> TestResponse:
    """A form from this app, with its own proof of who it is and these DPoP headers."""
    own, headers = app.proof()
    whole = {name: value for name, value in (own | form).items() if value is not None}
    proofs = [("DPoP", one) for one in ([proof] if isinstance(proof, str) else proof or [])]
    return app.world.http.post(path, data=urlencode(whole), content_type="application/x-www-form-urlencoded", headers=[*headers.items(), *proofs])


def nonce(app: App, prover: Prover) -> str:
    """A nonce, as every client gets its first: by a request without one."""
    response = ask(app, prover.proof(), grant_type="refresh_token", refresh_token="none")
    assert (response.status_code, response.get_json()["error"]) == (400, "use_dpop_nonce")
    return response.headers["DPoP-Nonce"]


def _changed(whole: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (whole | changes).items() if value is not None}
