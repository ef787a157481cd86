"""Finishers: what a record needs beyond one cell per field. Each is a small function, named in FINISHERS.

A finisher gets the field values so far and the row's cells, and adds to the values; it raises Misread for the cell that
it cannot understand, which may stand in a joined row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from pydantic import ValidationError

from gateway.record.source.fault import Place, Unreadable
from gateway.record.source.sheet import Row
from gateway.record.source.when import Setting, day
from gateway.record.types import Goal


class Cells(Protocol):
    """A row with its joins."""

    def text(self, name: str) -> str: ...

    def many(self, join: str) -> list[Row]: ...


class Misread(Exception):
    """A fault that a finisher found, in which column, and where that stands if it is not in the row itself."""

    def __init__(self, column: str, rule: str, mend: str, place: Place | None = None) -> None:
        super().__init__(rule)
        self.column = column
        self.place = place
        self.rule = rule
        self.mend = mend


Finisher = Callable[[dict[str, Any], Cells, Mapping[str, str], Setting], None]

_NUMBERED = re.compile(r"\bGoals:\s*(.+)", re.DOTALL)
_NUMBER = re.compile(r"(?:^|;)\s*\d{1,2}\)\s*")
_TARGET = re.compile(r"\b(PHQ-9|GAD-7)\b.{0,40}?\b(?:below|under)\s+(\d{1,2})\b", re.IGNORECASE)


def _goal(goal_id: str, description: str, **more: Any) -> dict[str, Any]:
    """A goal; `PHQ-9 below 10` ties it to the measure with a target of 9."""
    tied = _TARGET.search(description)
    target = {"measure": tied[1].lower(), "target_score": int(tied[2]) - 1} if tied and tied[2] != "0" else {}
    return {"id": goal_id, "description": description, **target, **more}


def _goals_in_text(*texts: str) -> Iterator[dict[str, Any]]:
    """`Goals: 1) ...; 2) ...`, from the first text that has them."""
    for text in texts:
        if found := _NUMBERED.search(text):
            parts = [" ".join(part.split()).rstrip(".;") for part in _NUMBER.split(found[1])]
            return (_goal(f"goal-{number}", part) for number, part in enumerate(filter(None, parts), start=1))
    return iter(())


def _goal_rows(cells: Cells, setting: Setting) -> Iterator[dict[str, Any]]:
    for row in cells.many("goal"):
        if row.text("activity") == "0" or row.text("care_plan_type") != "goal":
            continue
        try:
            start = day(row.text("date"), "", setting) if row.text("date") else None
        except Unreadable as fault:
            raise Misread("date", fault.rule, fault.mend, row.place("date")) from None
        goal = _goal(f"goal-{row.text('id')}", " ".join(row.text("description").split()), start=start)
        try:
            Goal.model_validate(goal)
        except ValidationError:
            rule = "The goal has no description of 1 to 1,000 plain characters, or no id."
            raise Misread("description", rule, "Say what the goal is, in one line.", row.place("description")) from None
        yield goal


def plan_goals(values: dict[str, Any], cells: Cells, _items: Mapping[str, str], setting: Setting) -> None:
    """Goals of a plan: the rows of the join `goal` whose care_plan_type is goal, else those numbered in the plan's own text (`Goals: 1) ...; 2) ...`)."""
    found = list(_goal_rows(cells, setting)) or list(_goals_in_text(cells.text("recommendation_for_follow_up"), cells.text("anyother_relevant_information")))
    values["goals"] = found


def aftercare(values: dict[str, Any], cells: Cells, _items: Mapping[str, str], _setting: Setting) -> None:
    """The three goals of an OpenEMR aftercare plan; what stands under them (I, II) are activities."""
    goals: list[dict[str, Any]] = []
    activities: list[dict[str, Any]] = []
    for goal_id, column in (("goal-a", "goal_a_acute_intoxication"), ("goal-b", "goal_b_emotional_behavioral_conditions"), ("goal-c", "goal_c_relapse_potential")):
        if _says_something(cells.text(column)):
            goals.append(_goal(goal_id, " ".join(cells.text(column).split())))
        steps = ((part, cells.text(f"{column}_{part}")) for part in ("I", "II"))
        activities.extend({"id": f"{goal_id}-{part}", "description": " ".join(step.split()), "kind": "self-care"} for part, step in steps if _says_something(step))
    values.update(goals=goals, activities=activities)


def _says_something(cell: str) -> bool:
    return cell.casefold() not in ("", "n/a", "na", "none", "-")


_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_YES = {"LA33-6": True, "LA32-8": False}
"""LOINC answers Yes and No (https://loinc.org/LL361-7)."""
_FORM = "questionnaire_response"
_MEND = "Export the questionnaire again, or correct its JSON."


def questionnaire(values: dict[str, Any], cells: Cells, items: Mapping[str, str], _setting: Setting) -> None:
    """Answers out of a FHIR R4 QuestionnaireResponse in the cell questionnaire_response; `items` says which link ids are which."""
    form = _form(cells.text(_FORM))
    subject = form.get("subject")
    named = subject.get("reference") if isinstance(subject, dict) else None
    if named is not None and named != f"Patient/{values.get('client')}":
        raise Misread(_FORM, "The questionnaire's subject is not the client of the row.", "File the questionnaire under its own client.")
    answers = {items[link]: answer for link, answer in _answers(form.get("item"), 0) if link in items}
    values["answers"] = {name: answers.get(name) for name in items.values()}


def _form(cell: str) -> dict[str, Any]:
    try:
        form = json.loads(cell)
    except (ValueError, RecursionError):
        raise Misread(_FORM, "The cell is not JSON.", _MEND) from None
    if not isinstance(form, dict) or form.get("resourceType") != "QuestionnaireResponse":
        raise Misread(_FORM, "The cell is not a FHIR QuestionnaireResponse.", _MEND)
    return form


def _answers(items: Any, depth: int) -> Iterator[tuple[str, bool | int | None]]:
    if not isinstance(items, list) or depth > 8:
        return
    for item in items:
        if isinstance(item, dict):
            answer = item.get("answer")
            if isinstance(item.get("linkId"), str) and isinstance(answer, list) and answer:
                yield item["linkId"], _answer(answer)
            yield from _answers(item.get("item"), depth + 1)


def _answer(answers: list[Any]) -> bool | int | None:
    if len(answers) != 1 or not isinstance(answers[0], dict):
        raise Misread(_FORM, "The questionnaire answers one question more than once.", _MEND)
    answer = answers[0]
    if isinstance(found := answer.get("valueBoolean", answer.get("valueInteger")), (bool, int)):
        return found
    coding = answer.get("valueCoding")
    return _coding_value(coding) if isinstance(coding, dict) else None


def _coding_value(coding: dict[str, Any]) -> bool | int:
    """Yes or no by its LOINC answer, or the score by its ordinal value; an answer that is neither is a fault."""
    if coding.get("code") in _YES:
        return _YES[coding["code"]]
    extensions = coding.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        value = extension.get("valueDecimal") if isinstance(extension, dict) and extension.get("url") == _ORDINAL else None
        if isinstance(value, (int, float)) and value == int(value):
            return int(value)
    raise Misread(_FORM, "An answer is neither yes or no nor scored.", "Give each answer LOINC's yes or no, or its ordinal value.")


FINISHERS: dict[str, Finisher] = {"plan_goals": plan_goals, "aftercare": aftercare, "questionnaire": questionnaire}
