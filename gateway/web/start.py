"""The start page and the health addresses. Counts and three commands to try, for the sample practice on this machine alone."""

from __future__ import annotations

from html import escape
from pathlib import Path

from flask import Blueprint, Response, request

from gateway.fhir.capability import SOFTWARE_VERSION
from gateway.privacy.category import CATALOGUE_TYPES
from gateway.sample import PRACTICE_ID
from gateway.settings import Settings
from gateway.store import practice as practices
from gateway.store import resource as resources
from gateway.store.engine import Store
from gateway.web.page import page

_LOOPBACK = ("127.0.0.1", "::1")


def start_blueprint(settings: Settings, store: Store) -> Blueprint:
    """`/`, `/health/live` and `/health/ready`."""
    blueprint = Blueprint("start", __name__)
    blueprint.add_url_rule("/", "start", lambda: _start(settings, store), methods=["GET"])
    blueprint.add_url_rule("/health/live", "live", _live, methods=["GET"])
    blueprint.add_url_rule("/health/ready", "ready", lambda: _ready(store), methods=["GET"])
    return blueprint


def _live() -> Response:
    return Response("alive\n", content_type="text/plain")


def _ready(store: Store) -> Response:
    """200 once the store answers; 503 as an OperationOutcome where it does not."""
    with store.read() as connection:
        practices.all_ids(connection)
    return Response("ready\n", content_type="text/plain")


def _start(settings: Settings, store: Store) -> Response:
    with store.read() as connection:
        is_sample = practices.all_ids(connection) == [PRACTICE_ID]
        counts = {kind: number for kind, number in resources.counts(connection, PRACTICE_ID).items() if kind not in CATALOGUE_TYPES} if is_sample else {}
        name = practices.name_of(connection, PRACTICE_ID) if is_sample else ""
    sample = is_sample and request.remote_addr in _LOOPBACK and settings.base_url.startswith("http://")
    body = _about(settings.fhir_base) + (_sample(name, counts, settings.base_url, settings.secret_key_file.parent) if sample else "")
    return Response(
        page("Handoff", body), content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
    )


def _about(fhir_base: str) -> str:
    base = escape(fhir_base)
    return f"""<p class="lead">A FHIR gateway for behavioral health: a practice's therapy records become care plans, outcomes and
referrals that other clinicians' systems can read, inside what each client agreed to.</p>
<dl><dt>FHIR R4 base</dt><dd><code>{base}</code></dd>
<dt>What it serves</dt><dd><a href="{base}/metadata">CapabilityStatement</a>, <a href="{base}/.well-known/smart-configuration">SMART configuration</a></dd>
<dt>For people</dt><dd><a href="/launch">Open an app for a client</a>, <a href="/account">my account</a></dd>
<dt>Version</dt><dd>{SOFTWARE_VERSION}</dd></dl>"""


def _sample(name: str, counts: dict[str, int], base_url: str, keys: Path) -> str:
    bars = "".join(_bar(kind, number, max(counts.values())) for kind, number in sorted(counts.items(), key=lambda pair: -pair[1]))
    commands = "\n\n".join(escape(command) for command in commands_to_try(base_url))
    return f"""<h2>The sample practice: {escape(name)}</h2>
<p>Everything here is invented. These are counts only; to read anything a program needs a token, as it would with real clients.</p>
<table class="counts">{bars}</table>
<h2>Three requests to paste into a terminal</h2>
<p>Run them in the project's folder. The sample clients' private keys lie under <code>{escape(str(keys))}</code>.</p>
<pre>{commands}</pre>
<p>The whole exchange, step by step and in plain words: <code>.venv/bin/handoff demo --script</code></p>"""


def _bar(kind: str, number: int, most: int) -> str:
    return f'<tr><th scope="row">{escape(kind)}</th><td><span class="bar" style="width:{max(2, round(300 * number / most))}px"></span> {number}</td></tr>'


def commands_to_try(base_url: str) -> list[str]:
    """Three commands that work as they stand on the sample practice."""
    read = 'curl -s -H "Authorization: Bearer $TOKEN"'
    return [
        "# 1. A token for the psychiatrist's system (SMART backend services)\nTOKEN=$(.venv/bin/handoff client token psychiatrist)",
        f"# 2. The clients who agreed that it may see something of theirs\n{read} '{base_url}/fhir/Patient' | python3 -m json.tool | less",
        f"# 3. Every PHQ-9 total that it may see, newest first\n{read} '{base_url}/fhir/Observation?code=44261-6&_sort=-date&_count=5' | python3 -m json.tool | less",
    ]
