"""AuditEvents in the shape of IHE Basic Audit Log Patterns: who did what, when, to whose resource; no clinical value.

https://profiles.ihe.net/ITI/BALP, https://hl7.org/fhir/R4/auditevent.html
"""

from __future__ import annotations

from typing import Any, NamedTuple

_REST = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest", "display": "Restful Operation"}
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_ROLE = "http://dicom.nema.org/resources/ontology/DCM"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"

ACTIONS = {"create": "C", "read": "R", "vread": "R", "history-instance": "R", "search-type": "E", "update": "U", "delete": "D", "transaction": "E"}
"""FHIR interaction -> AuditEvent.action."""

PERSON_ACTIONS: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    name: ({"system": _ROLE, "code": event, "display": event_title}, {"system": _ROLE, "code": subtype, "display": title}, action)
    for name, (event, event_title, subtype, title, action) in {
        "sign-in": ("110114", "User Authentication", "110122", "Login", "E"),
        "sign-out": ("110114", "User Authentication", "110123", "Logout", "E"),
        "grant": ("110113", "Security Alert", "110136", "Security Roles Changed", "C"),
        "account": ("110113", "Security Alert", "110137", "User Security Attributes Changed", "U"),
    }.items()
}
"""What happens to a person's account -> type, subtype and action (DICOM PS3.16 CID 400 and 403)."""

SUCCESS, REFUSED = "0", "4"
"""AuditEvent.outcome: success, minor failure (a refusal)."""


class Happening(NamedTuple):
    """What an AuditEvent tells of. `entities` are `Type/id` references, at most a hundred of them."""

    interaction: str
    recorded: str
    outcome: str
    agent: str
    agent_name: str
    server: str
    request_id: str
    patient: str | None
    entities: tuple[str, ...]
    user: str | None = None
    """The account of the person in whose hands the app is, where the agent is one."""


def audit_event(event_id: str, what: Happening) -> dict[str, Any]:
    """The AuditEvent resource."""
    return {
        "resourceType": "AuditEvent",
        "id": event_id,
        "type": _REST,
        "subtype": [{"system": _INTERACTION, "code": what.interaction}],
        "action": ACTIONS[what.interaction],
        "recorded": what.recorded,
        "outcome": what.outcome,
        "agent": [
            {
                "type": {"coding": [{"system": _ROLE, "code": "110153", "display": "Source Role ID"}]},
                "who": {"identifier": {"value": what.agent}, "display": what.agent_name},
                "requestor": what.user is None,
            },
            {"type": {"coding": [{"system": _ROLE, "code": "110152", "display": "Destination Role ID"}]}, "who": {"display": what.server}, "requestor": False},
            *_user(what.user),
        ],
        "source": {"observer": {"display": what.server}},
        "entity": [*_patient(what.patient), *(_entity(reference) for reference in what.entities), _request(what.request_id)],
    }


def person_event(event_id: str, what: Happening, account: str, description: str) -> dict[str, Any]:
    """The AuditEvent of a sign-in, a sign-out or a change of an account; `account` is its id ("unknown" where a name is nobody's)."""
    kind, subtype, action = PERSON_ACTIONS[what.interaction]
    about = {
        "what": {"identifier": {"value": account}},
        "type": {"system": _ENTITY, "code": "1", "display": "Person"},
        "role": {"system": _OBJECT_ROLE, "code": "11", "display": "Security User Entity"},
        "description": description,
    }
    return {
        "resourceType": "AuditEvent",
        "id": event_id,
        "type": kind,
        "subtype": [subtype],
        "action": action,
        "recorded": what.recorded,
        "outcome": what.outcome,
        "agent": [{"who": {"identifier": {"value": what.agent}, "display": what.agent_name}, "requestor": True}],
        "source": {"observer": {"display": what.server}},
        "entity": [about, *_patient(what.patient), _request(what.request_id)],
    }


def _user(account: str | None) -> list[dict[str, Any]]:
    if account is None:
        return []
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP", "display": "information recipient"}
    return [{"type": {"coding": [kind]}, "who": {"identifier": {"value": account}}, "requestor": True}]


def _patient(patient: str | None) -> list[dict[str, Any]]:
    if patient is None:
        return []
    return [
        {
            "what": {"reference": f"Patient/{patient}"},
            "type": {"system": _ENTITY, "code": "1", "display": "Person"},
            "role": {"system": _OBJECT_ROLE, "code": "1", "display": "Patient"},
        }
    ]


def _entity(reference: str) -> dict[str, Any]:
    return {
        "what": {"reference": reference},
        "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        "role": {"system": _OBJECT_ROLE, "code": "4", "display": "Domain Resource"},
    }


def _request(request_id: str) -> dict[str, Any]:
    return {"what": {"identifier": {"value": request_id}}, "type": {"system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "code": "XrequestId"}}
