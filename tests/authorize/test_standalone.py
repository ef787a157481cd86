"""A standalone app gets its code: sign-in, the client picker, the consent page, and back."""

from __future__ import annotations

from tests.authorize.clinic import Clinic, offered, told


def test_a_therapist_picks_a_client_and_allows(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    picker = walk.ask()
    assert "Ada Quist" in picker.text
    assert "Bea Quill" in picker.text
    assert "Cid" not in picker.text
    consent = walk.pick(picker, clinic.ada)
    assert "Ada Quist" in consent.text
    assert offered(consent) == ["patient/*.rs", "launch/patient"]
    answer = told(walk.allow(consent))
    assert answer["state"] == "a state, of its own"
    assert answer["iss"] == clinic.world.settings.base_url
    assert len(answer["code"]) == 43
