"""Who works at the practice and with it. All of them, their houses and their addresses are invented."""

from __future__ import annotations

from gateway.record.types import Address, Clinician, Contact, Name, Partner, Practice

PRACTICE_ID = "alder-quay"
PRACTICE_NAME = "Alder Quay Therapy"
GLOUCESTER = "alder-quay-gloucester"
SALEM = "alder-quay-salem"

IMANI, JOEL, ADAEZE, TEO, BEA = "clinician-imani", "clinician-joel", "clinician-adaeze", "clinician-teo", "clinician-bea"

PSYCHIATRIST = "partner-breakwater"
CHILD_PSYCHIATRIST = "partner-north-pier"
FAMILY_DOCTOR = "partner-cedar-street"
HEALTH_CENTER = "partner-millpond"
SOCIAL_SERVICES = "partner-tern-house"
EMERGENCY = "partner-saint-brannoc"
ADDICTION_CLINIC = "partner-stillwater"
OBSTETRICIAN = "partner-gannet-point"

_COUNSELOR, _SOCIAL_WORKER, _PSYCHOLOGIST = "101YM0800X", "1041C0700X", "103TC0700X"
"""NUCC provider taxonomy."""


def _practice_contact(desk: str, mailbox: str) -> Contact:
    return Contact(work_phone=f"978-555-{desk}", fax="978-555-0109", email=f"{mailbox}@alderquay.example", direct_address=f"{mailbox}@direct.alderquay.example")


PRACTICES = (
    Practice(
        id=PRACTICE_ID,
        name=PRACTICE_NAME,
        npi="2555000019",
        taxonomy="261QM0801X",
        contact=_practice_contact("0100", "office"),
        address=Address(line=("14 Ropewalk Lane", "Suite 3"), city="Gloucester", state="MA", postal_code="01930", country="US"),
    ),
    Practice(
        id=GLOUCESTER,
        name=f"{PRACTICE_NAME}, the Ropewalk rooms",
        contact=_practice_contact("0101", "ropewalk"),
        address=Address(line=("14 Ropewalk Lane", "Suite 3"), city="Gloucester", state="MA", postal_code="01930", country="US"),
        part_of=PRACTICE_ID,
    ),
    Practice(
        id=SALEM,
        name=f"{PRACTICE_NAME}, the Lantern Street rooms",
        contact=_practice_contact("0102", "lantern"),
        address=Address(line=("202 Lantern Street",), city="Salem", state="MA", postal_code="01970", country="US"),
        part_of=PRACTICE_ID,
    ),
)

CLINICIANS = (
    Clinician(
        id=ADAEZE,
        name=Name(family="Nwosu", given=("Adaeze", "Grace"), prefix="Dr.", suffix="PsyD"),
        practice=PRACTICE_ID,
        npi="2555000027",
        taxonomy=_PSYCHOLOGIST,
        title="Licensed psychologist, clinical supervisor",
        license_number="SAMPLE-PSY-2041",
        license_state="MA",
        contact=_practice_contact("0103", "adaeze.nwosu"),
    ),
    Clinician(
        id=IMANI,
        name=Name(family="Brathwaite", given=("Imani",), suffix="LMHC"),
        practice=PRACTICE_ID,
        npi="2555000035",
        taxonomy=_COUNSELOR,
        title="Licensed mental health counselor",
        license_number="SAMPLE-MHC-7718",
        license_state="MA",
        supervisor=ADAEZE,
        contact=_practice_contact("0104", "imani.brathwaite"),
    ),
    Clinician(
        id=JOEL,
        name=Name(family="Lindqvist", given=("Joel", "Anders"), suffix="LICSW"),
        practice=PRACTICE_ID,
        npi="2555000043",
        taxonomy=_SOCIAL_WORKER,
        title="Licensed independent clinical social worker",
        license_number="SAMPLE-ICSW-3306",
        license_state="MA",
        supervisor=ADAEZE,
        contact=_practice_contact("0105", "joel.lindqvist"),
    ),
    Clinician(
        id=TEO,
        name=Name(family="Marchetti", given=("Teo",), suffix="MA"),
        practice=PRACTICE_ID,
        npi="2555000050",
        taxonomy=_COUNSELOR,
        title="Associate counselor, working under supervision",
        supervisor=ADAEZE,
        contact=_practice_contact("0106", "teo.marchetti"),
    ),
    Clinician(id=BEA, name=Name(family="Fontes", given=("Beatriz",)), practice=PRACTICE_ID, title="Front desk", contact=_practice_contact("0100", "bea.fontes")),
)


def _partner_contact(line: str, mailbox: str, house: str) -> Contact:
    return Contact(work_phone=f"978-555-{line}0", fax=f"978-555-{line}9", email=f"{mailbox}@{house}.example", direct_address=f"{mailbox}@direct.{house}.example")


PARTNERS = (
    Partner(
        id=PSYCHIATRIST,
        organization="Breakwater Psychiatry",
        name=Name(family="Haddad", given=("Samir", "Elias"), prefix="Dr.", suffix="MD"),
        specialty="Psychiatry",
        npi="2555000068",
        taxonomy="2084P0800X",
        contact=_partner_contact("012", "referrals", "breakwaterpsychiatry"),
        address=Address(line=("9 Breakwater Road",), city="Gloucester", state="MA", postal_code="01930", country="US"),
        fhir_base="http://127.0.0.1:8001/fhir",
        note="Answers within two working days. Prefers scores with dates over adjectives.",
    ),
    Partner(
        id=CHILD_PSYCHIATRIST,
        organization="North Pier Child and Adolescent Psychiatry",
        name=Name(family="Ferreira-Lund", given=("Lucía",), prefix="Dr.", suffix="MD"),
        specialty="Child and adolescent psychiatry",
        npi="2555000076",
        taxonomy="2084P0804X",
        contact=_partner_contact("013", "intake", "northpier"),
        address=Address(line=("77 Causeway Street", "Floor 2"), city="Salem", state="MA", postal_code="01970", country="US"),
        note="Wait for a first visit: six to eight weeks.",
    ),
    Partner(
        id=FAMILY_DOCTOR,
        organization="Cedar Street Family Medicine",
        name=Name(family="Brandt", given=("Hannah",), prefix="Dr.", suffix="MD"),
        specialty="Family medicine",
        npi="2555000084",
        taxonomy="207Q00000X",
        contact=_partner_contact("014", "frontdesk", "cedarstreetfm"),
        address=Address(line=("31 Cedar Street",), city="Gloucester", state="MA", postal_code="01930", country="US"),
    ),
    Partner(
        id=HEALTH_CENTER,
        organization="Millpond Community Health Center",
        name=Name(family="Trần", given=("Quang", "Minh"), prefix="Dr.", suffix="DO"),
        specialty="Internal medicine",
        npi="2555000092",
        taxonomy="207R00000X",
        contact=_partner_contact("015", "carecoordination", "millpondhealth"),
        address=Address(line=("400 Millpond Avenue",), city="Lynn", state="MA", postal_code="01901", country="US"),
        note="Interpreters on site: Vietnamese, Mandarin, Arabic, Spanish.",
    ),
    Partner(
        id=SOCIAL_SERVICES,
        organization="Tern House Family and Social Services",
        specialty="Social services",
        npi="2555000100",
        taxonomy="251B00000X",
        contact=_partner_contact("016", "intake", "ternhouse"),
        address=Address(line=("5 Old Customs Square",), city="Salem", state="MA", postal_code="01970", country="US"),
        note="No electronic record that we can reach; fax or the link.",
    ),
    Partner(
        id=EMERGENCY,
        organization="Saint Brannoc Hospital, Emergency Department",
        specialty="Emergency medicine",
        npi="2555000118",
        taxonomy="282N00000X",
        contact=_partner_contact("017", "ed-social-work", "saintbrannoc"),
        address=Address(line=("1 Hospital Hill",), city="Salem", state="MA", postal_code="01970", country="US"),
        note="Always call the charge desk first.",
    ),
    Partner(
        id=ADDICTION_CLINIC,
        organization="Stillwater Recovery Clinic",
        name=Name(family="Osei", given=("Kwabena",), prefix="Dr.", suffix="MD"),
        specialty="Addiction medicine",
        npi="2555000126",
        taxonomy="261QR0405X",
        contact=_partner_contact("018", "intake", "stillwaterrecovery"),
        address=Address(line=("260 Canal Walk",), city="Lynn", state="MA", postal_code="01902", country="US"),
    ),
    Partner(
        id=OBSTETRICIAN,
        organization="Gannet Point Obstetrics and Gynecology",
        name=Name(family="Macalintal", given=("Rosario",), prefix="Dr.", suffix="MD"),
        specialty="Obstetrics and gynecology",
        npi="2555000134",
        taxonomy="207V00000X",
        contact=_partner_contact("019", "office", "gannetpoint"),
        address=Address(line=("18 Gannet Point Road",), city="Gloucester", state="MA", postal_code="01930", country="US"),
    ),
)
