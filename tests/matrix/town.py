"""The town of the authorization matrix: two practices in one store, four clients and one next door, a word of its own in every record.

What stands in the store is read back straight from its tables, so that the oracle judges what is there and not what an interaction shows.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import event, select

from gateway.catalogue import synchronise
from gateway.clock import to_ms
from gateway.context import Context, Principal
from gateway.record.intake import take_in
from gateway.record.types import Record
from gateway.store import practice as practices
from gateway.store import release as releases
from gateway.store.schema import resource, resource_history
from mappings.identity import Site
from mappings.terminology import shipped
from tests.interaction.resources import observation
from tests.store.engines import EVERYTHING, opened, record
from tests.world import PRACTICE, World

NEXT_DOOR = "next-door"
SITES = {PRACTICE: Site(PRACTICE), NEXT_DOOR: Site(NEXT_DOOR)}
CANARY = re.compile(r"zq[a-z]+x[a-z]+zq")
"""The word of a record: whose it is, and which."""

_PAPER = re.compile(r'"data":"([A-Za-z0-9+/=]+)"')

Resource = dict[str, Any]


class Held(NamedTuple):
    """One resource as it stands in the store, and the practice it belongs to (empty for the catalogue)."""

    practice: str
    versions: tuple[Resource, ...]

    @property
    def current(self) -> Resource:
        return self.versions[-1]


def word(client: str, what: str) -> str:
    return f"zq{client}x{what}zq"


def _around(client: str) -> list[Record]:
    """Who stands about a client, and what the visits were."""
    return [
        record("guardian", id=f"guardian-{client}", client=client, name={"family": word(client, "guardian")}, relationship="SIB", legal=False),
        record("coverage", id=f"coverage-{client}", client=client, payer=word(client, "coverage")),
        record("session", id=f"session-{client}", client=client, start="2026-03-02T10:00:00-05:00", reason=word(client, "session"), problems=[f"problem-{client}"]),
        record("allergy", id=f"allergy-{client}", client=client, title=word(client, "allergy")),
        record("medication_note", id=f"medication-{client}", client=client, title=word(client, "medication")),
        record("dispense", id=f"dispense-{client}", client=client, title=word(client, "dispense"), handed_over_on="2026-04-01"),
        record("side_effect", id=f"effect-{client}", client=client, effect=word(client, "effect"), noticed_on="2026-04-02"),
        record("family_history", id=f"family-{client}", client=client, relationship="MTH", condition=word(client, "family")),
        record("message", id=f"message-{client}", client=client, to_client=True, sent_at="2026-05-01T09:00:00-04:00", text=word(client, "message")),
        record("process_note_mark", id=f"mark-{client}", client=client, written_on="2026-05-01"),
    ]


def _clinical(client: str) -> list[Record]:
    """What was found and done."""
    coded = {"codes": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.1"}]}
    at = "2026-05-05T10:00:00-04:00"
    return [
        record("problem", id=f"problem-{client}", client=client, title=word(client, "problem"), recorded_on="2026-01-10", **coded),
        record("problem", id=f"concern-{client}", client=client, title=word(client, "concern"), listed_as="health-concern", recorded_on="2026-01-11"),
        record("problem", id=f"secret-{client}", client=client, title=word(client, "secret"), sensitivity="restricted"),
        record("assessment", id=f"assessment-{client}", client=client, assessed_at=at, presenting_problem=word(client, "assessment")),
        record("outcome_measure", id=f"phq-{client}", client=client, instrument="phq-9", taken_at=at, total=9),
        record("outcome_measure", id=f"srs-{client}", client=client, instrument="srs", taken_at=at, total=38),
        record("risk_assessment", id=f"risk-{client}", client=client, assessed_at=at, answers={"wish": True, "intent": True}, note=word(client, "risk")),
        record("intervention", id=f"intervention-{client}", client=client, title=word(client, "intervention"), start=at),
        record("progress_review", id=f"review-{client}", client=client, reviewed_at=at, summary=word(client, "review")),
        record("safety_plan", id=f"safety-{client}", client=client, written_on="2026-05-05", coping=word(client, "safety")),
        record("preference", id=f"preference-{client}", client=client, text=word(client, "preference"), recorded_on="2026-05-05"),
        record("note", id=f"note-{client}", client=client, written_at=at, text=word(client, "note")),
        record("document", id=f"document-{client}", client=client, title=word(client, "document"), written_at=at, text=word(client, "paper")),
    ]


def _planned(client: str) -> list[Record]:
    activity = {"id": "a1", "description": word(client, "activity")}
    asked = {"partner": "asked", "requested_at": "2026-05-06T10:00:00-04:00", "service": "psychiatry", "problems": [f"problem-{client}"]}
    return [
        record("treatment_plan", id=f"plan-{client}", client=client, written_on="2026-02-01", title=word(client, "plan"), goals=_goals(client), activities=[activity]),
        record("referral", id=f"referral-{client}", client=client, reason=word(client, "referral"), **asked),
    ]


def _goals(client: str) -> list[dict[str, Any]]:
    """Of ana, who is treated for substance use, one goal is a 42 CFR Part 2 record."""
    dry = [{"id": "g2", "description": word(client, "dry"), "sensitivity": "substance-use"}]
    return [{"id": "g1", "description": word(client, "goal"), "problems": [f"problem-{client}", *(["secret-ben"] if client == "ben" else [])]}, *(dry if client == "ana" else [])]


def _changed() -> list[Record]:
    """What a second taking in changes: a concern of each that became a problem, a secret that was opened, and one that was closed."""
    kinds = (("turned", {"listed_as": "problem"}), ("opened", {"sensitivity": "normal"}), ("closed", {"sensitivity": "restricted"}))
    return [_turning(client, what, **values) for client in ("ana", "ben") for what, values in kinds]


def _unchanged() -> list[Record]:
    kinds = (("turned", {"listed_as": "health-concern"}), ("opened", {"sensitivity": "restricted"}), ("closed", {"sensitivity": "normal"}))
    return [_turning(client, what, **values) for client in ("ana", "ben") for what, values in kinds]


def _turning(client: str, what: str, **values: Any) -> Record:
    return record("problem", id=f"{what}-{client}", client=client, title=word(client, what), recorded_on="2026-01-12", **values)


def _client(name: str, therapist: str | None) -> Record:
    return record("client", id=name, name={"family": word(name, "client")}, birth_date="1990-02-03", sex="female", therapist=therapist)


def _team(client: str, *members: str, status: str = "active") -> Record:
    return record("care_team", id=f"team-{client}", client=client, name=word(client, "team"), status=status, members=[{"clinician": one} for one in members])


def _consent(client: str, partner: str, categories: list[str] | None = None, **values: Any) -> Record:
    given = {"id": f"release-{client}-{partner}", "client": client, "partner": partner, "categories": categories or EVERYTHING, "purpose": "treatment"}
    return record("consent", **given | {"signed_by": word(client, f"release{partner}"), "signed_on": "2026-01-05"} | values)


STAFF = {"first": "chief", "second": None, "third": None, "chief": None, "idle": None}
"""The clinicians of the practice, and who supervises them."""

PARTNERS = ("harbor", "pier", "gone", "void", "court", "payer", "detox", "asked", "nobody")


def _house() -> list[Record]:
    place = record("practice", id="place", name="Larkmoor")
    staff = [record("clinician", id=key, name={"family": key.title()}, practice="place", supervisor=above) for key, above in sorted(STAFF.items(), key=lambda one: one[1] or "")]
    partners = [record("partner", id=key, organization=f"{key.title()} House", name={"family": key.title()}, fhir_base=f"https://{key}.example/fhir") for key in PARTNERS]
    return [place, *staff, *partners, record("protocol", id="protocol", title="A protocol")]


def _clients() -> list[Record]:
    made: list[Record] = []
    for name, therapist in (("ana", "first"), ("ben", "second")):
        made += [_client(name, therapist), *_around(name), *_clinical(name), *_planned(name)]
    made.append(record("problem", id="use-ana", client="ana", title=word("ana", "use"), sensitivity="substance-use"))
    for name in ("cal", "dee"):
        made += [_client(name, None), *_around(name), *_clinical(name)[:2]]
    return [*made, _team("ana", "third"), _team("ben", "third"), _team("cal", "first"), _team("dee", "first", status="inactive")]


def _releases() -> list[Record]:
    """Of ben everything, of ana what is named."""
    return [
        _consent("ben", "harbor", [*EVERYTHING, "coverage"]),
        _consent("ana", "harbor", ["demographics", "attendance", "medications"]),
        _consent("ana", "pier", ["demographics", "diagnoses"]),
        _consent("ben", "pier", ["assessments", "allergies"]),
        _consent("ben", "gone", period={"start": "2026-01-05", "end": "2026-06-01"}),
        _consent("ben", "void", revoked_on="2026-09-01"),
        _consent("ben", "court", purpose="legal"),
        _consent("ben", "payer", purpose="payment"),
        _consent("ana", "detox", [*EVERYTHING, "coverage", "sud_records"], part2=True),
        _consent("ben", "detox", ["progress_notes", "treatment_plan", "safety_plan", "referrals"]),
    ]


def side(world: World, practice: str = PRACTICE) -> Context:
    """The practice's own side, without HTTP."""
    principal = Principal("test", "Test", practice, "practice", "test", "TREAT", "")
    return Context(principal, world.store, world.journal, world.clock, str(uuid.uuid4()), world.settings.fhir_base, lambda _type, _letter: True)


def _next_door() -> list[Record]:
    place = record("practice", id="place", name="Next Door")
    people = [record("clinician", id="first", name={"family": "Elsewhere"}, practice="place"), record("partner", id="harbor", organization="Harbor House")]
    return [place, *people, _client("eve", "first"), *_around("eve"), *_clinical("eve")[:4], _consent("eve", "harbor")]


WRITTEN_BY_HARBOR = {"system": "urn:harbor", "value": "1"}
OPENED = (("Patient", "client", "ben"), ("Condition", "problem", "ben"), ("ServiceRequest", "referral", "ben"))
"""What a referral opened to the partner `asked`."""


def settle(world: World) -> None:
    """Everyone moves in."""
    with world.store.write() as connection:
        practices.add(connection, NEXT_DOOR, "Next Door", "America/New_York", to_ms(world.clock()))
    _take(world, PRACTICE, [*_house(), *_clients(), *_releases(), *_unchanged()])
    _take(world, PRACTICE, _changed())
    _take(world, NEXT_DOOR, _next_door())
    synchronise(side(world, NEXT_DOOR), list(shipped())[:4])
    here = SITES[PRACTICE]
    with world.store.write() as connection:
        opened_here = [(kind, here.id(what, name if what == "client" else f"{what}-{name}")) for kind, what, name in OPENED]
        releases.open_to(connection, PRACTICE, "asked", opened_here, reason="referral:1")
    own, harbor, ben = world.client(practice=True), world.client(partner="harbor"), f"Patient/{here.id('client', 'ben')}"
    for one in _by_hand(ben):
        own.post(one["resourceType"], one)
    harbor.post("Observation", observation(ben.removeprefix("Patient/"), note=[{"text": word("ben", "theirs")}], identifier=[WRITTEN_BY_HARBOR]))


def _take(world: World, where: str, records: list[Record]) -> None:
    report = take_in(side(world, where), records, source="test")
    assert not report.refused, report.refused


def _by_hand(ben: str) -> list[Resource]:
    """Of the types that no record here becomes."""
    medicine = {"medicationCodeableConcept": {"text": word("ben", "taken")}}
    return [
        {"resourceType": "MedicationStatement", "status": "active", "subject": {"reference": ben}} | medicine,
        {"resourceType": "List", "status": "current", "mode": "snapshot", "title": word("ben", "list"), "subject": {"reference": ben}},
    ]


@contextmanager
def town(folder: Path, url: str) -> Iterator[World]:
    with opened(folder, url) as world:
        if world.store.is_sqlite:
            world.store.engine.dispose()
            event.listen(world.store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        settle(world)
        yield world


def stock(world: World) -> list[Held]:
    """Every resource in the store, of both practices and of the catalogue."""
    with world.store.read() as connection:
        current = connection.execute(select(resource.c.practice, resource.c.type, resource.c.id, resource.c.body)).all()
        before = connection.execute(select(resource_history).order_by(resource_history.c.version)).all()
    older: dict[tuple[str, str, str], list[Resource]] = {}
    for row in before:
        older.setdefault((row.practice, row.type, row.id), []).append(orjson.loads(row.body))
    return [Held(row.practice, tuple(older[row.practice, row.type, row.id])) for row in current]


def words(body: bytes) -> set[str]:
    """The words of records that stand in an answer, those in papers included."""
    text = body.decode("utf-8", "replace")
    return set(CANARY.findall(" ".join((text, *map(_paper, _PAPER.findall(text))))))


def _paper(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode("utf-8", "replace")
    except ValueError:
        return ""
