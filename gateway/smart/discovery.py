"""`/.well-known/smart-configuration` (SMART 2.2.0 conformance): what the authorization server can do, and nothing that it cannot."""

from __future__ import annotations

from typing import Any

from gateway.smart import scope
from gateway.smart.client import AUTH_METHOD, GRANT_TYPE
from gateway.smart.client_assertion import ALGORITHMS

CAPABILITIES = ("client-confidential-asymmetric", "permission-v1", "permission-v2")


def smart_configuration(public_url: str) -> dict[str, Any]:
    """All URLs are absolute. `code_challenge_methods_supported` is required even where no user ever signs in."""
    return {
        "token_endpoint": f"{public_url}/oauth/token",
        "grant_types_supported": [GRANT_TYPE],
        "token_endpoint_auth_methods_supported": [AUTH_METHOD],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint": f"{public_url}/oauth/revoke",
        "introspection_endpoint": f"{public_url}/oauth/introspect",
        "scopes_supported": scope.supported(),
        "code_challenge_methods_supported": ["S256"],
        "capabilities": list(CAPABILITIES),
    }
