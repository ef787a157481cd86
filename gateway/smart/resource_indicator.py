"""Resource indicators (RFC 8707): a client says for which server it wants a token, and the token says so too. There is one such server here."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error

from gateway.smart.client import OAuthClient


class TargetRefused(OAuth2Error):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 8707 section 2."""

    error = "invalid_target"
    status_code = 400


def check_resource(client: OAuthClient, fhir_base: str, asked: str | None) -> str | None:
    """The audience of the token: our FHIR base, where it (with or without a slash at the end) or the base URL above it was named.

    None where none was named, which a strict client may not leave out. Raises TargetRefused.
    """
    if not asked:
        if client.strict:
            raise TargetRefused("This client must name the server that its token is for: resource.")
        return None
    if asked.removesuffix("/") not in (fhir_base, fhir_base.rpartition("/")[0]):
        raise TargetRefused("The only resource here is the FHIR server, by its base address.")
    return fhir_base
