"""Our side as a SMART backend client of partners: discovery at the partner's base, an assertion signed by our key, a token kept until it nears its end.

SMART 2.2.0 backend-services, https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from __future__ import annotations

import copy
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from joserfc import jwt
from joserfc.jwk import Key, KeySet

from gateway.clock import Clock
from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway

ALGORITHMS = ("ES384", "RS384")
"""In the order we like them."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S = 240
"""Below the 300 seconds allowed, so that a partner whose clock is a little behind still accepts it."""
_DEFAULT_LIFE_S = 300
_MARGIN_S = 30
_DISCOVERY_KEPT_S = 3600
_MAX_DOCUMENT = 262_144
_GENERATIONS = 2
"""Where a partner knows our newest key not yet, the one before it is tried, once."""
_KNOWN_ERRORS = frozenset({"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})


KeysOf = Callable[[str], Sequence[Key]]
"""The id of a practice -> the private keys with which it may sign now, named by `kid`, each with its `alg`; of one algorithm the newest first."""


class _Asked(NamedTuple):
    practice: str
    fhir_base: str
    client_id: str
    scope: str


class _Kept(NamedTuple):
    value: str
    until: float


class _TokenEndpoint(NamedTuple):
    url: str
    algorithms: frozenset[str]
    until: float


class BackendClient:
    """Asks partners in the name of a practice. One for the process, which `of` turns to each practice; safe among threads."""

    def __init__(self, outgoing: Outgoing, keys: KeySet | KeysOf, clock: Clock) -> None:
        """`keys`: those of every practice, or one set for whoever asks."""
        self._outgoing = outgoing
        self._keys_of: KeysOf = keys if callable(keys) else lambda _practice: list(keys)
        self._practice = ""
        self._clock = clock
        self._lock = threading.Lock()
        self._endpoints: dict[str, _TokenEndpoint] = {}
        self._tokens: dict[_Asked, _Kept] = {}

    def of(self, practice: str) -> Self:
        """The same, in the name of this practice: with its keys, and tokens of its own."""
        turned = copy.copy(self)
        turned._practice = practice  # noqa: SLF001 - a copy of itself
        return turned

    def token(self, fhir_base: str, client_id: str, scope: str) -> str:
        """An access token for this partner, good for at least half a minute where the partner's tokens live longer. Raises PartnerAway."""
        asked = _Asked(self._practice, fhir_base.rstrip("/"), client_id, scope)
        with self._lock:
            kept = self._tokens.get(asked)
        if kept is not None and self._now() < kept.until:
            return kept.value
        issued = self._issued(asked)
        with self._lock:
            self._tokens[asked] = issued
        return issued.value

    def request(
        self,
        method: str,
        fhir_base: str,
        path: str,
        *,
        client_id: str,
        scope: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask the partner at `path` below its base; where it no longer takes our token, once more with a new one. Raises PartnerAway."""
        url = f"{fhir_base.rstrip('/')}/{path.lstrip('/')}"
        for _ in range(2):
            bearer = self.token(fhir_base, client_id, scope)
            sent = {"Accept": "application/fhir+json", **_body_type(body), **(headers or {}), "Authorization": f"Bearer {bearer}"}
            reply = self._outgoing.request(method, url, headers=sent, data=body)
            if reply.status != 401:
                break
            self._forget(_Asked(self._practice, fhir_base.rstrip("/"), client_id, scope), bearer)
        return reply

    def _forget(self, asked: _Asked, bearer: str) -> None:
        """Another thread may have fetched a newer one meanwhile; that one stays."""
        with self._lock:
            kept = self._tokens.get(asked)
            if kept is not None and kept.value == bearer:
                del self._tokens[asked]

    def _issued(self, asked: _Asked) -> _Kept:
        endpoint = self._endpoint(asked.fhir_base)
        for key in self._signing(endpoint):
            form = {
                "grant_type": "client_credentials",
                "scope": asked.scope,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": self._assertion(endpoint, asked.client_id, key),
            }
            reply = self._outgoing.request("POST", endpoint.url, headers={"Accept": "application/json"}, data=form, max_bytes=_MAX_DOCUMENT)
            answer = _object(reply)
            if answer.get("error") != "invalid_client":  # else: it may not know our newest key yet
                break
        if reply.status != 200:
            raise PartnerAway(f"the partner gave our client no token{_error_code(answer)}", reply.status)
        value, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
            raise PartnerAway("the partner's token answer holds no token", reply.status)
        life_s = life if isinstance(life, int) and life > 0 else _DEFAULT_LIFE_S
        return _Kept(value, self._now() + life_s - min(_MARGIN_S, life_s / 2))

    def _signing(self, endpoint: _TokenEndpoint) -> list[Key]:
        """Our keys that this partner can check, the best first: of the algorithm we like most and it takes, at most two generations."""
        keys = self._keys_of(self._practice)
        for algorithm in ALGORITHMS:
            found = [key for key in keys if key.alg == algorithm and algorithm in endpoint.algorithms]
            if found:
                return found[:_GENERATIONS]
        raise PartnerAway("the partner takes neither ES384 nor RS384 from us")

    def _assertion(self, endpoint: _TokenEndpoint, client_id: str, key: Key) -> str:
        header = {"alg": str(key.alg), "kid": key.kid, "typ": "JWT"}
        times = {"exp": int(self._now()) + _ASSERTION_LIFE_S}
        claims = {"iss": client_id, "sub": client_id, "aud": endpoint.url, "jti": secrets.token_urlsafe(24), **times}
        return jwt.encode(header, claims, key, algorithms=list(ALGORITHMS))

    def _endpoint(self, fhir_base: str) -> _TokenEndpoint:
        with self._lock:
            kept = self._endpoints.get(fhir_base)
        if kept is not None and self._now() < kept.until:
            return kept
        reply = self._outgoing.request("GET", f"{fhir_base}/.well-known/smart-configuration", headers={"Accept": "application/json"}, max_bytes=_MAX_DOCUMENT)
        if reply.status != 200:
            raise PartnerAway("the partner serves no SMART configuration", reply.status)
        configuration = _object(reply)
        url = configuration.get("token_endpoint")
        if not isinstance(url, str):
            raise PartnerAway("the partner's SMART configuration names no token endpoint", reply.status)
        found = _TokenEndpoint(url, _algorithms(configuration), self._now() + _DISCOVERY_KEPT_S)
        with self._lock:
            self._endpoints[fhir_base] = found
        return found

    def _now(self) -> float:
        return self._clock().timestamp()


def _algorithms(configuration: dict[str, Any]) -> frozenset[str]:
    """Those of ours that the partner takes; RS384 where it does not say (SMART 2.2.0 has servers support one of the two)."""
    offered = configuration.get("token_endpoint_auth_signing_alg_values_supported", ["RS384"])
    return frozenset(algorithm for algorithm in ALGORITHMS if isinstance(offered, list) and algorithm in offered)


def _body_type(body: bytes | None) -> dict[str, str]:
    return {} if body is None else {"Content-Type": "application/fhir+json"}


def _object(reply: Reply) -> dict[str, Any]:
    document = reply.document()
    if not isinstance(document, dict):
        raise PartnerAway("the partner's answer is not a JSON object", reply.status)
    return document


def _error_code(answer: dict[str, Any]) -> str:
    code = answer.get("error")
    return f" ({code})" if isinstance(code, str) and code in _KNOWN_ERRORS else ""
