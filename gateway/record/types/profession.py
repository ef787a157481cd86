"""The profession itself: the evidence a therapist works by, supervision, and going on learning."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gateway.record.types.base import Code, Day, Line, Part, Record, Text
from gateway.record.types.reference import ClinicianId


class Citation(Part):
    """A publication that a protocol rests on."""

    text: Line
    """Authors, year, title, journal."""
    doi: Annotated[str, Field(pattern=r"^10\.[0-9]{4,9}/\S+$", max_length=200)] | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)] | None = None


class Step(Part):
    """One step of a protocol, in its order."""

    title: Line
    text: Line | None = None


class Protocol(Record):
    """A way of working that the practice follows, with the research behind it; about no one client."""

    kind: ClassVar[str] = "protocol"

    title: Line
    code: Code | None = None
    """The technique."""
    version: Line = "1"
    status: Literal["draft", "active", "retired"] = "active"
    published_on: Day | None = None
    purpose: Text | None = None
    for_problems: tuple[Code, ...] = ()
    """The diagnoses it is meant for."""
    citations: tuple[Citation, ...] = ()
    steps: tuple[Step, ...] = ()


class Supervision(Record):
    """A supervision hour. Stays inside: it becomes no resource."""

    kind: ClassVar[str] = "supervision"

    clinician: ClinicianId
    supervisor: ClinicianId
    held_on: Day
    minutes: Annotated[int, Field(ge=1, le=1_440)] | None = None
    topics: Text | None = None


class Training(Record):
    """Continuing education of a clinician. Stays inside: it becomes no resource."""

    kind: ClassVar[str] = "training"

    clinician: ClinicianId
    title: Line
    completed_on: Day
    hours: Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=2)] | None = None
    provider: Line | None = None
    certificate: Line | None = None
