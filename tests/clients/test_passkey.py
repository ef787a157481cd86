"""Passkeys in real Chromium, whose virtual authenticator holds them as a phone or a security key would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.stage import Stand
from tests.clients.node import CHROMIUM, needs_chromium, needs_node, run
from tests.clients.town import Here

pytestmark = [needs_node, needs_chromium]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stand]:
    """A gateway with a name: a passkey belongs to a domain, and an address of numbers is none."""
    stand = Here(tmp_path, "localhost")
    stand.run("init", "--practice", "larkmoor", "--name", "Larkmoor Counseling")
    stand.start()
    yield stand
    stand.stop()


def test_a_person_enrols_with_a_passkey_and_signs_in_with_it(at: Stand, tmp_path: Path) -> None:
    link = at.run("user", "add", "n.ito", "--display", "Naoko Ito", "--duty", "front_desk")["enrolment_link"]
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    got = run("passkey.mjs", at.url, {"link": link, "name": "n.ito", "password": "seven herons over grey water", "chromium": CHROMIUM, "pictures": str(pictures)})
    assert (got["rp"], got["resident"], got["counted"]) == ("localhost", True, True)
    assert got["codes"] == "Your recovery codes"
    assert (got["alone"], got["afterPassword"], got["path"]) == ("Naoko Ito", "Naoko Ito", "/account")
    assert (got["alert"], got["still"]) == ("That did not work. Nothing was sent; try again, or go another way.", "/sign-in")
    assert len(list(pictures.iterdir())) == 8
