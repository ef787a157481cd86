"""demo --script: the whole exchange, step by step, for someone who has never heard of FHIR.

Everything is real: two gateways on this machine, each a server with its own database, talking HTTP with signed tokens.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
from rich.panel import Panel
from rich.table import Table

from gateway.cli.ground import console
from gateway.cli.stage import Caller, Stand, new_caller, wait_for
from gateway.sample import DEMO_CLIENT, DEMO_PSYCHIATRIST, DEMO_THERAPIST, PRACTICE_ID, PRACTICE_NAME

_REFERRAL = "demo-second-opinion"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_BARS = "▁▂▃▄▅▆▇█"


class Story:
    """Who takes part: the practice (a therapist's office), the psychiatrist's clinic, and their programs."""

    def __init__(self, folder: Path) -> None:
        self.practice, self.clinic = Stand(folder / "practice"), Stand(folder / "clinic")
        self.patient: dict[str, Any] = {}

    def begin(self) -> None:
        for stand in (self.practice, self.clinic):
            stand.folder.mkdir(parents=True)
        self.practice.start("--sample")
        self.clinic.run("init", "--practice", "breakwater", "--name", "Breakwater Psychiatry")
        self.clinic.start()
        self._introduce()

    def _introduce(self) -> None:
        sample = json.loads((self.practice.folder / "keys" / "clients.json").read_text())
        self.therapist, self.psychiatrist, self.stranger = (
            Caller(self.practice, Path(one["key"]), one["client_id"], one["scope"]) for one in (sample[name] for name in ("practice", "psychiatrist", "stranger"))
        )
        self.clinic_system = new_caller(self.clinic, "Breakwater EHR", "system/*.cruds __record.write")
        keys = self.clinic.folder / "practice.public.json"
        keys.write_bytes(orjson.dumps(_public_keys(self.practice)))
        known_as = self.clinic.run("client", "add", "--name", PRACTICE_NAME, "--jwks", str(keys), "--scope", "system/*.crus")["client_id"]
        self.practice.run("partner", "add", DEMO_PSYCHIATRIST, "--fhir-base", self.clinic.fhir, "--client-id", known_as)

    def end(self) -> None:
        for stand in (self.practice, self.clinic):
            stand.stop()


def _public_keys(stand: Stand) -> Any:
    from_file = json.loads((stand.folder / "keys" / "gateway.jwks.json").read_text())
    return {"keys": [{name: value for name, value in key.items() if name not in ("d", "p", "q", "dp", "dq", "qi")} for key in from_file["keys"]]}


@click.command()
@click.option("--script", is_flag=True, help="Play the whole exchange in the terminal and end.")
def demo(script: bool) -> None:
    """Play the whole exchange: records in, a care plan out, a referral sent, a medication update back.

    Example: handoff demo --script
    """
    if not script:
        raise click.UsageError("Say how: --script plays it in the terminal. (make run serves the sample practice with a page.)")
    with tempfile.TemporaryDirectory(prefix="handoff-demo-") as folder:
        story = Story(Path(folder))
        try:
            for number, step in enumerate(_STEPS):
                _title(number, step)
                step(story)
        finally:
            story.end()
    console.print(Panel("That was the whole exchange. Serve the same practice yourself with: make run", style="green"))


def _title(number: int, step: Callable[[Story], None]) -> None:
    console.print()
    console.rule(f"[bold]{number}. {step.__doc__}[/bold]" if number else f"[bold]{step.__doc__}[/bold]")


def _say(text: str) -> None:
    console.print(text)


def _open_up(story: Story) -> None:
    """Two offices on this machine"""
    _say(f"{PRACTICE_NAME} is a therapy practice; Breakwater Psychiatry is a clinic in the same town. Everyone in this story is invented.")
    _say("Each runs a gateway. They share nothing but the network, and each request is signed with the sender's own key.")
    story.begin()
    _say(f"  practice: {story.practice.fhir}\n  clinic:   {story.clinic.fhir}")


def _records_in(story: Story) -> None:
    """The practice's records go in"""
    _say("The practice's own system handed its records over: clients, plans, questionnaires, notes, what each client agreed to.")
    table = Table("What the practice keeps", "becomes", "how many", box=None)
    for what, kind in (
        ("clients", "Patient"),
        ("treatment plans", "CarePlan"),
        ("goals", "Goal"),
        ("questionnaires filled in", "QuestionnaireResponse"),
        ("medications taken", "MedicationRequest"),
        ("visits", "Encounter"),
        ("what clients agreed to", "Consent"),
    ):
        table.add_row(what, kind, str(story.therapist.get(f"{kind}?_summary=count")["total"]))
    console.print(table)
    _say("A therapist's private process notes are not among them: the gateway has no place to put them.")


def _care_plan_out(story: Story) -> None:
    """The psychiatrist's system reads a care plan"""
    ana = story.therapist.record("GET", f"client/{DEMO_CLIENT}")
    name, born = ana["name"], ana["birth_date"]
    _say(f"Ana has agreed that her psychiatrist may see her plan, her scores and her medications. The clinic looks for her: {name['given'][0]} {name['family']}, born {born}.")
    found = story.psychiatrist.get(f"Patient?name={name['family']}&birthdate={born}")
    story.patient = found["entry"][0]["resource"]
    subject = f"patient={story.patient['id']}"
    plan = story.psychiatrist.get(f"CarePlan?{subject}&status=active&_include=CarePlan:goal")
    for entry in plan["entry"]:
        resource = entry["resource"]
        _say(f"  {'plan' if resource['resourceType'] == 'CarePlan' else 'goal'}: {resource.get('title') or resource['description']['text']}")
    scores = story.psychiatrist.get(f"Observation?{subject}&code=44261-6&_sort=date&_count=50")
    values = [entry["resource"]["valueQuantity"]["value"] for entry in scores["entry"]]
    _say(f"  depression score (PHQ-9, 0 to 27): {_curve(values)}  from {values[0]:g} to {values[-1]:g}")
    nothing = story.stranger.get("Patient?_summary=count")["total"]
    _say(f"A system that no client agreed to asks the same question and sees {nothing} clients: not refused, simply nothing there.")


def _curve(values: list[float]) -> str:
    return "".join(_BARS[min(7, int(value * 8 / 28))] for value in values)


def _referral_out(story: Story) -> None:
    """The therapist sends a referral and watches it"""
    body = {
        "client": DEMO_CLIENT,
        "partner": DEMO_PSYCHIATRIST,
        "author": DEMO_THERAPIST,
        "requested_at": datetime.now(UTC).isoformat(),
        "service": "psychiatry",
        "reason": "Please review the medication: the scores have stopped falling.",
        "status": "draft",
    }
    story.therapist.record("PUT", f"referral/{_REFERRAL}", body)
    preview = story.therapist.record("GET", f"referral/{_REFERRAL}/$preview")
    _say("Before anything leaves, the therapist sees exactly what would:")
    table = Table("", "what", "as", "why", box=None)
    for item in preview["items"]:
        table.add_row("[green]goes[/green]" if item["goes"] else "[dim]stays[/dim]", item["title"], f"[dim]{item['resource'].partition('/')[0]}[/dim]", f"[dim]{item['why']}[/dim]")
    console.print(table)
    story.therapist.record("POST", f"referral/{_REFERRAL}/$send")
    _say("Sent. The gateway delivers it to the clinic's server over HTTP.")
    wait_for(lambda: _state(story) == "delivered", "the referral to arrive")
    task = story.clinic_system.get("Task?status=requested")["entry"][0]["resource"]
    reason = story.clinic_system.get(task["focus"]["reference"])["reasonCode"][0]["text"]
    _say(f'  at the clinic: a new task, "{reason}"')
    for status, code in (("accepted", "3.0"), ("completed", "7.0")):
        task = story.clinic_system.send("PUT", f"Task/{task['id']}", _told(task, status, code))
        wait_for(lambda wanted=status: _state(story) == wanted, f"the referral to be {status}")
        _say(f"  the clinic says {status}; the therapist's worklist says {_state(story)}")


def _told(task: dict[str, Any], status: str, code: str) -> dict[str, Any]:
    system = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"
    return task | {"status": status, "businessStatus": {"coding": [{"system": system, "code": code}]}}


def _state(story: Story) -> str:
    rows = story.practice.run("referral", "list", "--practice", PRACTICE_ID)
    return str(rows[0]["state"]) if rows else "not sent"


def _medication_back(story: Story) -> None:
    """The psychiatrist changes a dose, and the therapist knows"""
    subject = story.patient["id"]
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": _RXNORM, "code": "312938", "display": "sertraline 100 MG Oral Tablet"}], "text": "Sertraline 100 mg tablet"},
        "subject": {"reference": f"Patient/{subject}"},
        "authoredOn": datetime.now(UTC).date().isoformat(),
        "requester": {"display": "Breakwater Psychiatry"},
        "reasonCode": [{"text": "partial response"}],
        "dosageInstruction": [{"text": "1 tablet by mouth every morning", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
    }
    story.psychiatrist.send("POST", "MedicationRequest", order)
    change = story.therapist.record("GET", "medication_change")[0]
    _say("In the therapist's records, a minute later at most:")
    table = Table("old dose", "new dose", "who", "when", box=None)
    table.add_row(change["old_dose"], change["new_dose"], change["prescriber"], change["received_at"][:16])
    console.print(table)
    _say(f"  [bold]{change['sentence']}[/bold]")


def _trail(story: Story) -> None:
    """Everything left a trace"""
    told = story.practice.run("audit", "report", "--client", DEMO_CLIENT)
    table = Table("when", "who", "what", box=None)
    for row in told[:8]:
        table.add_row(row["when"][:19], row["who"], row["what"])
    console.print(table)
    _say(f"{len(told)} entries so far about Ana alone; each was on disk before its answer left.")


_STEPS: tuple[Callable[[Story], None], ...] = (_open_up, _records_in, _care_plan_out, _referral_out, _medication_back, _trail)
