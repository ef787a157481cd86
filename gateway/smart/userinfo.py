"""What is told of a person: in an id_token, and at /oauth/userinfo (OpenID Connect Core 1.0 section 5.3)."""

from __future__ import annotations

from gateway.privacy.principal import Principal


class NotOpenid(Exception):
    """The token is of no sign-in: its scope has no `openid`, or nobody signed in."""


def userinfo(principal: Principal, fhir_base: str) -> dict[str, str]:
    """Raises NotOpenid."""
    scope, user = principal.scope.split(" "), principal.user
    if user is None or "openid" not in scope:
        raise NotOpenid
    return told(user.account, user.display, user.fhir_user, principal.scope, fhir_base)


def told(account: str, display: str, fhir_user: str | None, scope: str, fhir_base: str) -> dict[str, str]:
    """The claims about a person that these scopes allow. `fhirUser` is absolute (SMART 2.2.0 scopes-and-launch-context)."""
    names, claims = scope.split(" "), {"sub": account}
    if "fhirUser" in names and fhir_user:
        claims["fhirUser"] = f"{fhir_base}/{fhir_user}"
    return claims | ({"name": display} if "profile" in names else {})
