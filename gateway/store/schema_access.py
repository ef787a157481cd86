"""The tables of who may come in: people, apps and systems, and what each was given."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, UniqueConstraint

from gateway.store.column import metadata
from gateway.store.column import number_column as _number
from gateway.store.column import preset_column as _preset
from gateway.store.column import text_column as _text

oauth_client = Table(
    "oauth_client",
    metadata,
    _text("client_id", key=True),
    _text("practice"),
    _text("name"),
    _text("role"),
    _text("recipient", null=True),
    _text("purpose"),
    _text("scope"),
    _text("jwks", null=True),
    _text("jwks_uri", null=True),
    _number("created_at"),
    _number("revoked_at", null=True),
    _preset("auth_method", "private_key_jwt"),
    _text("secret_digest", null=True),
    _text("secret_before", null=True),
    _number("secret_before_until", null=True),
    _preset("redirect_uris", "[]"),
    _text("launch_uri", null=True),
    _preset("post_logout_redirect_uris", "[]"),
    _preset("origins", "[]"),
    Column("strict", BigInteger, nullable=False, server_default="0"),
    _preset("about", "{}"),
    _text("registration_digest", null=True),
    _number("approved_at", null=True),
)
"""A backend client (role practice or partner) or an app that people use (role app). Lists and objects are JSON texts."""

access_token = Table(
    "access_token",
    metadata,
    _text("digest", key=True),
    _text("client_id"),
    _text("scope"),
    _number("issued_at"),
    _number("expires_at"),
    _number("revoked_at", null=True),
    _text("grant_id", null=True),
    _text("jkt", null=True),
    _text("audience", null=True),
    Index(None, "client_id"),
    Index(None, "expires_at"),
    Index(None, "grant_id"),
)
"""`jkt`: the thumbprint of the DPoP key it is bound to (RFC 9449); `audience`: the resource it is for, where one was named (RFC 8707)."""

assertion_jti = Table("assertion_jti", metadata, _text("issuer", key=True), _text("jti", key=True), _number("expires_at"), Index(None, "expires_at"))
"""What was used once and may not be again: a client's assertions, DPoP proofs (`issuer` then names the key), DPoP nonces and passkey challenges."""

single_use = Table(
    "single_use",
    metadata,
    _text("kind", key=True),
    _text("digest", key=True),
    _text("payload"),
    _number("expires_at"),
    _number("used_at", null=True),
    Index(None, "expires_at"),
)
"""What is good for one use: authorization codes, launches, pushed requests, enrolment links, sign-ins on their way."""

oauth_grant = Table(
    "oauth_grant",
    metadata,
    _text("id", key=True),
    _text("practice"),
    _text("client_id"),
    _text("account"),
    _text("session", null=True),
    _text("scope"),
    _text("patient", null=True),
    _text("encounter", null=True),
    _text("context"),
    _text("nonce", null=True),
    _number("authenticated_at"),
    _number("created_at"),
    _number("expires_at"),
    _number("revoked_at", null=True),
    Index(None, "account"),
    Index(None, "client_id"),
    Index(None, "session"),
)
"""What a person allowed an app: the family that codes, access tokens and refresh tokens belong to. `session`: it ends with that session (online access)."""

refresh_token = Table(
    "refresh_token",
    metadata,
    _text("digest", key=True),
    _text("grant_id"),
    _text("scope"),
    _number("issued_at"),
    _number("expires_at"),
    _number("used_at", null=True),
    _text("jkt", null=True),
    Index(None, "grant_id"),
    Index(None, "expires_at"),
)

account = Table(
    "account",
    metadata,
    _text("id", key=True),
    _text("practice"),
    _text("name"),
    _text("display"),
    _text("roles"),
    _text("fhir_user", null=True),
    _text("password_hash", null=True),
    _text("totp_secret", null=True),
    _number("totp_step", null=True),
    _text("openid_subject", null=True),
    _number("created_at"),
    _number("disabled_at", null=True),
    UniqueConstraint("name"),
    UniqueConstraint("openid_subject"),
)
"""A person who signs in. `name`: what is typed, in lower case; `roles`: with single spaces; `fhir_user`: `Practitioner/id` or `Patient/id`."""

passkey = Table(
    "passkey",
    metadata,
    _text("credential_id", key=True),
    _text("account"),
    _text("name"),
    Column("public_key", LargeBinary, nullable=False),
    _number("sign_count"),
    _number("created_at"),
    _number("used_at", null=True),
    Index(None, "account"),
)

recovery_code = Table("recovery_code", metadata, _text("account", key=True), _text("digest", key=True), _number("used_at", null=True))

session = Table(
    "session",
    metadata,
    _text("digest", key=True),
    _text("id"),
    _text("account"),
    _text("methods"),
    _number("authenticated_at"),
    _number("seen_at"),
    _number("expires_at"),
    _number("ended_at", null=True),
    UniqueConstraint("id"),
    Index(None, "account"),
    Index(None, "expires_at"),
)
"""A signed-in browser. `id` may be told (`sid`), the cookie's digest is what it is found by; `methods`: RFC 8176 values with single spaces."""

attempt = Table("attempt", metadata, _text("key", key=True), _number("failures"), _number("since"), _number("barred_until"), Index(None, "since"))
"""Failed sign-ins by what was tried (an account, an address), and what an address began without signing in; the keys are marks that only this gateway can make."""
