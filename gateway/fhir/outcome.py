"""Everything we refuse, as a list: one error class, built only by the functions below.

A `diagnostics` sentence names type, id, element and rule and what to do; never a value of a resource, a token, or the
text of an exception (https://hl7.org/fhir/R4/operationoutcome.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Fault(NamedTuple):
    """One fault in a resource: where (FHIRPath), which issue code, and the rule in a sentence."""

    expression: str
    code: str
    diagnostics: str


@dataclass
class OutcomeError(Exception):
    """A refusal with its HTTP status; `issues` are what the OperationOutcome says."""

    status: int
    issues: Sequence[Fault]
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.issues[0].code}"

    @property
    def resource(self) -> dict[str, Any]:
        return operation_outcome(self.issues)


def operation_outcome(issues: Sequence[Fault], severity: str = "error") -> dict[str, Any]:
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": severity, "code": fault.code, "diagnostics": fault.diagnostics} | ({"expression": [fault.expression]} if fault.expression else {}) for fault in issues
        ],
    }


def _error(status: int, code: str, diagnostics: str, expression: str = "", headers: dict[str, str] | None = None) -> OutcomeError:
    return OutcomeError(status, [Fault(expression, code, diagnostics)], headers or {})


def no_token() -> OutcomeError:
    return _error(
        401, "login", "This address needs a bearer access token; get one at the token endpoint named in .well-known/smart-configuration.", headers={"WWW-Authenticate": "Bearer"}
    )


def bad_token() -> OutcomeError:
    return _error(
        401, "login", "The access token is unknown, expired or revoked; request a new one at the token endpoint.", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def unproven_token(error: str, rule: str, algorithms: str) -> OutcomeError:
    """A token bound to a key, without a good proof of that key (RFC 9449 section 7.1)."""
    return _error(401, "login", rule, headers={"WWW-Authenticate": f'DPoP error="{error}", error_description="{rule}", algs="{algorithms}"'})


def scope_too_small(needed: str) -> OutcomeError:
    return _error(
        403,
        "forbidden",
        f"The access token's scope does not allow this interaction; it needs {needed}.",
        headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
    )


def beyond_scope(resource_type: str) -> OutcomeError:
    return _error(
        403,
        "forbidden",
        f"The access token's scope allows only some {resource_type} resources (of one patient, or with certain codes), and this is none of them.",
        headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
    )


def foreign_form() -> OutcomeError:
    return _error(403, "forbidden", "This form did not come from a page of this gateway that you opened while signed in; open the page again and send it from there.")


def link_over() -> OutcomeError:
    return _error(410, "not-found", "This link is not good any more: it was used, ran out after 72 hours, or was replaced. Ask your administrator for a new one.")


def too_many_requests(wait_s: int) -> OutcomeError:
    text = "Too many requests came from this address; wait a few minutes and go back to where you came from."
    return _error(429, "throttled", text, headers={"Retry-After": str(wait_s)})


def not_yours() -> OutcomeError:
    return _error(404, "not-found", "There is nothing like this in your account any more; open the account page again.")


def bad_logout() -> OutcomeError:
    return _error(400, "invalid", "The app's request to sign you out was not understood; sign out at /sign-out instead.")


def may_not_write(resource_type: str, rule: str) -> OutcomeError:
    return _error(403, "forbidden", f"This client may not write this {resource_type}: {rule}")


def not_found(resource_type: str) -> OutcomeError:
    return _error(404, "not-found", f"No {resource_type} with this id is visible to this client.")


def deleted(resource_type: str) -> OutcomeError:
    return _error(410, "deleted", f"This {resource_type} was deleted; its history is still served.")


def no_such_type() -> OutcomeError:
    return _error(404, "not-supported", "This resource type is not served here; /fhir/metadata lists those that are.")


def no_such_address() -> OutcomeError:
    return _error(404, "not-found", "Nothing is served at this address; start at /fhir/metadata.")


def no_such_interaction(allowed: str) -> OutcomeError:
    return _error(405, "not-supported", f"This interaction is not served at this address; allowed here: {allowed}.", headers={"Allow": allowed})


def not_acceptable() -> OutcomeError:
    return _error(406, "not-supported", "Only application/fhir+json is served; ask for it in Accept or _format.")


def media_type_not_supported(needed: str = "application/fhir+json") -> OutcomeError:
    return _error(415, "not-supported", f"The body must be sent as {needed}; set Content-Type.")


def parameter_not_served(resource_type: str, parameter: str) -> OutcomeError:
    return _error(
        400,
        "not-supported",
        f"The search parameter {parameter} is not served for {resource_type}; see /fhir/metadata, or send Prefer: handling=lenient to have it ignored.",
    )


def bad_parameter(parameter: str, rule: str) -> OutcomeError:
    return _error(400, "value", f"The parameter {parameter} {rule}")


def not_json() -> OutcomeError:
    return _error(400, "structure", "The body is not one JSON object without repeated keys; send a single FHIR resource in JSON.")


def invalid(faults: Sequence[Fault], status: int = 400) -> OutcomeError:
    return OutcomeError(status, faults)


def wrong_shape(expression: str, rule: str) -> OutcomeError:
    return _error(400, "structure", rule, expression)


def id_differs(resource_type: str) -> OutcomeError:
    return _error(400, "value", "The id in the body and the id in the address must be the same.", f"{resource_type}.id")


def version_conflict(resource_type: str) -> OutcomeError:
    return _error(412, "conflict", f"This {resource_type} has changed since the version named in If-Match; read it again and repeat the change.")


def bad_version(resource_type: str) -> OutcomeError:
    return _error(400, "value", f'If-Match for a {resource_type} must be one weak ETag, W/"3" say.')


def multiple_matches(resource_type: str) -> OutcomeError:
    return _error(412, "multiple-matches", f"The condition matches more than one {resource_type}; make it narrower.")


def refused_by_workflow(rule: str, expression: str = "") -> OutcomeError:
    return _error(422, "business-rule", rule, expression)


def unknown_patient(expression: str) -> OutcomeError:
    return _error(422, "business-rule", "The patient is not one this client may write about; find the client by identifier, or by name and birth date, first.", expression)


def unknown_target() -> OutcomeError:
    return _error(422, "business-rule", "A Provenance tells of what this client may see or wrote itself; each target must be one of these.", "Provenance.target")


def too_long(what: str, limit: str) -> OutcomeError:
    return _error(413, "too-long", f"The {what} is larger than {limit}; send it in smaller parts.")


def store_away() -> OutcomeError:
    return _error(503, "transient", "The store cannot be reached just now; repeat the request in a few seconds.", headers={"Retry-After": "5"})


def undecided() -> OutcomeError:
    return _error(500, "exception", "Nobody has decided who may use this address, so it is not served; tell the gateway's operator.")


def unexpected(request_id: str) -> OutcomeError:
    return _error(500, "exception", f"Something failed inside the gateway; nothing was changed. Quote request {request_id} to its operator.")
