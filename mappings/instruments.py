"""Questionnaires as LOINC codes them: panel, items, answers, score, and what a score is called.

Severity words describe a score, they decide nothing. PHQ-9: Kroenke, Spitzer and Williams 2001; GAD-7: Spitzer and
others 2006. AUDIT-C has no words here: its cut-off differs by sex (https://loinc.org/75626-2).
"""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """One answer by its LOINC answer code; its place in the tuple is its score."""

    code: str
    label: str


class Item(NamedTuple):
    """One question: LOINC code, and a short label of our own."""

    code: str
    label: str
    answers: tuple[Answer, ...]


class Form(NamedTuple):
    """One instrument; `bands` give the highest score of each word, in rising order."""

    name: str
    panel: str
    score: str
    items: dict[str, Item]
    bands: tuple[tuple[int, str], ...] = ()

    @property
    def questionnaire(self) -> str:
        """The canonical of the LOINC panel as a questionnaire (https://loinc.org/fhir/)."""
        return f"http://loinc.org/q/{self.panel}"


_FREQUENCY = (Answer("LA6568-5", "Not at all"), Answer("LA6569-3", "Several days"), Answer("LA6570-1", "More than half the days"), Answer("LA6571-9", "Nearly every day"))
_DIFFICULTY = (
    Answer("LA6572-7", "Not difficult at all"),
    Answer("LA6573-5", "Somewhat difficult"),
    Answer("LA6575-0", "Very difficult"),
    Answer("LA6574-3", "Extremely difficult"),
)
_DRINKING = (
    Answer("LA6270-8", "Never"),
    Answer("LA18926-8", "Monthly or less"),
    Answer("LA18927-6", "2 to 4 times a month"),
    Answer("LA18928-4", "2 to 3 times a week"),
    Answer("LA18929-2", "4 or more times a week"),
)
_DRINKS = (Answer("LA15694-5", "1 or 2"), Answer("LA15695-2", "3 or 4"), Answer("LA18930-0", "5 or 6"), Answer("LA18931-8", "7 to 9"), Answer("LA18932-6", "10 or more"))
_BINGE = (
    Answer("LA6270-8", "Never"),
    Answer("LA18933-4", "Less than monthly"),
    Answer("LA18876-5", "Monthly"),
    Answer("LA18891-4", "Weekly"),
    Answer("LA18934-2", "Daily or almost daily"),
)

FORMS: dict[str, Form] = {
    "phq-9": Form(
        "PHQ-9",
        "44249-1",
        "44261-6",
        {
            "interest": Item("44250-9", "Little interest or pleasure", _FREQUENCY),
            "mood": Item("44255-8", "Down, depressed or hopeless", _FREQUENCY),
            "sleep": Item("44259-0", "Trouble with sleep, or too much of it", _FREQUENCY),
            "energy": Item("44254-1", "Tired, little energy", _FREQUENCY),
            "appetite": Item("44251-7", "Poor appetite or overeating", _FREQUENCY),
            "self_worth": Item("44258-2", "Feeling bad about oneself", _FREQUENCY),
            "concentration": Item("44252-5", "Trouble concentrating", _FREQUENCY),
            "movement": Item("44253-3", "Slowed down, or restless", _FREQUENCY),
            "self_harm": Item("44260-8", "Thoughts of being better off dead, or of hurting oneself", _FREQUENCY),
        },
        ((4, "minimal"), (9, "mild"), (14, "moderate"), (19, "moderately severe"), (27, "severe")),
    ),
    "gad-7": Form(
        "GAD-7",
        "69737-5",
        "70274-6",
        {
            "nervous": Item("69725-0", "Nervous, anxious or on edge", _FREQUENCY),
            "control_worry": Item("68509-9", "Not able to stop or control worrying", _FREQUENCY),
            "worry": Item("69733-4", "Worrying too much about different things", _FREQUENCY),
            "relax": Item("69734-2", "Trouble relaxing", _FREQUENCY),
            "restless": Item("69735-9", "Too restless to sit still", _FREQUENCY),
            "irritable": Item("69689-8", "Easily annoyed or irritable", _FREQUENCY),
            "fear": Item("69736-7", "Afraid that something awful might happen", _FREQUENCY),
        },
        ((4, "minimal"), (9, "mild"), (14, "moderate"), (21, "severe")),
    ),
    "audit-c": Form(
        "AUDIT-C",
        "72109-2",
        "75626-2",
        {
            "frequency": Item("68518-0", "How often a drink containing alcohol", _DRINKING),
            "quantity": Item("68519-8", "Standard drinks on a typical day of drinking", _DRINKS),
            "binge": Item("68520-6", "How often six or more drinks on one occasion", _BINGE),
        },
    ),
}

DIFFICULTY = Item("69722-7", "How difficult this made work, home or getting along", _DIFFICULTY)
"""Asked after the items and not scored; LOINC's code for it belongs to the PHQ (https://loinc.org/69722-7)."""
WITH_CODED_DIFFICULTY = ("phq-9",)

RISK_PANEL = "93373-9"
RISK_LEVEL = "93374-7"
_YES_NO = (Answer("LA32-8", "No"), Answer("LA33-6", "Yes"))
RISK_ITEMS: dict[str, Item] = {
    "wish": Item("93246-7", "Wish to be dead", _YES_NO),
    "thoughts": Item("93247-5", "Thoughts of suicide", _YES_NO),
    "method": Item("93248-3", "Thoughts of a method", _YES_NO),
    "intent": Item("93249-1", "Some intent", _YES_NO),
    "plan": Item("93250-9", "Plan and intent", _YES_NO),
    "behavior_lifetime": Item("93267-3", "Suicidal behavior, ever", _YES_NO),
    "behavior_recent": Item("93269-9", "Suicidal behavior, past three months", _YES_NO),
}
"""The C-SSRS screener's items (https://loinc.org/93373-9) under labels of our own: its wording is its owner's."""


def severity(instrument: str, score: int) -> str | None:
    """What a score is called; None where the instrument has no words here."""
    return next((word for highest, word in FORMS[instrument].bands if score <= highest), None)
