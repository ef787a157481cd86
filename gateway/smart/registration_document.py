"""What a client writes about itself (RFC 7591 section 2), read into a registration; and how a registered client is written.

Shapes and bounds come first, since Authlib's claims take them for granted. What is not understood is ignored, as the RFC asks;
what is understood and not done here (encrypted or unsigned answers, pairwise subjects) is refused rather than left out in silence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gateway.smart.app import BadRedirectUri, Registration, app_row, check_about, check_registration
from gateway.smart.client import APP_GRANT_TYPES, GRANT_TYPE, PRIVATE_KEY_JWT, BadRegistration, OAuthClient, backend_row, check_backend_client
from gateway.smart.client_assertion import ALGORITHMS
from gateway.smart.client_secret import AUTH_METHODS, BY_SECRET
from gateway.smart.id_token import ALGORITHM
from gateway.smart.scope import MAX_CHARACTERS
from gateway.store.oauth import ClientRow

ABOUT = ("client_uri", "logo_uri", "tos_uri", "policy_uri", "contacts", "software_id", "software_version")
NOT_DONE = (
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_signed_response_alg",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_signing_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_uris",
    "sector_identifier_uri",
    "tls_client_certificate_bound_access_tokens",
)
"""Refused where they ask for something."""

SERVER_METADATA: dict[str, Any] = {
    "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
    "grant_types_supported": [*APP_GRANT_TYPES, GRANT_TYPE],
    "response_types_supported": ["code"],
    "id_token_signing_alg_values_supported": [ALGORITHM],
    "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    "subject_types_supported": ["public"],
}
"""What Authlib's claims are held against."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Address = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)]
Addresses = Annotated[tuple[Address, ...], Field(max_length=20)]
Few = Annotated[tuple[Text, ...], Field(max_length=10)]


class Document(BaseModel):
    """Its members in their types and sizes; each is still to be judged."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    client_name: Text
    scope: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS), AfterValidator(_printable)]
    redirect_uris: Addresses = ()
    post_logout_redirect_uris: Addresses = ()
    initiate_login_uri: Address | None = None
    token_endpoint_auth_method: Text = BY_SECRET
    token_endpoint_auth_signing_alg: Text | None = None
    id_token_signed_response_alg: Text | None = None
    subject_type: Text | None = None
    application_type: Literal["web", "native"] = "web"
    grant_types: Few = ("authorization_code",)
    response_types: Few | None = None
    client_uri: Address | None = None
    logo_uri: Address | None = None
    tos_uri: Address | None = None
    policy_uri: Address | None = None
    contacts: Few | None = None
    software_id: Text | None = None
    software_version: Text | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: Address | None = None
    dpop_bound_access_tokens: bool = False
    require_pushed_authorization_requests: bool = False

    @property
    def is_backend(self) -> bool:
        return self.grant_types == (GRANT_TYPE,)


@dataclass(frozen=True)
class Reader:
    """Reads documents. `allow_private_jwks`: key sets may be at private addresses (trials on one machine)."""

    allow_private_jwks: bool

    def row(self, written: dict[str, Any], practice: str, now: int) -> ClientRow:
        """A new client as it was written, not approved. Raises BadScope, BadKeySet, BadRegistration, BadRedirectUri."""
        document = read(written)
        _check_grants(document)
        return self._backend(document, practice, now) if document.is_backend else self._app(document, practice, now)

    def _app(self, document: Document, practice: str, now: int) -> ClientRow:
        asked = Registration(
            document.client_name,
            document.scope,
            document.redirect_uris,
            _method(document),
            document.jwks,
            document.jwks_uri,
            document.initiate_login_uri,
            document.post_logout_redirect_uris,
            strict=_strict(document),
            about=_about(document),
        )
        check_registration(asked, allow_private_jwks=self.allow_private_jwks)
        return app_row(asked, practice, now)

    def _backend(self, document: Document, practice: str, now: int) -> ClientRow:
        if document.token_endpoint_auth_method != PRIVATE_KEY_JWT:
            raise BadRegistration("A backend system (client_credentials) proves itself by private_key_jwt.")
        if document.redirect_uris or document.post_logout_redirect_uris or document.initiate_login_uri:
            raise BadRegistration("A backend system has no addresses that people are sent to.")
        keys = document.jwks, document.jwks_uri
        check_backend_client(document.client_name, document.scope, *keys, "partner", allow_private_jwks=self.allow_private_jwks)
        check_about(_about(document))
        row = backend_row(practice, document.client_name, document.scope, *keys, "partner", now)
        return row._replace(strict=int(_strict(document)), about=json.dumps(_about(document)))


def read(written: dict[str, Any]) -> Document:
    """Raises BadRegistration, which names the member and never repeats what stood in it."""
    if any(written.get(name) not in (None, [], False) for name in NOT_DONE):
        raise BadRegistration(f"This server does none of: {', '.join(NOT_DONE)}.")
    try:
        return Document.model_validate({name: tuple(value) if isinstance(value, list) else value for name, value in written.items() if value is not None})
    except ValidationError as fault:
        name = str(fault.errors(include_url=False, include_input=False, include_context=False)[0]["loc"][0])
        kind = BadRedirectUri if name == "redirect_uris" else BadRegistration
        raise kind(f"{name} is missing, too long, or not of its type (RFC 7591 section 2).") from None


def metadata_of(client: OAuthClient) -> dict[str, Any]:
    """What is registered, in the words of RFC 7591: also where something else was asked for."""
    keys = {"jwks": json.loads(client.jwks)} if client.jwks is not None else {"jwks_uri": client.jwks_uri} if client.jwks_uri is not None else {}
    strict = {"dpop_bound_access_tokens": True, "require_pushed_authorization_requests": True} if client.strict else {}
    grants = {"grant_types": list(APP_GRANT_TYPES), "response_types": ["code"]} if client.is_app else {"grant_types": [GRANT_TYPE], "response_types": []}
    addresses = {
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "initiate_login_uri": client.launch_uri,
    }
    said = {name: value for name, value in addresses.items() if value}
    return {"client_name": client.name, "scope": client.scope, "token_endpoint_auth_method": client.auth_method, **grants, **said, **keys, **strict, **client.about}


def _check_grants(document: Document) -> None:
    grants = set(document.grant_types)
    if not document.is_backend and (GRANT_TYPE in grants or "authorization_code" not in grants):
        raise BadRegistration("grant_types are authorization_code, with or without refresh_token; or client_credentials alone.")
    wanted = ((), None) if document.is_backend else (("code",), None)
    if document.response_types not in wanted:
        raise BadRegistration("response_types is code for an app, and empty for a backend system.")
    if document.token_endpoint_auth_signing_alg is not None and document.token_endpoint_auth_method != PRIVATE_KEY_JWT:
        raise BadRegistration("token_endpoint_auth_signing_alg belongs to private_key_jwt.")


def _method(document: Document) -> Any:
    if document.token_endpoint_auth_method not in SERVER_METADATA["token_endpoint_auth_methods_supported"]:
        raise BadRegistration("token_endpoint_auth_method is none, client_secret_basic or private_key_jwt.")
    return document.token_endpoint_auth_method


def _strict(document: Document) -> bool:
    if document.dpop_bound_access_tokens != document.require_pushed_authorization_requests and not document.is_backend:
        raise BadRegistration("The strict profile is one: dpop_bound_access_tokens and require_pushed_authorization_requests go together.")
    return document.dpop_bound_access_tokens


def _about(document: Document) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name in ABOUT if (value := getattr(document, name)) is not None}
