"""Progress review -> ClinicalImpression (https://hl7.org/fhir/R4/clinicalimpression.html)."""

from __future__ import annotations

from typing import Any

from gateway.record.types import ProgressReview
from mappings.element import meta, moment, note, said
from mappings.identity import Site


def of_progress_review(review: ProgressReview, site: Site) -> list[dict[str, Any]]:
    """Measures are named by the practice's own ids: which resources a measure becomes hangs on what was answered."""
    measures = [{"type": "Observation", "identifier": site.identifier("outcome_measure", measure), "display": "Outcome measure that was looked at"} for measure in review.measures]
    return [
        {
            "resourceType": "ClinicalImpression",
            "id": site.id("progress_review", review.id),
            "meta": meta(sensitivity=review.sensitivity),
            "identifier": [site.identifier("progress_review", review.id)],
            "status": "completed",
            "description": "Review of progress",
            "subject": site.reference("Patient", "client", review.client),
            "encounter": review.session and site.reference("Encounter", "session", review.session),
            "effectiveDateTime": moment(review.reviewed_at),
            "date": moment(review.reviewed_at),
            "assessor": review.clinician and site.reference("Practitioner", "clinician", review.clinician),
            "problem": [site.reference("Condition", "problem", problem) for problem in review.problems],
            "summary": review.summary,
            "finding": [{"itemCodeableConcept": said(finding)} for finding in review.findings],
            "prognosisCodeableConcept": [said(review.outlook)],
            "supportingInfo": [review.plan and site.reference("CarePlan", "treatment_plan", review.plan), *measures],
            "note": [note(review.next_steps, "Next steps")],
        }
    ]
