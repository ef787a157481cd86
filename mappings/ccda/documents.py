"""The documents that leave: Referral Note and Care Plan, each from the resources that may leave with it.

C-CDA, templates of 2024-05-01 (https://hl7.org/cda/us/ccda/). Resources that were entered in error are in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mappings.ccda import allergy, header, medication, people, plan, problem, referral, score
from mappings.ccda.package import Package, Resource
from mappings.ccda.people import Party, party
from mappings.ccda.section import Form, Line, plain, section
from mappings.ccda.xml import Child, Node, document

REFERRAL_NOTE = "2.16.840.1.113883.10.20.22.1.14"
CARE_PLAN = "2.16.840.1.113883.10.20.22.1.15"
_NOTICE = "Notice to the recipient"

Told = Callable[[Resource, str, Package], Line]


def referral_note(resources: Sequence[dict[str, Any]], *, document_id: str, created: str, notice: str | None = None) -> bytes:
    """A Referral Note (57133-1) of a referral's resources, each as it may leave; `created` is a FHIR instant, `notice` a text that must go with it.

    A Consultation Note that answers it names the id of the ServiceRequest, which the Referral Act carries.
    """
    package = Package(resources)
    asked = referral.request(package)
    reader = party(package, next(iter(asked.get("performer", [])), None) or package.one("Task").get("owner"))
    writer = _writer(package, asked.get("requester"), reader)
    sections = [
        _notice(notice),
        section(referral.REASON, [referral.reason(asked, "referral-0", package, created)] if asked else []),
        section(referral.ASSESSMENT, referral.assessment(asked, package, writer, created)),
        _lines(problem.FORM, "problem", package.of("Condition"), problem.line, package),
        _lines(allergy.FORM, "allergy", package.of("AllergyIntolerance"), allergy.line, package),
        _lines(medication.FORM, "medication", medication.medications(package), medication.line, package),
        _lines(score.FORM, "score", score.scores(package), score.line, package),
        section(
            plan.PLAN,
            [*_plans(package, created), *_told("goal", package.of("Goal"), plan.told_goal, package), *_told("work", plan.planned(package), plan.told_work, package)],
        ),
    ]
    body: list[Child] = [header.authorizations(package), header.body(sections)]
    content: list[Child] = [people.author(writer, created), people.custodian(writer), people.recipient(reader), people.call_back(writer), _relatives(package), *body]
    return document(people.told_once(header.document(REFERRAL_NOTE, "57133-1", "Referral Note", package, document_id, created, *content)))


def care_plan(resources: Sequence[dict[str, Any]], *, document_id: str, created: str, notice: str | None = None) -> bytes:
    """A Care Plan (18776-5) of the resources of a care plan, each as it may leave: concerns, goals, and interventions and outcomes where there are any."""
    package = Package(resources)
    own = package.one("CarePlan")
    writer = _writer(package, own.get("author"))
    outcomes = [one for one in score.scores(package) if score.goals_of(one, package)]
    others = [one for one in score.scores(package) if one not in outcomes]
    interventions = [*_plans(package, created), *_told("work", plan.planned(package), plan.told_intervention, package)]
    sections = [
        _notice(notice),
        _lines(plan.CONCERNS, "concern", package.of("Condition"), plan.told_concern, package),
        _lines(plan.GOALS, "goal", package.of("Goal"), plan.told_goal, package),
        section(plan.INTERVENTIONS, interventions) if interventions else None,
        _lines(score.OUTCOMES, "outcome", outcomes, score.outcome, package) if outcomes else None,
        _lines(score.FORM, "score", others, score.line, package) if others else None,
    ]
    period = own.get("period", {})
    care = header.care_provision(period.get("start") or own.get("created"), period.get("end"), writer)
    content: list[Child] = [people.author(writer, created), people.custodian(writer), _relatives(package), care, header.authorizations(package), header.body(sections)]
    return document(people.told_once(header.document(CARE_PLAN, "18776-5", own.get("title") or "Care Plan", package, document_id, created, *content)))


def _writer(package: Package, reference: dict[str, Any] | None, reader: Party | None = None) -> Party:
    """Who asks or plans, as the resource names them and nobody else; where no organization is named, the only one that is not the recipient's keeps the document."""
    named = party(package, reference)
    houses = [one for one in package.of("Organization") if reader is None or one is not reader.organization]
    return named if named.organization or len(houses) != 1 else named._replace(organization=houses[0])


def _lines(form: Form, prefix: str, resources: Sequence[Resource], told: Told, package: Package) -> Node:
    return section(form, _told(prefix, resources, told, package))


def _told(prefix: str, resources: Sequence[Resource], told: Told, package: Package) -> list[Line]:
    return [told(one, f"{prefix}-{number}", package) for number, one in enumerate(resources)]


def _plans(package: Package, created: str) -> list[Line]:
    return [plan.told_plan(one, f"plan-{number}", package, created) for number, one in enumerate(package.of("CarePlan"))]


def _relatives(package: Package) -> list[Node]:
    return [people.relative(one) for one in package.of("RelatedPerson")]


def _notice(notice: str | None) -> Node | None:
    return plain(_NOTICE, notice) if notice else None
