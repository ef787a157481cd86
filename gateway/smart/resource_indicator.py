"""Resource indicators (RFC 8707): a client says for which server it wants a token, and the token says so too. There is one such server here."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error

from gateway.smart.client import OAuthClient


class TargetRefused(OAuth2Error):  # type: ignore[misc]  # Authlib publishes no types
    """RFC 8707 section 2."""

    error = "invalid_target"
    status_code = 400


def check_resource(client: OAuthClient, fhir_base: str, asked: str | None, *, named_before: bool = False) -> str:
    """The audience of the token: our FHIR base, which may be asked for with a slash at the end, or by the base URL above it.

    A strict client must name it, in this request or, `named_before`, in the one that this request goes on from. Raises TargetRefused.
    """
    if not asked:
        if client.strict and not named_before:
            raise TargetRefused("This client must name the server that its token is for: resource.")
    elif asked.removesuffix("/") not in (fhir_base, fhir_base.rpartition("/")[0]):
        raise TargetRefused("The only resource here is the FHIR server, by its base address.")
    return fhir_base
