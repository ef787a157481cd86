"""Where the browser is sent when an app is told something: its own address, as registered, with parameters after it.

RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207 (`iss`). The address is never taken apart and put together anew: a query that was
registered stays as it was, byte by byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """The address with these behind its query; a registered address has no fragment."""
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode(parameters)}"


def code_answer(redirect_uri: str, code: str, state: str, issuer: str) -> str:
    return with_parameters(redirect_uri, {"code": code, "state": state, "iss": issuer})


def error_answer(refusal: OAuth2Error, issuer: str) -> str:
    """For a refusal that has a redirect URI."""
    told = {"error": str(refusal.error), "error_description": str(refusal.description)} | ({"state": refusal.state} if refusal.state is not None else {})
    return with_parameters(refusal.redirect_uri, told | {"iss": issuer})
