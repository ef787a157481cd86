"""`handoff medication list`, as a therapist reads it."""

from __future__ import annotations

from click.testing import CliRunner

from gateway.cli import main
from gateway.settings import SETTINGS
from tests.medication.office import Office


def told(office: Office) -> str:
    """What the command prints about this test's client."""
    environment: dict[str, str | None] = {setting.variable: None for setting in SETTINGS.values()}
    environment |= {"HANDOFF_DATABASE_URL": office.world.settings.database_url, "HANDOFF_SECRET_KEY_FILE": office.world.settings.secret_key_file}
    result = CliRunner().invoke(main, ["medication", "list"], env={name: str(value) if value is not None else None for name, value in environment.items()})
    assert result.exit_code == 0, result.output
    head, *blocks = f"\n{result.stdout}".split("\n2026-")
    assert head == ""
    return "\n".join(block for block in blocks if f" {office.client}: " in block)


def test_a_change_is_told_with_both_doses_the_day_the_reason_and_what_only_the_order_holds(office: Office) -> None:
    office.takes()
    created = office.prescribe(reasonCode=[{"text": "partial response"}], note=[{"text": "Watch\nfor restlessness."}], dispenseRequest={"numberOfRepeatsAllowed": 2})
    lines = [line.strip() for line in told(office).splitlines()]
    assert lines[0].endswith(f"{office.client}: The dose of sertraline was raised from 50 mg to 100 mg.  (Dr. Haddad)")
    assert lines[1:5] == ["dose    50 mg -> 100 mg", "taken   1 tablet by mouth every morning", "from    2026-10-30", "why     partial response"]
    assert "note    Watch for restlessness." in lines
    assert f"only in MedicationRequest/{created['id']}/_history/1: MedicationRequest.dispenseRequest" in lines


def test_a_switch_names_both_drugs(office: Office) -> None:
    prior = office.prescribe("Sertraline 50 mg", "1 tablet daily")
    office.prescribe("Escitalopram 10 mg", "1 tablet daily", priorPrescription={"reference": f"MedicationRequest/{prior['id']}"})
    assert "dose    Sertraline 50 mg, 50 mg once a day -> Escitalopram 10 mg, 10 mg once a day" in told(office)


def test_a_stop_says_what_was_taken_until_then(office: Office) -> None:
    office.takes()
    office.prescribe("Sertraline 50 mg", status="stopped")
    (dose,) = [line.strip() for line in told(office).splitlines() if line.strip().startswith("dose")]
    assert dose == "dose    50 mg, Take one tablet (50 mg) by mouth once a day -> none"
