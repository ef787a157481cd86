"""openid-client, oauth4webapi and @medplum/core as SMART backend services: their own assertion, our token."""

from __future__ import annotations

from gateway.smart.key import load
from tests.clients.node import needs_node, run
from tests.clients.town import Town
from tests.walk.street import WEEKS
from tests.walk.test_other_clients import assertion

pytestmark = needs_node


def test_openid_client_and_oauth4webapi_get_a_token_by_their_own_key(town: Town) -> None:
    system = town.system("Library system", "system/*.rs")
    key = next(one for one in load(town.at.folder / "library-system.jwks.json").keys if one.alg == "ES384")
    got = run("backend.mjs", town.at.url, {"client_id": system.client_id, "scope": "system/Patient.rs", "key": {**key.as_dict(private=True), "key_ops": ["sign"]}})
    assert got["openid_client"] == {"token_type": "bearer", "expires_in": 300, "scope": "system/Patient.rs", "status": 200, "type": "Bundle"}
    assert got["oauth4webapi"] == {"token_type": "bearer", "expires_in": 300, "scope": "system/Patient.rs"}
    assert got["beyond"]["error"] == "invalid_scope"
    assert got["unmodified"]["status"] == 401  # SMART 2.2.0 client-confidential-asymmetric: aud is the token endpoint, typ is JWT


def test_medplum_gets_a_systems_token_once_it_names_a_scope_and_reads_and_writes_with_it(town: Town) -> None:
    ehr = town.partner
    got = run("medplum.mjs", town.at.url, {"client_id": ehr.client_id, "assertions": [assertion(ehr), assertion(ehr)], "scope": ehr.scope})
    assert got["no_scope"] == got["by_secret"] == "Failed to fetch tokens"
    assert [len(page) for page in got["pages"]] == [5, 5, 2]
    assert len({one for page in got["pages"] for one in page}) == WEEKS
    assert (got["read"], got["versions"], got["history"], got["missing"]) == (True, ["1", "2"], ["on-hold", "active"], "No Patient with this id is visible to this client.")
