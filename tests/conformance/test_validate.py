"""HL7's validator as `make conformance` runs it: planted errors are found, what no definition decides is said, what is right passes.

One run over all resources; skipped where Java, Maven or the reference data is missing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import validate
from conformance.validate import Line
from mappings import resources_of
from tests.mappings.corpus import SITE, record

Resource = dict[str, Any]

_THO = "http://terminology.hl7.org/CodeSystem/"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
_VERSIONS = ("6.1.0", "7.0.0", "8.0.0")


def _coded(system: str, code: str, **more: str) -> Resource:
    return {"coding": [{"system": system, "code": code, **more}]}


PLANTED: dict[str, tuple[str, Callable[[Resource], Any], str]] = {
    "a wrong code in a required binding": ("client", lambda r: r.update(gender="woman"), "Patient.gender"),
    "a code of the right system outside a required value set": ("treatment_plan", lambda r: r["text"].update(status="empty"), "CarePlan.text.status"),
    "a wrong code in a concept of a required binding": ("problem", lambda r: r.update(clinicalStatus=_coded(_THO + "condition-clinical", "better")), "Condition.clinicalStatus"),
    "a missing mandatory element of a US Core profile": ("client", lambda r: r.pop("identifier"), "minimum required = 1"),
    "a missing slice of a US Core profile": ("problem", lambda r: r.update(category=[_coded(_THO + "condition-category", "encounter-diagnosis")]), "category:us-core"),
    "a broken invariant of R4": ("problem", lambda r: r.update(clinicalStatus=_coded(_THO + "condition-clinical", "active")), "con-4"),
    "a broken invariant of US Core": ("client", lambda r: r.update(name=[{"use": "official"}]), "us-core-6"),
    "a code that its system does not have, in an example binding": ("session", lambda r: r.update(priority=_coded(_THO + "v3-ActPriority", "NONE")), "no code NONE"),
    "a wrong display": ("client", lambda r: r.update(maritalStatus=_coded(_THO + "v3-MaritalStatus", "M", display="Single")), "Single"),
    "a reference to a type that may not stand there": ("session", lambda r: r["subject"].update(reference="Practitioner/x"), "Practitioner"),
    "an element that R4 does not know": ("client", lambda r: r.update(mood="good"), "'mood'"),
    "a day that is none": ("client", lambda r: r.update(birthDate="1991-02-30"), "Patient.birthDate"),
    "a profile that the package does not have": ("client", lambda r: r["meta"].update(profile=[_US_CORE + "us-core-nonesuch"]), "us-core-nonesuch"),
    "an extension that US Core never had": ("client", lambda r: r["extension"].append({"url": _US_CORE + "us-core-rase", "valueString": "x"}), "us-core-rase"),
}
"""What is wrong: the kind of record whose resource it is planted in, how, and what the finding must name."""
CLEAN = ("client", "problem", "session", "outcome_measure", "consent", "treatment_plan")


def _resource(kind: str) -> Resource:
    return copy.deepcopy(resources_of(record(kind), SITE)[0])


def _planted(kind: str, plant: Callable[[Resource], Any]) -> Resource:
    resource = _resource(kind)
    plant(resource)
    return resource


def _unknown_null_flavor() -> Resource:
    """Race by a value set that US Core 8.0.0 takes from elsewhere, with a code that R4's own code system does not have."""
    resource = _resource("client")
    race = next(each for each in resource["extension"] if each["url"].endswith("us-core-race"))
    race["extension"][0]["valueCoding"] = {"system": _THO + "v3-NullFlavor", "code": "NONE"}
    return resource


def _other_profile() -> Resource:
    return _planted("client", lambda r: r["meta"]["profile"].append("http://elsewhere.example/StructureDefinition/patient"))


def _newer_category() -> Resource:
    return _planted("preference", lambda r: r.update(category=[_coded(_US_CORE.replace("StructureDefinition", "CodeSystem") + "us-core-category", "care-experience-preference")]))


@pytest.fixture(scope="session")
def lines(reference_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """What the validator prints of every resource of this file, by all three packages."""
    cases = {
        "planted": [_planted(kind, plant) for kind, plant, _ in PLANTED.values()],
        "clean": [_resource(kind) for kind in CLEAN],
        "absent": [_unknown_null_flavor(), _other_profile(), _resource("preference"), _newer_category()],
    }
    folder = tmp_path_factory.mktemp("golden")
    for case, resources in cases.items():
        (folder / f"{case}.json").write_text(json.dumps({"case": case, "record": {}, "resources": resources}))
    try:
        return list(validate.findings(folder, validate.packages()))
    except validate.Missing as missing:
        pytest.skip(str(missing))


def _found(lines: list[Line], version: str, case: str, index: int, *severities: str) -> list[str]:
    here = [line for line in lines if line["package"].endswith(version) and line["file"] == f"{case}.json" and line["index"] == index]
    assert here
    return [f"{line['location']} {line['message']} {line['messageId']}" for line in here if line.get("severity") in severities]


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_error_is_found_where_it_is(lines: list[Line], what: str, version: str) -> None:
    errors = _found(lines, version, "planted", list(PLANTED).index(what), "error", "fatal")

    assert any(PLANTED[what][2] in error for error in errors)


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize("kind", CLEAN)
def test_a_clean_resource_passes(lines: list[Line], kind: str, version: str) -> None:
    assert _found(lines, version, "clean", CLEAN.index(kind), "error", "fatal") == []


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_resource_is_checked_against_the_profiles_it_claims(lines: list[Line], version: str) -> None:
    checked = [line["profiles"] for line in lines if line["package"].endswith(version) and line["file"] == "clean.json" and "profiles" in line]

    assert checked == [_resource(kind).get("meta", {}).get("profile", []) for kind in CLEAN]


@pytest.mark.parametrize(("version", "absent"), [("6.1.0", "omb-race-category"), ("7.0.0", "omb-race-category"), ("8.0.0", "http://cts.nlm.nih.gov/fhir/ValueSet/")])
def test_an_absent_value_set_is_listed_as_not_checked_and_is_no_error(lines: list[Line], version: str, absent: str) -> None:
    client = CLEAN.index("client")

    assert any("value set " in each and absent in each for each in _found(lines, version, "clean", client, "not-checked"))
    assert not any(absent in each for each in _found(lines, version, "clean", client, "error", "fatal", "warning", "information"))


def test_an_absent_code_system_is_listed_as_not_checked(lines: list[Line]) -> None:
    assert any("code system http://loinc.org" in each for each in _found(lines, "8.0.0", "clean", CLEAN.index("outcome_measure"), "not-checked"))


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_code_system_of_r4_is_asked_even_where_the_value_set_is_absent(lines: list[Line], version: str) -> None:
    assert any("v3-NullFlavor has no code NONE" in each for each in _found(lines, version, "absent", 0, "error"))


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_profile_of_another_guide_is_listed_as_not_checked(lines: list[Line], version: str) -> None:
    assert any("elsewhere.example" in each for each in _found(lines, version, "absent", 1, "not-checked"))
    assert _found(lines, version, "absent", 1, "error", "fatal") == []


@pytest.mark.parametrize("absent", ["us-core-interpreter-needed", "us-core-care-experience-preference"])
def test_a_profile_that_only_a_later_us_core_has_is_not_checked_by_an_earlier_one(lines: list[Line], absent: str) -> None:
    def not_checked(version: str) -> list[str]:
        return [each for case, index in (("clean", CLEAN.index("client")), ("absent", 2)) for each in _found(lines, version, case, index, "not-checked")]

    assert any(absent in each for each in not_checked("6.1.0"))
    assert not any(absent in each for each in not_checked("8.0.0"))
    assert _found(lines, "6.1.0", "absent", 2, "error", "fatal") == []


def test_a_code_that_only_a_later_us_core_has_is_an_error_by_an_earlier_one(lines: list[Line]) -> None:
    assert any("us-core-category has no code care-experience-preference" in each for each in _found(lines, "6.1.0", "absent", 3, "error"))
    assert _found(lines, "7.0.0", "absent", 3, "error", "fatal") == []


@pytest.mark.parametrize(("cases", "status"), [(("clean", "absent"), 1), (("clean",), 0), ((), 1)])
def test_the_run_fails_where_there_is_an_error_or_nothing_was_checked(
    lines: list[Line], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, cases: tuple[str, ...], status: int
) -> None:
    (tmp_path / "some.json").touch()
    monkeypatch.setattr(validate, "findings", lambda *_: iter([line for line in lines if line["file"].removesuffix(".json") in cases]))

    assert validate.main([str(tmp_path)]) == status
    printed = capsys.readouterr().out
    assert ("v3-NullFlavor has no code NONE" in printed) == ("absent" in cases)
    assert ("not checked, " in printed) == bool(cases)


def test_an_empty_folder_is_no_success(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert validate.main([str(tmp_path)]) == 1
    assert "nothing to check" in capsys.readouterr().err


def test_missing_reference_data_is_named_with_the_mend(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "some.json").touch()
    monkeypatch.setenv("HANDOFF_REFERENCE_DATA", str(tmp_path))

    assert validate.main([str(tmp_path)]) == 1
    assert "HANDOFF_REFERENCE_DATA" in capsys.readouterr().err


def test_missing_java_is_named_with_the_mend(reference_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "some.json").touch()
    monkeypatch.setenv("PATH", str(tmp_path))

    assert validate.main([str(tmp_path)]) == 1
    assert "apt-get install openjdk-17-jdk-headless maven" in capsys.readouterr().err
