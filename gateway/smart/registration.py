"""Dynamic client registration (RFC 7591) and its management by the client itself (RFC 7592), on Authlib's endpoints.

Whoever registers may do nothing until an operator approves; a registration that is changed waits for approval again, since what was approved is
another thing now. The registration access token is 256 random bits, stored as a digest and replaced at every change. A client unknown
and a token that is wrong get one answer.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import JsonPayload, JsonRequest
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc7591 import ClientMetadataClaims, ClientRegistrationEndpoint, InvalidClientMetadataError, InvalidRedirectURIError
from authlib.oauth2.rfc7591.errors import UnapprovedSoftwareStatementError
from authlib.oauth2.rfc7592 import ClientConfigurationEndpoint
from authlib.oidc.registration import ClientMetadataClaims as OpenIDClaims

from gateway.clock import Clock, to_ms
from gateway.smart.app import BadRedirectUri, new_secret, secret_digest
from gateway.smart.client import BadRegistration, OAuthClient, client_of, revoke_client
from gateway.smart.client_secret import BY_SECRET
from gateway.smart.jwks import BadKeySet
from gateway.smart.registration_document import SERVER_METADATA, Reader, metadata_of
from gateway.smart.scope import BadScope
from gateway.store import oauth, registration
from gateway.store import practice as practices
from gateway.store.engine import Store
from gateway.store.oauth import ClientRow

MOST_WAITING = 100
WAITING_COUNTS_MS = 30 * 86_400_000
"""So many may wait for approval in a practice; one that has waited a month is no longer counted."""


class TooMany(OAuth2Error):  # type: ignore[misc]  # Authlib publishes no types
    """Come back later."""

    error = "temporarily_unavailable"
    status_code = 429


@dataclass(frozen=True)
class Registry:
    """What the endpoints stand on."""

    store: Store
    clock: Clock
    public_url: str
    reader: Reader

    @property
    def now(self) -> int:
        return to_ms(self.clock())


class _Document(JsonPayload):  # type: ignore[misc]  # Authlib publishes no types
    """A document that came in."""

    data: dict[str, Any] = {}  # noqa: RUF012 (Authlib's name for it; set anew on every instance)

    def __init__(self, written: dict[str, Any]) -> None:
        self.data = written


class Asking(JsonRequest):  # type: ignore[misc]  # Authlib publishes no types
    """A request to register or to manage. `client_id`: from the address."""

    def __init__(self, method: str, bearer: str, written: dict[str, Any], client_id: str = "") -> None:
        super().__init__(method, "")
        self.payload = _Document(written)
        self.bearer = bearer
        self.client_id = client_id
        self.row: ClientRow | None = None
        self.secret: str | None = None


class _Claims(ClientMetadataClaims):  # type: ignore[misc]  # Authlib publishes no types
    """Authlib's, but for what our own reader judges: addresses (Authlib's take no private-use scheme) and keys."""

    def validate_redirect_uris(self) -> None:
        pass

    def validate_jwks(self) -> None:
        if "jwks" in self and "jwks_uri" in self:
            raise InvalidClientMetadataError("jwks and jwks_uri exclude each other.")


_CLAIMS = [_Claims, OpenIDClaims]


class Register(ClientRegistrationEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 7591, open to everyone who reaches it: what it makes is good for nothing until it is approved."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(claims_classes=_CLAIMS)
        self._registry = registry

    def authenticate_token(self, _request: Asking) -> str:
        return "open"

    def get_server_metadata(self) -> dict[str, Any]:
        return SERVER_METADATA

    def extract_client_metadata(self, request: Asking) -> dict[str, Any]:
        with self._registry.store.read() as connection:
            ids = practices.all_ids(connection)
        if not ids:
            raise TooMany("There is no practice here yet.")
        request.row = _row(self._registry, request.payload.data, ids[0])
        super().extract_client_metadata(request)
        return metadata_of(client_of(request.row, self._registry.now))

    def generate_client_info(self, request: Asking) -> dict[str, Any]:
        row = _known(request)
        told = {"client_id": row.client_id, "client_id_issued_at": row.created_at // 1000}
        if row.auth_method != BY_SECRET:
            return told
        request.secret = new_secret()
        return told | {"client_secret": request.secret, "client_secret_expires_at": 0}

    def save_client(self, _info: Any, _metadata: Any, request: Asking) -> OAuthClient:
        request.bearer = new_secret()
        row = _known(request)._replace(registration_digest=secret_digest(request.bearer), secret_digest=secret_digest(request.secret) if request.secret else None)
        with self._registry.store.write() as connection:
            if registration.waiting(connection, row.practice, self._registry.now - WAITING_COUNTS_MS) >= MOST_WAITING:
                raise TooMany("Too many registrations wait for approval; ask the practice.")
            oauth.add_client(connection, row)
        return client_of(row, self._registry.now)

    def generate_client_registration_info(self, client: OAuthClient, request: Asking) -> dict[str, Any]:
        return _management(self._registry, client, request)


class Manage(ClientConfigurationEndpoint):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 7592: a client reads, changes and ends its own registration."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(claims_classes=_CLAIMS)
        self._registry = registry

    def authenticate_token(self, request: Asking) -> _Held:
        with self._registry.store.read() as connection:
            row = oauth.client(connection, request.client_id)
        digest = row.registration_digest if row is not None and row.revoked_at is None else None
        if not hmac.compare_digest(secret_digest(request.bearer), digest or _OF_NOBODY) or row is None:
            raise InvalidTokenError(_REFUSED)
        request.row = row
        return _Held(row.client_id)

    def authenticate_client(self, request: Asking) -> OAuthClient:
        return client_of(_known(request), self._registry.now)

    def check_permission(self, _client: OAuthClient, _request: Asking) -> bool:
        return True

    def get_server_metadata(self) -> dict[str, Any]:
        return SERVER_METADATA

    def introspect_client(self, client: OAuthClient) -> dict[str, Any]:
        return {"client_id": client.client_id, "client_id_issued_at": client.created_at // 1000, **metadata_of(client)}

    def generate_client_registration_info(self, client: OAuthClient, request: Asking) -> dict[str, Any]:
        return _management(self._registry, client, request)

    def extract_client_metadata(self, request: Asking) -> dict[str, Any]:
        before = _known(request)
        written = _row(self._registry, request.payload.data, before.practice)
        super().extract_client_metadata(request)
        if (written.auth_method, written.role) != (before.auth_method, before.role):
            raise InvalidClientMetadataError("Neither the authentication method nor the kind of a client changes; register a new one.")
        request.row = before._replace(**{name: getattr(written, name) for name in _WRITTEN})
        return {}

    def create_update_client_response(self, client: OAuthClient, request: Asking) -> Any:
        secret = request.payload.data.get("client_secret", "")
        if not isinstance(secret, str) or not secret.isascii():
            raise InvalidClientMetadataError("client_secret, where it is sent, is the one that stands.")
        return super().create_update_client_response(client, request)

    def update_client(self, client: OAuthClient, _metadata: Any, request: Asking) -> OAuthClient:
        """What the client writes takes the place of what stands, if the token still counts: of two at once, one is refused."""
        asked = _known(request)
        request.bearer = new_secret()
        with self._registry.store.write() as connection:
            before = oauth.client(connection, client.client_id)
            if before is None or before.registration_digest != asked.registration_digest:
                raise InvalidTokenError(_REFUSED)
            written = before._replace(**{name: getattr(asked, name) for name in _WRITTEN})
            after = written._replace(registration_digest=secret_digest(request.bearer), approved_at=before.approved_at if written == before else None)
            if not oauth.change_client(connection, before, after):
                raise InvalidTokenError(_REFUSED)
        return client_of(after, self._registry.now)

    def delete_client(self, client: OAuthClient, _request: Asking) -> None:
        revoke_client(self._registry.store, self._registry.clock, client.client_id)


@dataclass(frozen=True)
class _Held:
    """A registration access token that is good, and the client it is for."""

    client_id: str

    def check_client(self, client: OAuthClient) -> bool:
        return client.client_id == self.client_id


_REFUSED = "The registration access token is unknown, was replaced, or belongs to another client."
_OF_NOBODY = secret_digest(new_secret())
_WRITTEN = ("name", "scope", "jwks", "jwks_uri", "redirect_uris", "launch_uri", "post_logout_redirect_uris", "origins", "strict", "about")
"""The columns that a client writes itself."""


def answer(endpoint: Callable[[Asking], tuple[int, Any, Any]], asked: Asking) -> tuple[int, Any, list[tuple[str, str]]]:
    """Status, body and headers, of what was done or why it was not."""
    try:
        status, body, headers = endpoint(asked)
    except OAuth2Error as fault:
        status, body, headers = fault()
    return status, body, list(headers)


def _row(registry: Registry, written: dict[str, Any], practice: str) -> ClientRow:
    """The document as a new client. Raises the errors of RFC 7591 section 3.2.2."""
    if written.get("software_statement") is not None:
        raise UnapprovedSoftwareStatementError("No issuer of software statements is trusted here; register without one.")
    try:
        return registry.reader.row(written, practice, registry.now)
    except BadRedirectUri as fault:
        raise InvalidRedirectURIError(_plain(fault)) from None
    except (BadScope, BadKeySet, BadRegistration) as fault:
        raise InvalidClientMetadataError(_plain(fault)) from None


def _plain(fault: Exception) -> str:
    """RFC 6749 lets an error's description hold no quotes."""
    return str(fault).replace('"', "'")


def _known(request: Asking) -> ClientRow:
    if request.row is None:
        raise InvalidTokenError
    return request.row


def _management(registry: Registry, client: OAuthClient, request: Asking) -> dict[str, Any]:
    return {"registration_client_uri": f"{registry.public_url}/oauth/register/{client.client_id}", "registration_access_token": request.bearer}
