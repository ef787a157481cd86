"""The exchange of an authorization code for tokens (RFC 6749 section 4.1.3, RFC 7636, SMART 2.2.0 app-launch).

A code is looked at before it is used: whoever cannot prove to be the app it was given to, or cannot name its redirect URI and its
verifier, changes nothing. Such a request could otherwise end a sign-in for good by one guess, and PKCE already makes a code that leaked
worthless to its finder: 256 bits cannot be guessed in its 60 seconds. All else happens in the transaction that stores the tokens, so
that of many parallel uses exactly one wins; every other valid use is a replay and ends the grant with all its tokens (RFC 6749 section
4.1.2, RFC 9700 section 2.1.1; ASVS 10.4.2 likewise means the second *valid* request).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.hooks import hooked
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge

from gateway.smart import token
from gateway.smart.client import OAuthClient
from gateway.smart.client_secret import AUTH_METHODS
from gateway.smart.issuer import Issuer
from gateway.smart.proven import Proven
from gateway.smart.token_response import bound_by, issue
from gateway.store import single_use
from gateway.store.engine import Connection
from gateway.store.grant import living, revoke_grant

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_BAD_CODE = "The code is unknown, used, run out or was given to another app; start the authorization again."


@dataclass(frozen=True)
class Code:
    """An authorization code, with the question that Authlib asks of one."""

    digest: str
    payload: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return str(self.payload["redirect_uri"])


class CodeGrant(Proven, AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib publishes no types
    """The token endpoint's half of Authlib's grant; the authorization endpoint is our own."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def query_authorization_code(self, code: str, client: OAuthClient) -> Code:
        """Raises InvalidGrantError, and changes nothing, for one who is not the app, or lacks the key, that the code was given to."""
        digest = token.digest_of(code)
        with self.server.issuer.store.read() as connection:
            payload = single_use.known(connection, "code", digest)
        if payload is None or payload["client_id"] != client.client_id or payload["jkt"] not in (None, self.request.jkt):
            raise InvalidGrantError(_BAD_CODE)
        return Code(digest, payload)

    @hooked  # type: ignore[untyped-decorator]  # Authlib publishes no types
    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """In place of Authlib's, which uses the code after it stored the tokens, and writes them into its log."""
        return self.answered(_exchange, _BAD_CODE)


def _exchange(connection: Connection, issuer: Issuer, request: Any) -> dict[str, Any] | None:
    """The token response; None where the code is no longer good. A replay ends the grant."""
    code: Code = request.authorization_code
    used = single_use.use(connection, "code", code.digest, issuer.now)
    if used is None or not used.first:
        revoke_grant(connection, code.payload["grant"], issuer.now)
        return None
    request.user = living(connection, code.payload["grant"], issuer.now)
    if not used.live or request.user is None:
        return None
    return issue(connection, issuer, request.user, bound_by(request, request.user.grant.scope))


class Pkce(CodeChallenge):  # type: ignore[misc]  # Authlib publishes no types
    """S256 and nothing else, for every kind of app; `plain` and requests without PKCE do not exist here (SMART 2.2.0, RFC 9700 section 2.1.1)."""

    def validate_code_verifier(self, grant: CodeGrant, result: Any) -> None:  # noqa: ARG002 (Authlib's signature)
        verifier = grant.request.form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier):
            raise InvalidRequestError("code_verifier is missing, or not 43 to 128 letters, digits and -._~ (RFC 7636).")
        if not hmac.compare_digest(create_s256_code_challenge(verifier), grant.request.authorization_code.payload["code_challenge"]):
            raise InvalidGrantError("code_verifier does not match the code_challenge of the authorization request.")
