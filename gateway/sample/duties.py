"""What stands around the hour: protocols, coverage, family, what was done and reviewed, papers, messages, supervision."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.record.types import (
    CareTeam,
    Citation,
    Code,
    Coverage,
    Dispense,
    Document,
    FamilyHistory,
    Intervention,
    Member,
    Message,
    Period,
    Preference,
    ProgressReview,
    Protocol,
    Record,
    SideEffect,
    Step,
    Supervision,
    Training,
)
from gateway.sample.calendar import Calendar, Slot
from gateway.sample.chapters import ICD_10_CM, RXNORM, SNOMED_CT, problem_id, session_id
from gateway.sample.people import ADAEZE, FAMILY_DOCTOR, IMANI, PSYCHIATRIST, TEO

_ANA, _MILO = "client-ana", "client-milo"
_HOUR = Slot(1, 17)
_PROTOCOL = "protocol-activation"


def duties(calendar: Calendar) -> Iterator[Record]:
    yield from _knowledge(calendar)
    yield from _around_ana(calendar)
    yield from _done_with_ana(calendar)
    yield from _told_of_ana(calendar)
    yield Coverage(id="coverage-milo", client=_MILO, payer="Harborlight Family Plan", member_id="HF-204-118", relationship="child", type="Commercial")
    yield Preference(
        id="preference-milo", client=_MILO, about="treatment", text="His mother asks to be in the room for the first ten minutes.", recorded_on=calendar.day(1), recorder=TEO
    )


def _knowledge(calendar: Calendar) -> Iterator[Record]:
    yield Protocol(
        id=_PROTOCOL,
        title="Activity first, in low mood",
        code=Code(system=SNOMED_CT, code="228557008"),
        purpose="Adults with a depressive episode who have stopped doing things.",
        for_problems=(Code(system=ICD_10_CM, code="F33.1", text="Recurrent depression, moderate"),),
        citations=(Citation(text="Example, A. and Sample, B. (2019). Doing before feeling: a trial. Journal of Invented Results, 3(2), 10-24."),),
        steps=(Step(title="A week on paper"), Step(title="One thing a day", text="Small, fixed, in daylight."), Step(title="What got in the way")),
    )
    yield Supervision(id="supervision-teo-04", clinician=TEO, supervisor=ADAEZE, held_on=calendar.day(4, 4), minutes=50, topics="Pace with the youngest; when to call the agency.")
    yield Training(id="training-imani-1", clinician=IMANI, title="Working with an interpreter", completed_on=calendar.day(6, 5), hours=Decimal(3), provider="Tidewater Institute")


def _around_ana(calendar: Calendar) -> Iterator[Record]:
    yield Coverage(id="coverage-ana", client=_ANA, payer="Harborlight Health Plan", member_id="HH-551-023", group="Night shift pool", plan="PPO", type="Commercial PPO")
    yield FamilyHistory(
        id="family-ana-mother",
        client=_ANA,
        relationship="MTH",
        condition="Depression",
        codes=(Code(system=ICD_10_CM, code="F33.1"),),
        onset_age=29,
        recorded_on=calendar.day(1, 1),
        note="Treated in Medellín, well since.",
    )
    yield CareTeam(
        id="team-ana",
        client=_ANA,
        name="Everyone around Ana",
        members=(Member(clinician=IMANI, role="counselor"), Member(partner=PSYCHIATRIST, role="psychiatrist"), Member(partner=FAMILY_DOCTOR, role="primary-care")),
        period=Period(start=calendar.day(1, 1)),
    )
    yield Preference(id="preference-ana", client=_ANA, text="Spanish when it matters. No calls before two in the afternoon.", recorded_on=calendar.day(1, 1), recorder=IMANI)


def _done_with_ana(calendar: Calendar) -> Iterator[Record]:
    for key, week, area, title, snomed, outcome in (
        ("week-on-paper", 2, "psychotherapy", "A week on paper", "228557008", "Found that Saturdays carry the week."),
        ("breathing", 4, "coping-skills", "Paced breathing before the shift", "385724002", "Does it in the parking lot."),
        ("support", 7, "support", "Support after a bad night at work", "385726000", None),
    ):
        yield Intervention(
            id=f"intervention-ana-{key}",
            client=_ANA,
            clinician=IMANI,
            session=session_id("ana", week),
            plan="plan-ana-1",
            area=area,  # type: ignore[arg-type]  # a word of the row above
            title=title,
            code=Code(system=SNOMED_CT, code=snomed),
            start=calendar.at(week, _HOUR, 10),
            end=calendar.at(week, _HOUR, 40),
            problems=(problem_id("ana", "depression"),),
            protocol=_PROTOCOL if area == "psychotherapy" else None,
            outcome=outcome,
        )
    yield ProgressReview(
        id="review-ana-06",
        client=_ANA,
        clinician=IMANI,
        session=session_id("ana", 7),
        plan="plan-ana-1",
        reviewed_at=calendar.at(7, _HOUR, 55),
        summary="The scores fell at first and have stood still since. The nights have not changed.",
        findings=("Mood brighter on days off", "Sleep unchanged"),
        problems=(problem_id("ana", "depression"),),
        outlook="Good, with the medication looked at",
        next_steps="Ask the psychiatrist about the dose.",
    )


def _told_of_ana(calendar: Calendar) -> Iterator[Record]:
    yield SideEffect(
        id="effect-ana-nausea", client=_ANA, medication="med-ana-sertraline", effect="Queasy in the first hour", severity="mild", noticed_on=calendar.day(3, 1), recorder=IMANI
    )
    yield Dispense(
        id="dispense-ana-1",
        client=_ANA,
        medication="med-ana-sertraline",
        title="Sertraline 50 mg",
        code=Code(system=RXNORM, code="312941"),
        handed_over_on=calendar.day(5, 2),
        quantity=Decimal(30),
        unit="tablet",
        days_supply=30,
        refill=True,
        pharmacy="Ropewalk Pharmacy",
    )
    yield Message(
        id="message-ana-1",
        client=_ANA,
        sender=IMANI,
        partner=PSYCHIATRIST,
        sent_at=calendar.at(7, _HOUR, 65),
        topic="medication-evaluation",
        subject="Is the dose still right?",
        text="The scores have stood still for three weeks. She is queasy in the first hour and takes it all the same.",
        medications=("med-ana-sertraline",),
    )
    yield Document(
        id="document-ana-letter",
        client=_ANA,
        author=IMANI,
        type="letter",
        title="Letter to the employer about shift times",
        written_at=calendar.at(8, _HOUR, 60),
        text="A fixed week of day shifts in each month would help the treatment.",
    )
