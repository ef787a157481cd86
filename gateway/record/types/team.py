"""Who carries a client's care, who pays for it, and how the client wants to be treated."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Day, Line, Part, Period, Record, Sensitivity, Text
from gateway.record.types.reference import ClientId, ClinicianId, GuardianId, PartnerId


class Member(Part):
    """One member of a care team: a clinician of the practice, a partner, or a guardian."""

    clinician: ClinicianId | None = None
    partner: PartnerId | None = None
    guardian: GuardianId | None = None
    role: Literal["therapist", "counselor", "psychiatrist", "primary-care", "social-worker", "case-manager", "supervisor", "family", "other"] = "other"
    role_text: Line | None = None
    period: Period = Period()

    @model_validator(mode="after")
    def _one_person(self) -> Member:
        if sum(who is not None for who in (self.clinician, self.partner, self.guardian)) != 1:
            raise ValueError("names none or several; give one of clinician, partner and guardian")
        return self


class CareTeam(Record):
    """Everyone who shares a client's care, inside the practice and outside."""

    kind: ClassVar[str] = "care_team"

    client: ClientId
    name: Line = "Care team"
    status: Literal["proposed", "active", "suspended", "inactive", "entered-in-error"] = "active"
    period: Period = Period()
    members: Annotated[tuple[Member, ...], Field(min_length=1)]
    sensitivity: Sensitivity = "normal"


class Coverage(Record):
    """What pays for the care: told so that a partner knows, never billed from here."""

    kind: ClassVar[str] = "coverage"

    client: ClientId
    payer: Line
    member_id: Line | None = None
    group: Line | None = None
    plan: Line | None = None
    type: Line | None = None
    relationship: Literal["self", "spouse", "child", "other"] = "self"
    """The client's relationship to the subscriber."""
    rank: Annotated[int, Field(ge=1, le=9)] = 1
    """1 is primary."""
    status: Literal["active", "cancelled", "draft", "entered-in-error"] = "active"
    period: Period = Period()


class Preference(Record):
    """How the client wants to be treated, and what to be asked about: culture, faith, language, touch, who is present."""

    kind: ClassVar[str] = "preference"

    client: ClientId
    about: Literal["care-experience", "treatment"] = "care-experience"
    text: Text
    recorded_on: Day
    recorder: ClinicianId | None = None
    sensitivity: Sensitivity = "normal"
