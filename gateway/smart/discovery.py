"""What clients read before they ask: `/.well-known/smart-configuration` (SMART 2.2.0 conformance), `/.well-known/openid-configuration`
(OpenID Connect Discovery 1.0 section 3) and the addresses in `/fhir/metadata`. They name what the server can do, and nothing that it cannot.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.smart import dpop, scope
from gateway.smart.authorize import PROMPTS
from gateway.smart.client import APP_GRANT_TYPES, GRANT_TYPE, PRIVATE_KEY_JWT
from gateway.smart.client_assertion import ALGORITHMS
from gateway.smart.client_secret import BY_SECRET
from gateway.smart.id_token import ALGORITHM

CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "context-standalone-encounter",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)
"""All that the four capability sets need: patient and clinician, from the EHR and standalone."""

CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "amr", "at_hash", "fhirUser", "name")


class Place(NamedTuple):
    """Where the server stands, and what of it is switched on."""

    public_url: str
    registration: bool = False
    """Whether apps may register themselves (RFC 7591)."""


def smart_configuration(place: Place) -> dict[str, Any]:
    """All URLs are absolute."""
    return {
        **_common(place),
        "scopes_supported": scope.supported(),
        "management_endpoint": f"{place.public_url}/account",
        "capabilities": list(CAPABILITIES),
    }


def openid_configuration(place: Place) -> dict[str, Any]:
    """Its `issuer` is the public URL, below which it stands."""
    return {
        **_common(place),
        "userinfo_endpoint": f"{place.public_url}/oauth/userinfo",
        "end_session_endpoint": f"{place.public_url}/oauth/logout",
        "scopes_supported": list(scope.SPECIAL),
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": list(CLAIMS),
        "prompt_values_supported": list(PROMPTS),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def oauth_uris(place: Place) -> dict[str, str]:
    """For the extension `oauth-uris` of the CapabilityStatement, which older clients read."""
    names = {"authorize": "authorize", "token": "token", "introspect": "introspect", "revoke": "revoke"} | ({"register": "register"} if place.registration else {})
    return {name: f"{place.public_url}/oauth/{path}" for name, path in names.items()} | {"manage": f"{place.public_url}/account"}


def _common(place: Place) -> dict[str, Any]:
    url = place.public_url
    return {
        "issuer": url,
        "jwks_uri": f"{url}/oauth/jwks",
        "authorization_endpoint": f"{url}/oauth/authorize",
        "token_endpoint": f"{url}/oauth/token",
        "revocation_endpoint": f"{url}/oauth/revoke",
        "introspection_endpoint": f"{url}/oauth/introspect",
        "pushed_authorization_request_endpoint": f"{url}/oauth/par",
        **({"registration_endpoint": f"{url}/oauth/register"} if place.registration else {}),
        "grant_types_supported": [*APP_GRANT_TYPES, GRANT_TYPE],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": [BY_SECRET, PRIVATE_KEY_JWT],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
    }
