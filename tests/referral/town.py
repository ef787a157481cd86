"""Two gateways in one process, a practice and a clinic, and the wire between them, which a test may cut."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from gateway.channel.backend_client import BackendClient
from gateway.net.client import Outgoing, Reply
from gateway.net.line import PartnerAway
from gateway.record.types import Record
from gateway.referral.desk import preview_referral, send_referral, withdraw_referral
from gateway.smart.client import add_client
from gateway.smart.key import load, public_jwks
from gateway.store import outbox
from gateway.store import referral as referrals
from gateway.store.referral import Channel, Open
from gateway.worker import Worker
from mappings.identity import Site
from tests.mappings.corpus import record
from tests.world import PRACTICE, Caller, StillClock, World

CLINIC = "breakwater"
SITE = Site(PRACTICE)
TASK = SITE.id("referral", "ref1", "task")
SERVICE_REQUEST = SITE.id("referral", "ref1")
BSER = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"

STORY: tuple[Record, ...] = (
    record("practice", part_of=None),
    record("clinician", supervisor=None, id="adaeze"),
    record("clinician"),
    record("partner"),
    record("partner", id="cedar", organization="Cedar Family Practice", name=None, npi=None, fhir_base=None),
    record("client", partner_of=None),
    record("problem"),
    record("problem", id="p2", title="Knee pain", codes=[], clinical_status="active", abatement=None),
    record("medication_note", end=None),
    record("session", end=None),
    record("outcome_measure"),
    record("safety_plan"),
)


class Wire(Outgoing):
    """Carries requests to the clinic's app. `away`: nobody answers; `asked`: (method, path) of every request that arrived."""

    def __init__(self, http: FlaskClient) -> None:
        super().__init__(allow_private=True)
        self.http = http
        self.away = False
        self.spoil_tokens = 0
        self.asked: list[tuple[str, str]] = []

    def request(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, data: Any = None, **_: Any) -> Reply:
        if self.away:
            raise PartnerAway("the partner does not answer")
        sent = dict(headers or {})
        if self.spoil_tokens and "Authorization" in sent:
            self.spoil_tokens -= 1
            sent["Authorization"] = "Bearer no-longer-good"
        self.asked.append((method, urlsplit(url).path))
        answer = self.http.open(urlsplit(url)._replace(scheme="", netloc="").geturl(), method=method, headers=sent, data=data)
        return Reply(answer.status_code, dict(answer.headers), answer.data)


class Town:
    """The practice with one client's story, the clinic it refers to, and the worker between them."""

    def __init__(self, folder: Path) -> None:
        """In an empty folder, or in one that such a town has left."""
        self.clock = StillClock()
        for name in ("home", "clinic"):
            (folder / name).mkdir(exist_ok=True)
        self.home, self.clinic = World(folder / "home", clock=self.clock), World(folder / "clinic", clock=self.clock)
        assert not self.home.take_in(STORY).refused
        self.wire = Wire(self.clinic.http)
        keys = load(self.home.settings.secret_key_file)
        known_as = add_client(
            self.clinic.store,
            self.clock,
            practice=PRACTICE,
            name="A therapy practice",
            scope="system/*.crus",
            jwks=public_jwks(keys),
            jwks_uri=None,
            role="partner",
            recipient=None,
        )
        with self.home.store.write() as connection:
            referrals.put_channel(connection, PRACTICE, Channel(CLINIC, "fhir_rest", self.clinic.settings.fhir_base, known_as))
        self.worker = Worker(self.home.settings, self.home.store, BackendClient(self.wire, keys, self.clock), self.clock)
        self._ehr = self.clinic.client("system/*.cruds", practice=True)

    @property
    def system(self) -> Caller:
        """The clinic's own EHR at the clinic's gateway, with a fresh token."""
        self._ehr.token = self.clinic.token(self._ehr.client_id, "system/*.cruds __record.write")
        return self._ehr

    def refer(self, **changed: Any) -> None:
        report = self.home.take_in([record("referral", **({"status": "draft", "reply": None, "problems": ["p1"], "priority": "routine"} | changed))])
        assert not report.refused, report.refused

    def preview(self) -> dict[str, Any]:
        return preview_referral(self.home.context(), "ref1")

    def send(self) -> dict[str, Any]:
        return send_referral(self.home.context(), "ref1")

    def withdraw(self) -> dict[str, Any]:
        return withdraw_referral(self.home.context(), "ref1")

    def open(self) -> Open:
        with self.home.store.read() as connection:
            found = referrals.read(connection, PRACTICE, TASK)
        assert found is not None
        return found

    @property
    def state(self) -> str:
        return self.open().state

    def story(self) -> list[tuple[str, str, str]]:
        """(who, what, state after) of every step."""
        with self.home.store.read() as connection:
            return [(row.actor, row.event, row.to_state) for row in referrals.story(connection, PRACTICE, TASK)]

    def waiting(self, topic: str = "referral-send") -> list[Any]:
        with self.home.store.read() as connection:
            return [letter for letter in outbox.waiting(connection, PRACTICE) if letter.topic == topic]

    def partner(self) -> Caller:
        """The clinic's client at the practice's own gateway: it pulls."""
        return self.home.client("system/*.crus", partner=CLINIC)

    def task_at_clinic(self) -> dict[str, Any]:
        (task,) = self.system.all("Task")
        return task

    def say(self, status: str, code: str | None, **more: Any) -> None:
        """The clinic's EHR changes its copy of the Task."""
        task = self.task_at_clinic()
        self.system.put(f"Task/{task['id']}", told(task, status, code) | more)

    def close(self) -> None:
        self.home.close()
        self.clinic.close()


def told(task: dict[str, Any], status: str, code: str | None) -> dict[str, Any]:
    """The Task as a partner would say it stands."""
    rest = {name: value for name, value in task.items() if name != "businessStatus"} | {"status": status}
    return rest | ({"businessStatus": {"coding": [{"system": BSER, "code": code}]}} if code else {})
