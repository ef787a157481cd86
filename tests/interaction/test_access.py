"""No address without a decision on who may use it, and none open that the table closes."""

from __future__ import annotations

import pytest

from gateway.http.access import ACCESS
from tests.interaction.resources import patient
from tests.world import World

ROUTES = [(rule, method) for rule, methods in ACCESS.items() for method in methods]
BEARER = [(rule, method) for rule, method in ROUTES if ACCESS[rule][method].who == "bearer"]


def address(rule: str) -> str:
    return rule.replace("<kind>", "referral" if rule.startswith("/records") else "Patient").replace("<key>", "x").replace("<version>", "1")


def test_every_address_and_method_has_a_decision_and_no_decision_is_about_nothing(world: World) -> None:
    served = {(str(rule), method) for rule in world.app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert served == set(ROUTES)


def test_an_address_that_nobody_decided_on_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ACCESS, "/fhir/metadata")
    assert world.http.get("/fhir/metadata").status_code == 500


@pytest.mark.parametrize(("rule", "method"), BEARER)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic eDp5", "Bearer  ", "DPoP nonsense"])
def test_where_a_bearer_is_asked_for_nobody_else_comes_in(world: World, rule: str, method: str, header: str | None) -> None:
    answer = world.http.open(address(rule), method=method, json=patient(), headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    body = answer.get_json()
    assert body["error"] == "invalid_token" if rule.startswith("/oauth/") else body["issue"][0]["code"] == "login"
    assert answer.headers["WWW-Authenticate"].startswith(("Bearer", "DPoP"))
