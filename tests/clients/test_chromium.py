"""Apps that live in a browser, in real Chromium: fhirclient of npm and @medplum/core, each on an origin of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.clients.node import CHROMIUM, needs_chromium, needs_node, run
from tests.clients.town import CLIENT, Town, free_port
from tests.walk.street import WEEKS

pytestmark = [needs_node, needs_chromium]

SCOPE = "openid fhirUser profile offline_access patient/Patient.rs patient/Observation.rs patient/Encounter.rs user/Practitioner.r"
SIGN_IN = ["sign-in", "second-step"]


def in_browser(town: Town, script: str, name: str, scope: str, pictures: Path, *, page: str = "index.html", launch: str = "", **more: Any) -> Any:
    """What the script got with an app registered for it and a person at Chromium; the pages' pictures are in `pictures`."""
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    made, person = town.app(name, scope, f"{site}/{page}", launch_uri=f"{site}/launch.html", **more), town.person()
    told = {"client_id": made.client_id, "secret": made.secret, "scope": scope, "port": port, "redirect_uri": f"{site}/{page}", "launch": launch}
    who = {"name": person.account.name, "password": person.account.password, "client": CLIENT, "chromium": CHROMIUM, "pictures": str(pictures)}
    return run(script, town.at.url, told | who, person)


def test_fhirclient_is_launched_by_itself(town: Town, tmp_path: Path) -> None:
    got = in_browser(town, "fhirclient.mjs", "Growth chart", f"launch/patient {SCOPE}", tmp_path)
    assert got["met"] == [*SIGN_IN, "client", "consent"]
    assert (got["patient"]["birthDate"], got["again"]) == ("1991-04-17", got["patient"]["id"])
    assert got["user"]["resourceType"] == "Practitioner"
    assert got["banner"] is True
    assert len(got["observations"]) == len(set(got["observations"])) == 10
    assert got["turned"]
    assert "Growth chart, since" in got["listed"]
    assert "Read: visits and sessions; Read: names of therapists and other clinicians" in got["listed"]
    assert got["cut_off"].startswith(("HttpError: 400", "HttpError: 401"))  # its refresh token is refused at once, its access token within a second
    assert {path.stem for path in tmp_path.iterdir()} == {*got["met"], "app", "account"}


def test_fhirclient_is_opened_from_our_side_for_a_client(town: Town, tmp_path: Path) -> None:
    got = in_browser(town, "fhirclient.mjs", "Growth chart, from here", f"launch {SCOPE}", tmp_path, launch="ehr")
    assert got["met"] == [*SIGN_IN, "client", "launch-app", "consent"]
    assert (got["patient"]["birthDate"], got["again"]) == ("1991-04-17", got["patient"]["id"])
    assert got["turned"]


def test_fhirclient_that_keeps_a_secret_is_launched_by_itself(town: Town, tmp_path: Path) -> None:
    got = in_browser(town, "fhirclient.mjs", "Growth chart with a secret", f"launch/patient {SCOPE}", tmp_path, auth_method="client_secret_basic")
    assert (got["patient"]["birthDate"], got["turned"]) == ("1991-04-17", True)


def test_medplum_signs_a_person_in_and_gets_a_new_token_by_itself_when_the_old_one_is_refused(town: Town, tmp_path: Path) -> None:
    got = in_browser(town, "medplum_browser.mjs", "Medplum", f"launch/patient {SCOPE}", tmp_path, page="")
    assert got["met"] == [*SIGN_IN, "client", "consent"]
    assert (got["patient"]["birthDate"], got["again"]) == ("1991-04-17", got["patient"]["id"])
    assert (got["observations"], got["turned"]) == (WEEKS, True)
    assert 401 in got["fetched"]
