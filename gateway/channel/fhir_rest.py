"""A partner with a FHIR R4 server: the package goes as one transaction, and its copy of our Task tells how it stands.

Idempotent: the request, the Task and the client are created only where the partner has none with our identifier
(https://hl7.org/fhir/R4/http.html#ccreate), so that a repeated push makes nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gateway.channel.backend_client import BackendClient
from gateway.fhir.json import parse, render
from gateway.fhir.outcome import OutcomeError
from gateway.net.line import PartnerAway
from gateway.store.referral import Channel

SCOPE = "system/*.crus"
_TASK_LOCATION = re.compile(r"(?:^|/)Task/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")


def bundle_of(bodies: Sequence[bytes], our_base: str) -> dict[str, Any]:
    """A transaction of the package: references inside it by fullUrl, all others by their address at our base."""
    resources = [parse(body) for body in bodies]
    inside = {f"{one['resourceType']}/{one['id']}": f"urn:uuid:{one['id']}" for one in resources}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(one, inside, our_base) for one in resources]}


def push(client: BackendClient, channel: Channel, bundle: dict[str, Any]) -> str:
    """Send it; returns the id of the Task at the partner. Raises PartnerAway for anything but a full success."""
    reply = client.request("POST", channel.address, "", client_id=channel.client_id or "", scope=SCOPE, body=render(bundle))
    if reply.status != 200:
        raise PartnerAway("the partner's server refused the referral", reply.status)
    for entry in _document(reply.body).get("entry", []):
        response = entry.get("response", {}) if isinstance(entry, dict) else {}
        if found := _TASK_LOCATION.search(str(response.get("location", ""))):
            return found[1]
    raise PartnerAway("the partner's server took the referral but named no Task", reply.status)


def read_task(client: BackendClient, channel: Channel, task: str) -> dict[str, Any]:
    """The Task as it stands at the partner. Raises PartnerAway."""
    reply = client.request("GET", channel.address, f"Task/{task}", client_id=channel.client_id or "", scope=SCOPE)
    if reply.status != 200:
        raise PartnerAway("the partner's server would not show the Task", reply.status)
    return _document(reply.body)


def change_task(client: BackendClient, channel: Channel, task: dict[str, Any], change: dict[str, Any]) -> None:
    """Write elements of a Task just read. Raises PartnerAway, also where the partner changed it meanwhile (If-Match)."""
    version = task.get("meta", {}).get("versionId")
    headers = {"If-Match": f'W/"{version}"'} if version else {}
    body = render({name: value for name, value in task.items() if name != "businessStatus"} | change)
    reply = client.request("PUT", channel.address, f"Task/{task['id']}", client_id=channel.client_id or "", scope=SCOPE, body=body, headers=headers)
    if reply.status not in (200, 201):
        raise PartnerAway("the partner's server refused the change of the Task", reply.status)


def versions_since(client: BackendClient, channel: Channel, task: str, seen: int) -> list[tuple[int, dict[str, Any]]]:
    """(version, Task) of every version at the partner after `seen`, oldest first. Raises PartnerAway."""
    reply = client.request("GET", channel.address, f"Task/{task}/_history", client_id=channel.client_id or "", scope=SCOPE)
    if reply.status != 200:
        raise PartnerAway("the partner's server would not show the Task", reply.status)
    found = []
    for entry in _document(reply.body).get("entry", []):
        resource = entry.get("resource", {}) if isinstance(entry, dict) else {}
        version = str(resource.get("meta", {}).get("versionId", ""))
        if resource.get("resourceType") == "Task" and version.isdecimal() and int(version) > seen:
            found.append((int(version), resource))
    return sorted(found, key=lambda pair: pair[0])


def _document(body: bytes) -> dict[str, Any]:
    try:
        return parse(body)
    except OutcomeError:
        raise PartnerAway("the partner's answer is not FHIR JSON") from None


def _entry(resource: dict[str, Any], inside: dict[str, str], our_base: str) -> dict[str, Any]:
    kind, key = resource["resourceType"], resource["id"]
    body = {name: _rewritten(value, inside, our_base) for name, value in resource.items() if name not in ("id", "meta")}
    identifier = {"system": our_base, "value": f"{kind}/{key}"}
    identifiers = [*body.get("identifier", []), identifier] if isinstance(body.get("identifier", []), list) else body["identifier"]
    condition = f"identifier={quote(our_base, safe='')}|{quote(identifier['value'], safe='')}"
    labels = {"security": resource["meta"]["security"]} if "security" in resource.get("meta", {}) else {}
    meta = {"meta": labels | ({"profile": resource["meta"]["profile"]} if "profile" in resource.get("meta", {}) else {})}
    return {"fullUrl": inside[f"{kind}/{key}"], "resource": body | meta | {"identifier": identifiers}, "request": {"method": "POST", "url": kind, "ifNoneExist": condition}}


def _rewritten(node: Any, inside: dict[str, str], our_base: str) -> Any:
    if isinstance(node, list):
        return [_rewritten(item, inside, our_base) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: _address(value, inside, our_base) if name == "reference" and isinstance(value, str) else _rewritten(value, inside, our_base) for name, value in node.items()}


def _address(reference: str, inside: dict[str, str], our_base: str) -> str:
    if reference in inside:
        return inside[reference]
    return reference if ":" in reference or reference.startswith("#") else f"{our_base}/{reference}"
