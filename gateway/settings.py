"""Every setting once, typed, read from HANDOFF_* variables. A wrong one stops the start with one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway.store.engine import backend_of

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BadSetting(ValueError):
    """A setting that is missing or wrong; its text names the variable and the mend."""


class Setting(NamedTuple):
    """One variable: its name, default, reader, and what it is for (the README's table)."""

    variable: str
    default: str
    read: Callable[[str], Any]
    meaning: str


def _database_url(text: str) -> str:
    backend_of(text)
    return text


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    local = parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must begin with https:// (http:// only on this machine)")
    if parts.query or parts.fragment or text.endswith("/"):
        raise ValueError("must be the public address without a trailing slash, query or fragment")
    return text


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be {' or '.join(words)}")
        return text

    return read


def _issuer(text: str) -> str:
    if text and not text.startswith("https://"):
        parts = urlsplit(text)
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
            raise ValueError("must begin with https:// (http:// only on this machine)")
    if "|" in text or "?" in text or "#" in text:
        raise ValueError("must be the provider's issuer as it writes it, without query or fragment")
    return text


def _file(text: str) -> Path | None:
    return Path(text) if text else None


SETTINGS: dict[str, Setting] = {
    "database_url": Setting("HANDOFF_DATABASE_URL", "sqlite:///demo/handoff.db", _database_url, "Where records and resources are kept: SQLite, or PostgreSQL when outgrown."),
    "base_url": Setting("HANDOFF_BASE_URL", "http://127.0.0.1:8000", _base_url, "The public address of this gateway; FHIR is served at /fhir below it."),
    "secret_key_file": Setting("HANDOFF_SECRET_KEY_FILE", "demo/keys/gateway.jwks.json", Path, "The gateway's own private keys (JWK set, mode 0600); made by `handoff init`."),
    "host": Setting("HANDOFF_HOST", "127.0.0.1", str, "The address to listen on."),
    "port": Setting("HANDOFF_PORT", "8000", _whole(1, 65535), "The port to listen on."),
    "workers": Setting("HANDOFF_WORKERS", "2", _whole(1, 64), "Server processes; one for each core."),
    "allow_private_partners": Setting(
        "HANDOFF_ALLOW_PRIVATE_PARTNERS", "no", _yes, "yes: partners and their keys may be at private or loopback addresses (trials on one machine)."
    ),
    "poll_seconds": Setting("HANDOFF_POLL_SECONDS", "30", _whole(1, 86400), "How often the worker asks partners how their referrals stand."),
    "session_idle_minutes": Setting("HANDOFF_SESSION_IDLE_MINUTES", "15", _whole(1, 720), "Minutes without a request after which a person is signed out."),
    "openid_issuer": Setting("HANDOFF_OPENID_ISSUER", "", _issuer, "The practice's OpenID provider, where people may sign in; empty: none."),
    "openid_client_id": Setting("HANDOFF_OPENID_CLIENT_ID", "", str, "The client_id this gateway has at that provider."),
    "openid_secret_file": Setting("HANDOFF_OPENID_SECRET_FILE", "", _file, "A file with this gateway's secret at that provider; empty: a public client, by PKCE alone."),
    "proxies": Setting(
        "HANDOFF_PROXIES", "0", _whole(0, 4), "How many reverse proxies stand in front and write X-Forwarded-For: failed sign-ins are counted by the address behind them."
    ),
    "max_body_mb": Setting("HANDOFF_MAX_BODY_MB", "16", _whole(1, 1024), "The largest request body taken, in MB."),
    "registration": Setting(
        "HANDOFF_REGISTRATION", "off", _one_of("off", "approval"), "approval: apps may register themselves and can do nothing until `handoff client approve` (RFC 7591)."
    ),
    "brands": Setting("HANDOFF_BRANDS", "no", _yes, "yes: the practice's name, address, NPI and website are published at /brands, for apps that look for it (SMART brands)."),
    "brand_file": Setting("HANDOFF_BRAND_FILE", "", _file, "What the practice says of itself at /brands beyond its record (JSON): website, logo, aliases, portal."),
}


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    database_url: str
    base_url: str
    secret_key_file: Path
    host: str
    port: int
    workers: int
    allow_private_partners: bool
    poll_seconds: int
    session_idle_minutes: int
    openid_issuer: str
    openid_client_id: str
    openid_secret_file: Path | None
    proxies: int
    max_body_mb: int
    registration: str
    brands: bool
    brand_file: Path | None

    @property
    def fhir_base(self) -> str:
        return f"{self.base_url}/fhir"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read every setting. Raises BadSetting for a wrong one and for a HANDOFF_ variable that does not exist."""
    known = {setting.variable for setting in SETTINGS.values()} | {"HANDOFF_REFERENCE_DATA"}
    for variable in environment:
        if variable.startswith("HANDOFF_") and variable not in known:
            raise BadSetting(f"{variable} is no setting of Handoff; check its spelling in the README's table of settings.")
    return Settings(**{name: _read(setting, environment) for name, setting in SETTINGS.items()})


def _read(setting: Setting, environment: Mapping[str, str]) -> Any:
    try:
        return setting.read(environment.get(setting.variable) or setting.default)
    except ValueError as fault:
        raise BadSetting(f"{setting.variable} {fault}.") from None
