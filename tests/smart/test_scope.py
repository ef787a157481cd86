"""What a scope means, as tables showing both faces of each rule."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.capability import SERVED
from gateway.smart.scope import APP, RECORD_WRITE, BadScope, check_app, check_backend, narrowed, needed, parse, supported, understood, within, without

LETTERS = "cruds"
MEANS: dict[str, tuple[str, str]] = {
    "system/Patient.rs": ("Patient", "rs"),
    "system/Patient.r": ("Patient", "r"),
    "system/Patient.cruds": ("Patient", "cruds"),
    "system/Patient.cu": ("Patient", "cu"),
    "system/Patient.read": ("Patient", "rs"),
    "system/Patient.write": ("Patient", "cud"),
    "system/Patient.*": ("Patient", "cruds"),
    "system/*.rs": ("*", "rs"),
    "system/*.*": ("*", "cruds"),
    "user/Patient.cruds": ("Patient", ""),
    "patient/Patient.cruds": ("Patient", ""),
    RECORD_WRITE: ("Patient", ""),
}


@pytest.mark.parametrize("text", MEANS)
def test_a_scope_allows_its_letters_on_its_type_and_nothing_else(text: str) -> None:
    resource_type, letters = MEANS[text]
    scopes = parse(text)
    for asked in SERVED:
        allowed = {letter for letter in LETTERS if scopes.allows(asked, letter)}
        assert allowed == (set(letters) if resource_type in (asked, "*") else set())


BAD = [
    "",
    " ",
    "system/Patient.rs ",
    " system/Patient.rs",
    "system/Patient.rs  system/Task.rs",
    "system/Patient.rs\tsystem/Task.rs",
    "system/Patient.rs\n",
    "system/Patient.",
    "system/Patient",
    "system/.rs",
    "system/patient.rs",
    "system/Patient.sr",
    "system/Patient.rr",
    "system/Patient.dus",
    "system/Patient.reads",
    "system/Patient.READ",
    "system/Patient.x",
    "system/Pat*.rs",
    "system/*",
    "*/Patient.rs",
    "practitioner/Patient.rs",
    "system/Pet.rs",
    "system/*.rs?_id=1",
    "patient/*.rs?category=survey",
    "patient/Observation.rs?",
    "patient/Observation.rs?category",
    "patient/Observation.rs?category=",
    "patient/Observation.rs?category:not=survey",
    "patient/Observation.rs?date=2026",
    "patient/Observation.rs?subject=Patient/1",
    "patient/Observation.rs?encounter.class=AMB",
    "patient/Observation.rs?_filter=code%20eq%20x",
    "patient/Observation.rs?_id=1",
    "patient/Observation.read?category=survey",
    "patient/Observation.rs?category=%00",
    "patient/Observation.rs?" + "&".join(f"category={letter}" for letter in "abcdef"),
    "OpenID",
    "launch/practitioner",
    "launch/",
    "system/Patient.rs\x00",
    "\u0455ystem/Patient.rs",
    "__",
    '__"quoted"',
    "system/Patient.rs " + "x" * 9000,
]


@pytest.mark.parametrize("text", BAD)
def test_a_scope_that_is_not_understood_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadScope) as refusal:
        parse(text)
    said = str(refusal.value)
    assert said.isascii()
    assert not {'"', "\\"} & set(said)
    assert "Pet" not in said


@pytest.mark.parametrize("name", [RECORD_WRITE, "__x", "https://example.org/scopes/audit", "urn:example:a?b=c"])
def test_an_extension_scope_is_allowed_by_its_very_name(name: str) -> None:
    assert parse(f"system/Patient.r {name}").allows_extension(name)
    assert not parse("system/*.cruds").allows_extension(name)


WITHIN: list[tuple[str, str, bool]] = [
    ("system/Patient.rs", "system/Patient.rs", True),
    ("system/Patient.r", "system/Patient.rs", True),
    ("system/Patient.read", "system/Patient.rs", True),
    ("system/Patient.rs", "system/Patient.read", True),
    ("system/Patient.rs", "system/*.rs", True),
    ("system/Patient.rs", "system/Patient.r system/Patient.s", True),
    ("system/Patient.rs system/Task.u", "system/Patient.rs system/Task.cruds", True),
    ("system/Patient.rs", "system/*.r system/Patient.s", True),
    ("system/*.rs", "system/Patient.rs", False),
    ("system/*.rs", " ".join(f"system/{each}.rs" for each in SERVED), False),
    ("system/Patient.cruds", "system/Patient.rs", False),
    ("system/Patient.write", "system/Patient.cu", False),
    ("system/Patient.rs", "system/Task.rs", False),
    ("system/Patient.rs", "user/Patient.rs", False),
    ("user/Patient.rs", "system/Patient.rs", False),
    ("user/Patient.rs", "user/Patient.rs", True),
    ("user/Patient.rs", "patient/Patient.rs", False),
    ("patient/Patient.rs", "user/*.rs", False),
    ("patient/Observation.rs?category=survey", "patient/Observation.rs", True),
    ("patient/Observation.rs?category=survey", "patient/*.rs", True),
    ("patient/Observation.rs", "patient/Observation.rs?category=survey", False),
    ("patient/Observation.rs?category=survey", "patient/Observation.rs?category=social-history", False),
    ("patient/Observation.rs?category=survey&code=1", "patient/Observation.rs?category=survey", True),
    ("patient/Observation.rs?code=1&category=survey", "patient/Observation.rs?category=survey&code=1", True),
    ("patient/Observation.rs?category=survey", "patient/Observation.rs?category=survey&code=1", False),
    ("patient/Patient.rs offline_access", "patient/Patient.rs", False),
    ("patient/Patient.rs openid", "patient/Patient.rs openid fhirUser", True),
    ("launch", "launch/patient", False),
    (RECORD_WRITE, "system/*.cruds", False),
    (RECORD_WRITE, f"system/Patient.r {RECORD_WRITE}", True),
]


@pytest.mark.parametrize(("requested", "registered", "answer"), WITHIN)
def test_a_request_stays_within_what_was_registered(requested: str, registered: str, answer: bool) -> None:
    assert within(parse(requested), parse(registered)) is answer


_SUFFIXES = ["".join(each) for count in range(1, 6) for each in combinations(LETTERS, count)]
_scope = st.builds("system/{}.{}".format, st.sampled_from(["*", "Patient", "Task", "Consent"]), st.sampled_from([*_SUFFIXES, "read", "write", "*"]))
_scopes = st.lists(_scope, min_size=1, max_size=4).map(" ".join)


@given(_scopes, _scopes)
def test_what_is_within_allows_nothing_more(requested: str, registered: str) -> None:
    asked, whole = parse(requested), parse(registered)
    more = any(asked.allows(resource_type, letter) and not whole.allows(resource_type, letter) for resource_type in SERVED for letter in LETTERS)
    if within(asked, whole):
        assert not more
    assert within(asked, asked)


@given(st.text(max_size=60))
def test_any_text_is_either_understood_or_refused(text: str) -> None:
    try:
        assert str(parse(text)) == " ".join(dict.fromkeys(text.split(" ")))
    except BadScope:
        return


@given(st.sampled_from(_SUFFIXES), st.permutations(LETTERS))
def test_only_letters_in_their_order_are_understood(letters: str, shuffled: list[str]) -> None:
    mixed = "".join(letter for letter in shuffled if letter in letters)
    if mixed == letters:
        assert parse(f"system/Patient.{mixed}")
    else:
        with pytest.raises(BadScope):
            parse(f"system/Patient.{mixed}")


@pytest.mark.parametrize(
    ("text", "role", "may"),
    [
        ("system/*.cruds", "partner", True),
        ("system/*.cruds", "practice", True),
        (RECORD_WRITE, "practice", True),
        (RECORD_WRITE, "partner", False),
        ("__anything", "practice", False),
        ("https://example.org/scope", "practice", False),
        ("user/Patient.rs", "practice", False),
        ("system/Patient.rs patient/Patient.rs", "partner", False),
        ("system/Patient.rs openid", "partner", False),
        ("system/Observation.rs?category=survey", "partner", True),
    ],
)
def test_a_role_may_hold_only_what_is_meant_for_it(text: str, role: str, may: bool) -> None:
    if may:
        check_backend(parse(text), role)
    else:
        with pytest.raises(BadScope):
            check_backend(parse(text), role)


def test_the_message_names_the_smallest_scope_that_would_do() -> None:
    assert needed("Patient", "r") == "system/Patient.r"
    assert parse(needed("Task", "u")).allows("Task", "u")


def test_all_that_is_advertised_is_understood() -> None:
    assert all(parse(name) for name in supported())
    assert not any(parse(name).allows("Consent", "c") for name in supported())


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("launch openid fhirUser profile offline_access patient/*.rs user/Observation.rs?category=survey", True),
        ("system/Patient.rs", False),
        ("patient/*.rs __token.introspect", False),
        ("online_access offline_access patient/*.rs", True),
    ],
)
def test_an_app_may_hold_what_a_person_can_give(text: str, may: bool) -> None:
    if may:
        check_app(parse(text))
    else:
        with pytest.raises(BadScope):
            check_app(parse(text))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("patient/*.cruds", "patient/*.rs"),
        ("patient/Observation.cud", ""),
        ("user/Observation.write user/Task.read", "user/Task.read"),
        ("user/Observation.*", "user/Observation.read"),
        ("patient/Observation.crus?category=survey openid launch/patient", "patient/Observation.rs?category=survey openid launch/patient"),
    ],
)
def test_only_therapists_and_supervisors_can_let_an_app_write(text: str, left: str) -> None:
    assert str(narrowed(parse(text), {"client"})) == str(narrowed(parse(text), {"front_desk", "administrator"})) == left
    assert str(narrowed(parse(text), {"administrator", "therapist"})) == str(narrowed(parse(text), {"supervisor"})) == text


def test_what_a_person_unticks_is_not_granted() -> None:
    left = without(parse("openid patient/Goal.rs patient/Task.rs"), ["patient/Task.rs", "openid"])
    assert (str(left), left.special, left.allows("Task", "r", APP), left.allows("Goal", "r", APP)) == ("patient/Goal.rs", frozenset(), False, True)


def test_an_app_may_ask_every_server_the_same_and_gets_what_this_one_has() -> None:
    asked = "launch openid patient/Immunization.rs patient/Patient.rs patient/Patient.sr https://example.org/x __other user/Goal.read"
    assert str(understood(asked)) == "launch openid patient/Patient.rs user/Goal.read"


@pytest.mark.parametrize(("text", "needs"), [("patient/Goal.rs", True), ("launch/patient", True), ("user/Goal.rs launch", False), ("openid", False)])
def test_a_scope_about_a_patient_needs_one(text: str, needs: bool) -> None:
    assert parse(text).needs_patient is needs
