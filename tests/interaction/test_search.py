"""Search against a brute-force oracle over what is stored, with resources and queries drawn at random."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interaction import oracle
from tests.interaction.resources import LOINC, observation, patient
from tests.store.engines import fresh
from tests.world import Caller, World

FAMILIES = [
    "Muñoz",
    "munoz",
    "MUNOZ-Ortega",
    "Straße",
    "Strasse",
    "O'Brien",
    "100%",
    "100x",
    "a_b",
    "axb",
    "back\\slash",
    'q"uote',
    "Ås, Ltd",
    "田中",
    "🌿 leaf",
    "İnan",
    "ﬁsher",
    "\U0001d400da",
    "a  b",
    "--",
    "; drop",
]
GIVEN = ["Ana", "ana", "ANÁ", "Al", "Zoë", "J."]
DAYS = ["1990", "1990-02", "1990-02-28", "1990-03-11", "1991-11-03", "2000-02-29"]
MOMENTS = [
    "2026-03-08",
    "2026-03-08T01:59:59-05:00",
    "2026-03-08T07:00:00Z",
    "2026-03",
    "2026",
    "2026-11-01T05:30:00Z",
    "2026-11-01",
    "2026-03-08T12:00:00+14:00",
    "2026-12-31T23:30:00-05:00",
]
SYSTEMS = ["urn:a", "urn:b", LOINC]
CODES = ["1", "44261-6", "x"]
GENDERS = ["male", "female", "other", "unknown"]


@pytest.fixture(scope="module")
def practice(world: World) -> Caller:
    return world.client(practice=True)


@pytest.fixture(scope="module")
def patients(practice: Caller) -> list[dict[str, Any]]:
    """Forty patients over all values above."""
    made = []
    for at in range(40):
        elements: dict[str, Any] = {"gender": GENDERS[at % 4], "birthDate": DAYS[at % 6]} | ({"active": at % 2 == 0} if at % 3 else {})
        if at % 5:
            elements["identifier"] = [{"system": SYSTEMS[at % 3], "value": CODES[at % 2]}] + ([{"value": CODES[2]}] if at % 4 == 0 else [])
        elements["name"] = [{"family": FAMILIES[at % len(FAMILIES)], "given": [GIVEN[at % 6], GIVEN[at % 5]]}]
        made.append(practice.post("Patient", patient() | elements))
    return made


@pytest.fixture(scope="module")
def observations(practice: Caller, patients: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for at in range(36):
        codings = [{"system": SYSTEMS[at % 3], "code": CODES[at % 2]}] + ([{"code": "x"}] if at % 4 == 0 else [])
        body = {"resourceType": "Observation", "status": ("final", "amended")[at % 2], "code": {"coding": codings}, "subject": {"reference": f"Patient/{patients[at % 7]['id']}"}}
        made.append(practice.post("Observation", body | ({"effectiveDateTime": MOMENTS[at % 9]} if at % 6 else {})))
    return made


def _found(caller: Caller, resource_type: str, pairs: list[tuple[str, str]]) -> set[str]:
    return {one["id"] for one in caller.all(f"{resource_type}?{urlencode([*pairs, ('_count', '1000')])}")}


def _expected(resources: list[dict[str, Any]], pairs: list[tuple[str, str]]) -> set[str]:
    return {one["id"] for one in resources if all(oracle.matches(one, name, value) for name, value in pairs)}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")


def _several(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(",".join)


_TOKENS = st.one_of(
    st.sampled_from(CODES),
    st.sampled_from(CODES).map("|{}".format),
    st.sampled_from(SYSTEMS).map("{}|".format),
    st.tuples(st.sampled_from(SYSTEMS), st.sampled_from(CODES)).map("|".join),
)
_PREFIX = st.sampled_from(("", *oracle.PREFIXES))
_NAMES = st.sampled_from(
    [part[:length] for part in FAMILIES + GIVEN for length in (1, 2, 4, 20) if part[:length].strip()] + ["%", "_", "\\", "'", '"', "' OR 1=1 --", "É", "zoe"]
).map(_escaped)
_ON_PATIENT = st.one_of(
    st.tuples(st.sampled_from(["gender", "gender:not"]), _several(st.sampled_from([*GENDERS, "Male"]))),
    st.tuples(st.sampled_from(["active", "active:not"]), st.sampled_from(["true", "false", "|true"])),
    st.tuples(st.sampled_from(["identifier", "identifier:not"]), _several(_TOKENS)),
    st.tuples(st.just("birthdate"), _several(st.tuples(_PREFIX, st.sampled_from(DAYS)).map("".join))),
    st.tuples(st.sampled_from([f"{base}{modifier}" for base in ("name", "family", "given") for modifier in ("", ":exact", ":contains")]), _several(_NAMES)),
)
_ON_OBSERVATION = st.one_of(
    st.tuples(st.sampled_from(["code", "code:not"]), _several(_TOKENS)),
    st.tuples(st.sampled_from(["status", "status:not"]), _several(st.sampled_from(["final", "amended", "registered"]))),
    st.tuples(st.just("date"), _several(st.tuples(_PREFIX, st.sampled_from([*MOMENTS, "2026-03-08T07:00Z", "2025", "2027-01-01"])).map("".join))),
    st.tuples(
        st.just("_lastUpdated"), st.tuples(_PREFIX, st.sampled_from(["2026-10-30", "2026-10", "2026-10-30T12:00:00-04:00", "2026-10-30T16:00:00Z", "2026-10-29"])).map("".join)
    ),
)


@given(pairs=st.lists(_ON_PATIENT, min_size=1, max_size=3))
def test_patients_are_found_as_by_brute_force(practice: Caller, patients: list[dict[str, Any]], pairs: list[tuple[str, str]]) -> None:
    assert _found(practice, "Patient", pairs) == _expected(patients, pairs)


@given(pairs=st.lists(_ON_OBSERVATION, min_size=1, max_size=3), who=st.lists(st.integers(0, 8), max_size=2), whole=st.booleans(), name=st.sampled_from(["patient", "subject"]))
def test_observations_are_found_as_by_brute_force(
    practice: Caller, patients: list[dict[str, Any]], observations: list[dict[str, Any]], pairs: list[tuple[str, str]], who: list[int], whole: bool, name: str
) -> None:
    if who:
        pairs = [*pairs, (name, ",".join(("Patient/" if whole else "") + patients[at]["id"] for at in who))]
    assert _found(practice, "Observation", pairs) == _expected(observations, pairs)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("modifier", ["", ":exact", ":contains"])
def test_every_name_is_found_by_itself(practice: Caller, patients: list[dict[str, Any]], family: str, modifier: str) -> None:
    pairs = [(f"family{modifier}", _escaped(family))]
    found = _found(practice, "Patient", pairs)
    assert found == _expected(patients, pairs)
    assert found


def test_ids_are_found_as_listed(practice: Caller, patients: list[dict[str, Any]]) -> None:
    listed = [one["id"] for one in patients[:3]]
    assert _found(practice, "Patient", [("_id", ",".join([*listed, "nobody"]))]) == set(listed)
    assert _found(practice, "Patient", [("_id", ",".join(listed)), ("_id", listed[1])]) == {listed[1]}
    assert _found(practice, "Patient", [("_id", "nobody")]) == set()


def test_a_period_without_an_end_or_to_the_year_9999_is_found(practice: Caller, patients: list[dict[str, Any]]) -> None:
    plan = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": f"Patient/{patients[0]['id']}"}}
    ids = {practice.post("CarePlan", plan | {"period": period})["id"] for period in ({"start": "2025-03-01"}, {"start": "2025-03-01", "end": "9999-12-31"})}
    for query, found in (("ge2030", ids), ("lt2025-04", ids), ("eb2025-03", set()), ("2025", set())):
        assert _found(practice, "CarePlan", [("date", query)]) == found, query


WRONG = [
    "unheard=of",
    "name:below=x",
    "gender:text=x",
    "birthdate=never",
    "birthdate=2020-13",
    "birthdate=2020-02-30",
    "birthdate=xx2020",
    "birthdate=0000",
    "_count=-1",
    "_count=many",
    "_sort=name",
    "_sort=-",
    "_total=perhaps",
    "_summary=text",
    "_include=Patient:unheard",
    "_include=*",
    "_revinclude=Provenance",
    "_cursor=x",
    "_cursor=W10",
    "_cursor=WzEsMl0",
    "_cursor=WyJhIiwgImIiXQ",
    "_cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OSwgImIiXQ",
    "_cursor=WzAsICJub2JvZHkiXQ",
    "name=%00",
    "_id=%00",
    "name=,",
    "_id:not=x",
    "birthdate:exact=2020",
]


@pytest.mark.parametrize("query", WRONG)
def test_what_is_not_served_is_refused_with_an_outcome(practice: Caller, query: str) -> None:
    told = practice.get(f"Patient?{query}", 400)
    assert told["resourceType"] == "OperationOutcome"
    assert told["issue"][0]["diagnostics"]


def test_lenient_leaves_out_what_it_does_not_know_and_says_so(practice: Caller, patients: list[dict[str, Any]]) -> None:
    answer = practice.ask("GET", "Patient?unheard=of&gender=male&_count=1000", headers={"Prefer": "handling=lenient"}).get_json()
    assert answer["total"] == len(_expected(patients, [("gender", "male")]))
    assert "unheard" not in answer["link"][0]["url"]
    assert practice.ask("GET", "Patient?birthdate=never", headers={"Prefer": "handling=lenient"}).status_code == 400


@pytest.mark.parametrize(
    "text",
    ["%", "_", "\\", "'", '"', "' OR '1'='1", "; DROP TABLE resource; --", "%25", "\\,", "🌿", "\u202e", "a" * 2000, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")],
)
def test_odd_text_in_any_parameter_is_only_text(practice: Caller, patients: list[dict[str, Any]], text: str) -> None:
    for name in ("name", "name:contains", "family:exact", "gender", "identifier", "_id", "organization-x"):
        answer = practice.ask("GET", f"Patient?{quote(name)}={quote(_escaped(text)[:2000])}")
        assert answer.status_code == (400 if name == "organization-x" else 200), name
        if name in ("gender", "identifier", "_id"):
            assert answer.get_json()["total"] == 0
    assert practice.get("Patient?_summary=count")["total"] >= len(patients)


def test_too_much_is_refused_before_it_is_asked(practice: Caller) -> None:
    assert practice.ask("GET", f"Patient?name={'a' * 2001}").status_code == 413
    assert practice.ask("GET", "Patient?" + "&".join(["name=a"] * 31)).status_code == 413
    assert practice.ask("GET", f"Patient?_id={','.join(['a'] * 201)}").status_code == 413


def test_a_search_for_something_new_finds_it_at_once(practice: Caller) -> None:
    family = fresh("Brandnew")
    made = practice.post("Patient", patient(family))
    assert _found(practice, "Patient", [("family", family)]) == {made["id"]}
    practice.put(f"Patient/{made['id']}", made | {"name": [{"family": "Otherwise"}]})
    assert _found(practice, "Patient", [("family", family)]) == set()
    assert made["id"] in _found(practice, "Patient", [("family", "otherwise")])


def test_what_is_included_comes_in_an_order_of_its_own(world: World) -> None:
    """Else the order hung on the database's plan, and that on rows the reader may not see."""
    practice = world.client(practice=True)
    subject = practice.post("Patient", patient(fresh("Included ")))["id"]
    for _ in range(8):
        practice.post("Observation", observation(subject))
    found = practice.get(f"Patient?_id={subject}&_revinclude=Observation:subject")["entry"]

    included = [entry["resource"]["id"] for entry in found if entry["search"]["mode"] == "include"]
    assert len(included) == 8
    assert included == sorted(included)
