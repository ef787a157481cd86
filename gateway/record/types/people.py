"""The people and organizations around a client."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from gateway.record.types.base import Day, Line, Moment, Part, Period, Record, Text
from gateway.record.types.reference import ClientId, ClinicianId, PartnerId, PracticeId

Phone = Annotated[str, Field(pattern=r"^[+0-9(][0-9()+.\- x]{5,29}$")]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)]
Npi = Annotated[str, Field(pattern=r"^[12][0-9]{9}$")]
"""National Provider Identifier: ten digits that begin with 1 or 2 (45 CFR 162.406)."""

Sex = Literal["female", "male", "other", "unknown"]


class Name(Part):
    family: Line | None = None
    given: tuple[Line, ...] = ()
    prefix: Line | None = None
    suffix: Line | None = None

    @model_validator(mode="after")
    def _someone(self) -> Name:
        if not (self.family or self.given):
            raise ValueError("needs a family or a given name (US Core us-core-6)")
        return self


class Address(Part):
    line: tuple[Line, ...] = ()
    city: Line | None = None
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    postal_code: Line | None = None
    country: Line | None = None


class Contact(Part):
    home_phone: Phone | None = None
    mobile_phone: Phone | None = None
    work_phone: Phone | None = None
    fax: Phone | None = None
    email: Email | None = None
    direct_address: Email | None = None


class Identifier(Part):
    system: Annotated[str, Field(pattern=r"^\S+:\S+$", max_length=200)]
    value: Line


class Cosignature(Part):
    """A supervisor's signature under the work of someone supervised."""

    clinician: ClinicianId
    signed_at: Moment


class Practice(Record):
    """The therapy practice itself, or one of its places of work."""

    kind: ClassVar[str] = "practice"

    name: Line
    npi: Npi | None = None
    taxonomy: Line | None = None
    """NUCC provider taxonomy code."""
    contact: Contact = Contact()
    address: Address | None = None
    part_of: PracticeId | None = None
    active: bool = True


class Clinician(Record):
    """Someone who works at the practice: therapist, supervisor, front desk."""

    kind: ClassVar[str] = "clinician"

    name: Name
    practice: PracticeId
    npi: Npi | None = None
    taxonomy: Line | None = None
    title: Line | None = None
    license_number: Line | None = None
    license_state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    license_period: Period = Period()
    qualifications: tuple[Line, ...] = ()
    """Degrees and certificates beside the licence."""
    supervisor: ClinicianId | None = None
    contact: Contact = Contact()
    active: bool = True


class Partner(Record):
    """Someone outside the practice who shares a client's care: psychiatrist, primary care, emergency department."""

    kind: ClassVar[str] = "partner"

    organization: Line
    name: Name | None = None
    """None where the partner is an organization without a named person."""
    specialty: Line | None = None
    npi: Npi | None = None
    taxonomy: Line | None = None
    contact: Contact = Contact()
    address: Address | None = None
    fhir_base: Url | None = None
    """The partner's FHIR R4 base, where it has one."""
    note: Text | None = None
    active: bool = True


class Client(Record):
    """A client of the practice."""

    kind: ClassVar[str] = "client"

    name: Name
    preferred_name: Line | None = None
    birth_date: Day
    sex: Sex
    gender_identity: Line | None = None
    """In the client's own words."""
    pronouns: Line | None = None
    identifiers: tuple[Identifier, ...] = ()
    contact: Contact = Contact()
    address: Address | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    """BCP 47."""
    interpreter_needed: bool | None = None
    races: tuple[Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]$|^ASKU$|^UNK$")], ...] = ()
    """CDC race codes, or v3-NullFlavor ASKU (asked but declined) or UNK."""
    ethnicity: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]$|^ASKU$|^UNK$")] | None = None
    tribal_affiliations: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,4}$")], ...] = ()
    """HL7 v3-TribalEntityUS codes."""
    marital_status: Literal["A", "D", "I", "L", "M", "P", "S", "T", "U", "W", "UNK"] | None = None
    """HL7 v3-MaritalStatus."""
    occupation: Line | None = None
    therapist: ClinicianId | None = None
    primary_care: PartnerId | None = None
    """The partner who is the client's primary care provider."""
    partner_of: ClientId | None = None
    """The client this one is seen with, in couple work."""
    active: bool = True
    deceased_on: Day | None = None


class Guardian(Record):
    """A parent, guardian or support person of a client."""

    kind: ClassVar[str] = "guardian"

    client: ClientId
    name: Name
    relationship: Literal["GUARD", "PRN", "MTH", "FTH", "GRMTH", "GRFTH", "FTHFOST", "MTHFOST", "PRNFOST", "SPS", "SIB", "FRND", "POWATT", "HPOWATT"]
    """HL7 v3-RoleCode."""
    sex: Sex = "unknown"
    contact: Contact = Contact()
    address: Address | None = None
    legal: bool = True
    """Whether this person may consent for the client."""
    period: Period = Period()
    active: bool = True
