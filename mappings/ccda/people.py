"""Who wrote, who keeps, who receives: practitioners and organizations in the roles a CDA header and its entries have for them."""

from __future__ import annotations

from typing import Any, NamedTuple

from mappings.ccda import oid
from mappings.ccda.package import Package, Resource
from mappings.ccda.section import entry_template
from mappings.ccda.value import address, coded, instances, moment, name, null, telecom
from mappings.ccda.xml import HL7, Node, attribute, node

_DEVICE = "Handoff"


class Party(NamedTuple):
    """A person in a role at an organization; each may be unknown, that is empty. `display` is all that is known where the package holds none of them."""

    role: Resource
    person: Resource
    organization: Resource
    display: str | None = None

    @property
    def name(self) -> dict[str, Any]:
        found: dict[str, Any] = next(iter(self.person.get("name", [])), {})
        return found or ({"text": self.display} if self.display else {})

    @property
    def telecom(self) -> list[dict[str, Any]]:
        return list(self.role.get("telecom") or self.person.get("telecom") or self.organization.get("telecom") or [])

    @property
    def address(self) -> list[dict[str, Any]]:
        return list(self.person.get("address") or self.organization.get("address") or [])[:1]


def party(package: Package, reference: dict[str, Any] | None) -> Party:
    """Whom a reference to a role, a person or an organization means."""
    found, display = package.at(reference), (reference or {}).get("display")
    if found.get("resourceType") == "PractitionerRole":
        person = package.at(found.get("practitioner"))
        return Party(found, person, package.at(found.get("organization")), display or found.get("practitioner", {}).get("display"))
    is_organization = found.get("resourceType") == "Organization"
    return Party(_role_of(package, found), {} if is_organization else found, found if is_organization else _house_of(package, found), display)


def _role_of(package: Package, person: Resource) -> Resource:
    mine = f"{person.get('resourceType')}/{person.get('id')}"
    return next((role for role in package.of("PractitionerRole") if role.get("practitioner", {}).get("reference") == mine), {})


def _house_of(package: Package, person: Resource) -> Resource:
    return package.at(_role_of(package, person).get("organization"))


def full_name(human: dict[str, Any]) -> str:
    """A name in a line; empty where there is none."""
    parts = [*human.get("prefix", []), *human.get("given", []), human.get("family"), *human.get("suffix", [])]
    return str(human.get("text") or " ".join(part for part in parts if part))


def author(party_: Party, date_time: str | None) -> Node:
    """The author of a document: a person with a full address, or this software where no person is known."""
    house = _organization("representedOrganization", party_.organization) if party_.organization else None
    return node("author", moment("time", date_time), node("assignedAuthor", _entity(party_), _made_by(party_), house))


def _made_by(party_: Party) -> Node:
    if party_.name:
        return node("assignedPerson", name(party_.name))
    return node("assignedAuthoringDevice", node("manufacturerModelName", text=_DEVICE), node("softwareName", text=_DEVICE))


def entry_author(package: Package, reference: dict[str, Any] | None, date_time: str | None) -> Node | None:
    """Who wrote an entry and when; None where either is unknown, for nobody else may stand in."""
    who = party(package, reference)
    return wrote(who, date_time) if date_time and who.person else None


def wrote(who: Party, date_time: str | None) -> Node:
    """An entry's author; this software, which put it together, where no person is known."""
    return node("author", entry_template("119"), moment("time", date_time), node("assignedAuthor", _entity(who), _made_by(who)))


def told_once(document: Node) -> Node:
    """The same document with each author's particulars where they stand first; from there on the id says who it is."""
    known: set[tuple[str | None, str | None]] = set()
    for each in document.iter(f"{HL7}assignedAuthor"):
        who = (attribute(each[0], "root"), attribute(each[0], "extension"))
        if who in known:
            each[:] = [each[0]]
        elif who != (None, None):
            known.add(who)
    return document


def performer(party_: Party) -> Node:
    entity = node("assignedEntity", _entity(party_), node("assignedPerson", name(party_.name)))
    return node("performer", entity, typeCode="PRF")


def custodian(party_: Party) -> Node:
    """The organization that keeps the original; it has one address and one telecom."""
    house = party_.organization
    named = node("name", text=house["name"]) if house.get("name") else null("name")
    kept = node("representedCustodianOrganization", instances(house), named, telecom(house.get("telecom", []))[:1], address(house.get("address", []))[:1])
    return node("custodian", node("assignedCustodian", kept))


def recipient(party_: Party) -> Node:
    """The intended recipient: the person where one is named, and the organization."""
    house = _organization("receivedOrganization", party_.organization, whole=False) if party_.organization else None
    person = node("informationRecipient", name(party_.name))
    return node("informationRecipient", node("intendedRecipient", instances(party_.person or party_.role), address(party_.address), telecom(party_.telecom), person, house))


def call_back(party_: Party) -> Node | None:
    """Whom to ask about the document; None without a name and a way to reach them."""
    if not (party_.name and party_.telecom):
        return None
    house = _organization("scopingOrganization", party_.organization) if party_.organization else None
    entity = node("associatedEntity", _entity(party_), node("associatedPerson", name(party_.name)), house, classCode="ASSIGNED")
    return node("participant", entity, typeCode="CALLBCK")


def relative(person: Resource) -> Node:
    """A guardian or another person close to the client."""
    relation = next(iter(person.get("relationship", [])), None)
    entity = node(
        "associatedEntity",
        instances(person),
        coded("code", relation, only=oid.ROLE_CODE) if relation else None,
        address(person.get("address", [])[:1]),
        telecom(person.get("telecom", [])),
        node("associatedPerson", name(next(iter(person.get("name", [])), None))),
        classCode="PRS",
    )
    return node("participant", entity, typeCode="IND")


def _entity(party_: Party) -> list[Node]:
    """Ids, specialty, address and telecom, as every role has them in this order."""
    specialty = next((one for one in party_.role.get("specialty", []) if any(oid.oid_of(coding.get("system")) == oid.NUCC for coding in one.get("coding", []))), None)
    code = [coded("code", specialty, only=oid.NUCC)] if specialty else []
    return [*instances(party_.person or party_.role or party_.organization), *code, *address(party_.address), *telecom(party_.telecom)]


def _organization(tag: str, house: Resource, *, whole: bool = True) -> Node:
    ways = [*telecom(house.get("telecom", [])), *address(house.get("address", [])[:1])] if whole else []
    return node(tag, instances(house), node("name", text=house["name"]) if house.get("name") else None, ways)
