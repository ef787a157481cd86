"""Who asks: a client that proved who it is, and the person it acts for, where one signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["practice", "partner", "user"]
"""`practice`: the practice's own system, which sees its practice. `partner`: a recipient. `user`: an app in the hands of a person."""

Duty = Literal["administrator", "therapist", "supervisor", "front_desk", "auditor", "client"]
"""What a person does here; one may have several. `client`: a client of the practice, who sees the own record."""

WRITING_DUTIES: frozenset[Duty] = frozenset({"therapist", "supervisor"})
"""Who writes in a client's record."""


@dataclass(frozen=True)
class User:
    """A person who signed in. What each duty lets them see is decided in gateway/privacy/duty.py."""

    account: str
    display: str
    duties: frozenset[Duty]
    fhir_user: str | None
    """`Practitioner/id`, or `Patient/id` for a client."""
    caseloads: tuple[str, ...] = ()
    """`Practitioner/id` and `PractitionerRole/id` of the user and of those the user supervises: whose clients the user sees."""


@dataclass(frozen=True)
class Principal:
    """A client with a valid token. `recipient` names the partner record it acts for (its own id where none)."""

    client_id: str
    name: str
    practice: str
    role: Role
    recipient: str
    purpose: str
    scope: str
    user: User | None = None
    """The person, where the role is `user`."""
    patient: str | None = None
    """The logical id of the patient in context: what `patient/` scopes are about."""
