"""From a story to its records: sessions, scores, plans, notes, medications, all dated by the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import get_args

from gateway.record.types import (
    Activity,
    Allergy,
    Code,
    Goal,
    MedicationNote,
    Note,
    OutcomeMeasure,
    Period,
    Problem,
    ProcessNoteMark,
    Record,
    RiskAssessment,
    Session,
    TreatmentPlan,
)
from gateway.sample import scores
from gateway.sample.calendar import Calendar
from gateway.sample.story import Aim, Course, Plan, RiskItem, Screen, Story, Work

ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED_CT = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"

_FORMS = {
    "individual": ("Individual psychotherapy", "18512000", 50),
    "family": ("Family psychotherapy", "108313002", 60),
    "couple": ("Couple session", "75516001", 75),
}
"""Form of the hour -> the practice's words, SNOMED CT code, minutes."""


def problem_id(who: str, key: str) -> str:
    return f"problem-{who}-{key}"


def session_id(who: str, week: int) -> str:
    return f"session-{who}-{week:02}"


def problems(story: Story, calendar: Calendar) -> Iterator[Record]:
    for trouble in story.troubles:
        yield Problem(
            id=problem_id(story.who, trouble.key),
            client=f"client-{story.who}",
            title=trouble.title,
            codes=(Code(system=ICD_10_CM, code=trouble.icd10cm, text=trouble.title),),
            clinical_status=trouble.status,
            verification=trouble.verification,
            onset=calendar.day(trouble.since),
            abatement=None if trouble.over is None else calendar.day(trouble.over),
            recorded_on=calendar.day(max(story.weeks[0], 1), story.slot.weekday),
            recorder=story.therapist,
            note=trouble.note,
            sensitivity=trouble.sensitivity,
        )


def medications(story: Story, calendar: Calendar) -> Iterator[Record]:
    for drug in story.drugs:
        yield MedicationNote(
            id=f"med-{story.who}-{drug.key}",
            client=f"client-{story.who}",
            title=drug.title,
            code=Code(system=RXNORM, code=drug.rxnorm, text=drug.title) if drug.rxnorm else None,
            status=drug.status,
            taken=drug.taken,
            instructions=drug.instructions,
            start=calendar.day(drug.since),
            end=None if drug.until is None else calendar.day(drug.until),
            prescriber=drug.prescriber,
            noted_on=calendar.day(max(drug.since, story.weeks[0], 1), story.slot.weekday),
            noted_by=story.therapist,
            note=drug.note,
            sensitivity=drug.sensitivity,
        )


def allergies(story: Story, calendar: Calendar) -> Iterator[Record]:
    for known in story.reactions:
        yield Allergy(
            id=f"allergy-{story.who}-{known.key}",
            client=f"client-{story.who}",
            title=known.title,
            status=known.status,
            verification=known.verification,
            reaction=known.reaction,
            severity=known.severity,
            recorded_on=calendar.day(story.weeks[0], story.slot.weekday),
            recorder=story.therapist,
        )


def _session_weeks(story: Story) -> range:
    return range(story.weeks[0], story.weeks[1] + 1, story.rhythm)


def _held(story: Story, week: int) -> bool:
    return week in _session_weeks(story) and week not in dict(story.missed)


def sessions(story: Story, calendar: Calendar) -> Iterator[Record]:
    """This week's hour is finished once its day is over; a later one is planned."""
    text, code, minutes = _FORMS[story.form]
    for week in _session_weeks(story):
        past = calendar.day(week, story.slot.weekday) < calendar.today
        mode = dict(story.other_modes).get(week, story.mode)
        yield Session(
            id=session_id(story.who, week),
            client=f"client-{story.who}",
            clinician=story.therapist,
            supervisor=story.supervisor,
            place=story.place if mode in ("in-person", "emergency") else None,
            start=calendar.at(week, story.slot),
            end=calendar.at(week, story.slot, minutes),
            mode=mode,
            status=dict(story.missed).get(week, "finished") if past else "planned",
            type_text=text,
            codes=(Code(system=SNOMED_CT, code=code, text=text),),
        )


def _measure(story: Story, course: Course, week: int, calendar: Calendar) -> OutcomeMeasure:
    """One that stands in no session was filled in at home at the usual hour."""
    total = scores.total(story.who, course, week)
    complete = week not in dict(course.left_open)
    return OutcomeMeasure(
        id=f"{course.instrument.replace('-', '')}-{story.who}-{week:02}",
        client=f"client-{story.who}",
        instrument=course.instrument,
        taken_at=calendar.at(week, story.slot, -10),
        clinician=story.therapist,
        session=session_id(story.who, week) if _held(story, week) else None,
        answers=scores.answers(story.who, course, week),
        total=total if complete else None,
        difficulty=scores.difficulty(total) if course.instrument != "audit-c" else None,
        sensitivity=course.sensitivity,
    )


def measures(story: Story, calendar: Calendar) -> Iterator[Record]:
    """None from before the work began, none after it ended, none in a week when the client did not come."""
    for course in story.courses:
        for week in scores.weeks(course):
            if story.weeks[0] <= week <= story.weeks[1] and dict(story.missed).get(week) != "no-show":
                yield _measure(story, course, week, calendar)


def _goal(aim: Aim, story: Story, start: date, due: date) -> Goal:
    return Goal(
        id=aim.key,
        description=aim.description,
        status=aim.status,
        achievement=aim.achievement,
        start=start,
        due=due,
        measure=aim.measure,
        target_score=aim.target,
        problems=tuple(problem_id(story.who, key) for key in aim.problems),
        sensitivity=aim.sensitivity,
    )


def _activity(work: Work) -> Activity:
    times, per, unit = work.rhythm or (None, None, None)
    return Activity(
        id=work.key,
        description=work.description,
        code=Code(system=SNOMED_CT, code=work.snomed, text=work.description) if work.snomed else None,
        kind=work.kind,
        status=work.status,
        times=times,
        per=per,
        unit=unit,
        sensitivity=work.sensitivity,
    )


def _plan(story: Story, number: int, plan: Plan, calendar: Calendar) -> TreatmentPlan:
    start, end = calendar.day(plan.week, story.slot.weekday), calendar.day(plan.until, story.slot.weekday)
    return TreatmentPlan(
        id=f"plan-{story.who}-{number}",
        client=f"client-{story.who}",
        author=story.therapist,
        team=(story.supervisor,) if story.supervisor else (),
        title=plan.title,
        status=plan.status,
        written_on=start,
        period=Period(start=start, end=end),
        presenting_issues=plan.issues,
        history=plan.history,
        diagnosis_text="; ".join(trouble.title for trouble in story.troubles if trouble.sensitivity == "normal") or None,
        treatment_received=plan.received,
        recommendation=plan.recommendation,
        problems=tuple(problem_id(story.who, trouble.key) for trouble in story.troubles),
        goals=tuple(_goal(aim, story, start, end) for aim in plan.aims),
        activities=tuple(_activity(work) for work in plan.works),
        replaces=f"plan-{story.who}-{number - 1}" if plan.replaces else None,
    )


def plans(story: Story, calendar: Calendar) -> Iterator[Record]:
    for number, plan in enumerate(story.plans, start=1):
        yield _plan(story, number, plan, calendar)


def notes(story: Story, calendar: Calendar) -> Iterator[Record]:
    for entry in story.entries:
        yield Note(
            id=f"note-{story.who}-{entry.week:02}",
            client=f"client-{story.who}",
            author=story.therapist,
            session=session_id(story.who, entry.week) if entry.week in _session_weeks(story) else None,
            written_at=calendar.at(entry.week, story.slot, 95),
            type=entry.type,
            text=entry.text,
            sensitivity=entry.sensitivity,
        )


def _screening(story: Story, screen: Screen, calendar: Calendar) -> RiskAssessment:
    return RiskAssessment(
        id=f"risk-{story.who}-{screen.week:02}",
        client=f"client-{story.who}",
        clinician=story.therapist,
        session=session_id(story.who, screen.week) if _held(story, screen.week) else None,
        assessed_at=calendar.at(screen.week, story.slot, 20),
        instrument="clinical-judgement" if screen.by_judgement else "c-ssrs-screener",
        answers={} if screen.by_judgement else {item: item in screen.yes for item in get_args(RiskItem)},
        level=screen.level,
        note=screen.note,
    )


def screenings(story: Story, calendar: Calendar) -> Iterator[Record]:
    for screen in story.screens:
        yield _screening(story, screen, calendar)


def process_note_marks(story: Story, calendar: Calendar) -> Iterator[Record]:
    for week in story.process_notes:
        yield ProcessNoteMark(id=f"process-{story.who}-{week:02}", client=f"client-{story.who}", author=story.therapist, written_on=calendar.day(week, story.slot.weekday))


CHAPTERS = (problems, allergies, medications, sessions, plans, measures, screenings, notes, process_note_marks)
"""In the order in which the kinds refer to one another."""
