"""The sample's clients, all of them invented; birth dates as they would be in the year the sample was written for."""

from __future__ import annotations

from datetime import date

from gateway.record.types import Address, Client, Contact, Identifier, Name
from gateway.sample.people import ADAEZE, FAMILY_DOCTOR, HEALTH_CENTER, IMANI, JOEL, TEO

_WHITE, _BLACK, _ASIAN, _NATIVE, _ISLANDER, _OTHER = "2106-3", "2054-5", "2028-9", "1002-5", "2076-8", "2131-1"
_HISPANIC, _NOT_HISPANIC, _DECLINED = "2135-2", "2186-5", "ASKU"


def _home(line: str, city: str, postal_code: str) -> Address:
    return Address(line=(line,), city=city, state="MA", postal_code=postal_code, country="US")


def _chart(number: int) -> tuple[Identifier, ...]:
    """The number on the paper folder, in a system of the practice's own."""
    return (Identifier(system="urn:alder-quay:chart", value=f"AQ-{number:04}"),)


def _mobile(line: int, mailbox: str) -> Contact:
    return Contact(mobile_phone=f"978-555-01{line:02}", email=f"{mailbox}@mail.example")


YOUNG = (
    Client(
        id="client-milo", name=Name(family="Abernathy", given=("Milo", "James")), birth_date=date(2017, 12, 28), sex="male", pronouns="he/him", identifiers=_chart(118),
        address=_home("6 Capstan Way", "Gloucester", "01930"), language="en", races=(_WHITE, _BLACK), ethnicity=_NOT_HISPANIC, marital_status="S", occupation="Second grade",
        therapist=TEO, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-jonah", name=Name(family="Pelletier", given=("Jonah",)), birth_date=date(2015, 12, 9), sex="male", pronouns="he/him", identifiers=_chart(121),
        address=_home("88 Orchard Street", "Salem", "01970"), language="en", races=(_WHITE,), ethnicity=_NOT_HISPANIC, marital_status="S", occupation="Fourth grade",
        therapist=TEO, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-priya", name=Name(family="Raghunathan", given=("Priya", "Meera")), birth_date=date(2011, 3, 17), sex="female", pronouns="she/her", identifiers=_chart(107),
        address=_home("41 Fairlead Terrace", "Salem", "01970"), language="en", races=(_ASIAN,), ethnicity=_NOT_HISPANIC, marital_status="S", occupation="Ninth grade",
        therapist=TEO, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-kai", name=Name(family="Nakamura-Reyes", given=("Caitlin", "Emi")), preferred_name="Kai", birth_date=date(2009, 5, 2), sex="female", pronouns="they/them",
        identifiers=_chart(109), contact=_mobile(31, "kai"), address=_home("12 Tiller Court", "Beverly", "01915"), language="en", races=(_ASIAN, _WHITE), ethnicity=_HISPANIC,
        marital_status="S", occupation="High school junior", therapist=TEO, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-aoife", name=Name(family="Ní Dhomhnaill", given=("Aoife",)), birth_date=date(2006, 2, 1), sex="female", pronouns="she/her", identifiers=_chart(112),
        contact=_mobile(32, "aoife"), address=_home("Hawser Hall, Room 214", "Salem", "01970"), language="en-IE", races=(_WHITE,), ethnicity=_NOT_HISPANIC, marital_status="S",
        occupation="College student, marine biology", therapist=TEO,
    ),
    Client(
        id="client-elias", name=Name(family="Thornbury", given=("Elias", "Roy")), birth_date=date(2002, 4, 19), sex="male", pronouns="he/him", identifiers=_chart(115),
        contact=_mobile(33, "elias"), address=_home("230 Signal Street, Apt 4C", "Lynn", "01902"), language="en", races=(_BLACK,), ethnicity=_NOT_HISPANIC, marital_status="S",
        occupation="Line cook", therapist=ADAEZE, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-sam", name=Name(family="Oxendine", given=("Samantha", "Rae")), preferred_name="Sam", birth_date=date(1998, 3, 30), sex="female", pronouns="he/him",
        identifiers=_chart(103), contact=_mobile(34, "sam"), address=_home("7 Mooring Alley", "Salem", "01970"), language="en", races=(_NATIVE,), ethnicity=_NOT_HISPANIC,
        marital_status="S", occupation="Library assistant", therapist=TEO, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-shay", name=Name(family="Kowalczyk", given=("Shay",)), birth_date=date(1996, 1, 22), sex="unknown", pronouns="they/them", identifiers=_chart(98),
        contact=_mobile(35, "shay"), address=_home("19 Windlass Road", "Lynn", "01904"), language="en", races=("UNK",), ethnicity="UNK", marital_status="T",
        occupation="Bicycle mechanic", therapist=JOEL, primary_care=HEALTH_CENTER,
    ),
)

MIDDLE = (
    Client(
        id="client-leilani", name=Name(family="Kahananui", given=("Leilani", "Rose")), birth_date=date(1994, 1, 11), sex="female", pronouns="she/her", identifiers=_chart(116),
        contact=_mobile(36, "leilani"), address=_home("55 Harpoon Lane", "Gloucester", "01930"), language="en", races=(_ISLANDER,), ethnicity=_NOT_HISPANIC, marital_status="M",
        occupation="Dental hygienist, on leave", therapist=IMANI, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-june", name=Name(family="Castellanos", given=("Juniper",)), preferred_name="June", birth_date=date(1992, 3, 8), sex="female", pronouns="she/they",
        identifiers=_chart(124), contact=_mobile(37, "june"), address=_home("3 Bowline Place", "Rockport", "01966"), language="en", races=(_OTHER,), ethnicity=_HISPANIC,
        marital_status="S", occupation="Set designer", therapist=IMANI,
    ),
    Client(
        id="client-ana", name=Name(family="Restrepo", given=("Ana", "Lucía")), birth_date=date(1991, 2, 14), sex="female", pronouns="she/her", identifiers=_chart(101),
        contact=_mobile(38, "ana.restrepo"), address=_home("27 Halyard Street, Apt 2", "Gloucester", "01930"), language="es", interpreter_needed=False, races=(_OTHER,),
        ethnicity=_HISPANIC, marital_status="D", occupation="Respiratory therapist, nights", therapist=IMANI, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-corinne", name=Name(family="Baptiste", given=("Corinne",)), birth_date=date(1989, 1, 27), sex="female", pronouns="she/her", identifiers=_chart(104),
        contact=Contact(email="corinne.baptiste@mail.example"), address=_home("64 Spindrift Avenue", "Beverly", "01915"), language="ase", interpreter_needed=True,
        races=(_BLACK,), ethnicity=_NOT_HISPANIC, marital_status="S", occupation="Ceramics teacher", therapist=ADAEZE, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-noor", name=Name(family="Aziz-Wren", given=("Noor",)), birth_date=date(1988, 3, 3), sex="female", pronouns="she/her", identifiers=_chart(110),
        contact=_mobile(39, "noor"), address=_home("9 Jetty Close", "Salem", "01970"), language="ar", interpreter_needed=False, races=(_WHITE,), ethnicity=_NOT_HISPANIC,
        marital_status="M", occupation="Structural engineer", therapist=ADAEZE, primary_care=FAMILY_DOCTOR, partner_of="client-tobias",
    ),
    Client(
        id="client-tobias", name=Name(family="Wren", given=("Tobias", "Lee")), birth_date=date(1986, 1, 16), sex="male", pronouns="he/him", identifiers=_chart(111),
        contact=_mobile(40, "tobias"), address=_home("9 Jetty Close", "Salem", "01970"), language="en", races=(_WHITE,), ethnicity=_NOT_HISPANIC, marital_status="M",
        occupation="High school band director", therapist=ADAEZE, primary_care=FAMILY_DOCTOR, partner_of="client-noor",
    ),
    Client(
        id="client-maren", name=Name(family="Sørensdatter", given=("Maren", "Elise")), birth_date=date(1984, 2, 20), sex="female", pronouns="she/her", identifiers=_chart(95),
        contact=_mobile(41, "maren"), address=_home("140 Lookout Hill", "Rockport", "01966"), language="en", races=(_WHITE,), ethnicity=_NOT_HISPANIC, marital_status="L",
        occupation="Bookkeeper", therapist=IMANI, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-bettina", name=Name(family="Graf", given=("Bettina",)), birth_date=date(1981, 3, 12), sex="female", identifiers=_chart(88), contact=_mobile(42, "bettina"),
        address=_home("2 Ballast Row", "Gloucester", "01930"), language="de", races=(_WHITE,), ethnicity=_NOT_HISPANIC, marital_status="D", occupation="Baker", therapist=IMANI,
        active=False,
    ),
    Client(
        id="client-marcus", name=Name(family="Delacroix", given=("Marcus", "Aurèle")), birth_date=date(1980, 1, 5), sex="male", pronouns="he/him", identifiers=_chart(99),
        contact=_mobile(43, "marcus"), address=_home("76 Mizzen Street", "Beverly", "01915"), language="en", races=(_BLACK,), ethnicity=_NOT_HISPANIC, marital_status="M",
        occupation="Ferry captain", therapist=JOEL, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-hector", name=Name(family="Ibáñez Solís", given=("Héctor",)), birth_date=date(1978, 2, 9), sex="male", pronouns="he/him", identifiers=_chart(81),
        contact=_mobile(44, "hector"), address=_home("310 Drydock Avenue", "Lynn", "01905"), language="es", interpreter_needed=False, races=("UNK",), ethnicity=_HISPANIC,
        marital_status="M", occupation="Roofer", therapist=IMANI, primary_care=HEALTH_CENTER,
    ),
)

OLDER = (
    Client(
        id="client-dmitri", name=Name(family="Volkov-Stein", given=("Dmitri",)), birth_date=date(1975, 3, 21), sex="male", pronouns="he/him", identifiers=_chart(84),
        contact=_mobile(45, "dmitri"), address=_home("500 Beacon Wharf, Unit 11", "Salem", "01970"), language="ru", races=(_WHITE,), ethnicity=_DECLINED, marital_status="S",
        occupation="Piano tuner", therapist=ADAEZE, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-gus", name=Name(family="Halloran", given=("Augustus", "Finn")), preferred_name="Gus", birth_date=date(1973, 2, 25), sex="male", pronouns="he/him",
        identifiers=_chart(92), contact=_mobile(46, "gus"), address=_home("17 Trawler Street", "Gloucester", "01930"), language="en", races=(_WHITE,), ethnicity=_NOT_HISPANIC,
        marital_status="I", occupation="Lobsterman", therapist=JOEL, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-tomasz", name=Name(family="Wójcik", given=("Tomasz",)), birth_date=date(1970, 1, 30), sex="male", pronouns="he/him", identifiers=_chart(106),
        contact=_mobile(47, "tomasz"), address=_home("23 Keel Street", "Lynn", "01901"), language="pl", interpreter_needed=False, races=(_WHITE,), ethnicity=_NOT_HISPANIC,
        marital_status="M", occupation="Machinist, laid off", therapist=IMANI, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-linh", name=Name(family="Nguyễn", given=("Thị", "Linh")), birth_date=date(1967, 2, 18), sex="female", pronouns="she/her", identifiers=_chart(102),
        contact=Contact(home_phone="781-555-0148"), address=_home("91 Millpond Avenue", "Lynn", "01901"), language="vi", interpreter_needed=True, races=(_ASIAN,),
        ethnicity=_NOT_HISPANIC, marital_status="M", occupation="Nail salon owner", therapist=IMANI, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-ingrid", name=Name(family="Vasquez-Thorpe", given=("Ingrid",)), birth_date=date(1963, 1, 9), sex="female", identifiers=_chart(97),
        contact=_mobile(49, "ingrid"), address=_home("8 Pilot House Road", "Rockport", "01966"), language="en", races=(_DECLINED,), ethnicity=_DECLINED, marital_status="W",
        occupation="Retired customs officer", therapist=JOEL, primary_care=FAMILY_DOCTOR,
    ),
    Client(
        id="client-yusuf", name=Name(family="al-Hakim", given=("Yusuf", "Ibrahim")), birth_date=date(1959, 1, 1), sex="male", pronouns="he/him", identifiers=_chart(105),
        contact=Contact(home_phone="781-555-0150"), address=_home("400 Beacon Wharf, Unit 3", "Salem", "01970"), language="ar", interpreter_needed=True, races=(_WHITE,),
        ethnicity=_NOT_HISPANIC, marital_status="M", occupation="Pharmacist in his first country", therapist=JOEL, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-huiling", name=Name(family="Zhao", given=("Hui-Ling",)), preferred_name="Auntie Ling", birth_date=date(1954, 3, 15), sex="female", pronouns="she/her",
        identifiers=_chart(108), contact=Contact(home_phone="781-555-0151"), address=_home("60 Old Customs Square", "Salem", "01970"), language="zh-Hant",
        interpreter_needed=True, races=(_ASIAN,), ethnicity=_NOT_HISPANIC, marital_status="W", occupation="Retired seamstress", therapist=TEO, primary_care=HEALTH_CENTER,
    ),
    Client(
        id="client-otis", name=Name(family="Fairweather", given=("Otis",)), birth_date=date(1946, 2, 2), sex="male", identifiers=_chart(79),
        address=_home("11 Anchorage Lane", "Gloucester", "01930"), language="en", races=(_BLACK,), ethnicity=_NOT_HISPANIC, marital_status="W", occupation="Retired postmaster",
        therapist=JOEL, active=False,
    ),
    Client(
        id="client-rosalind", name=Name(family="Achterberg", given=("Rosalind",)), birth_date=date(1941, 1, 3), sex="female", pronouns="she/her", identifiers=_chart(100),
        contact=Contact(home_phone="978-555-0152"), address=_home("4 Widow's Walk", "Gloucester", "01930"), language="en", races=(_WHITE,), ethnicity=_NOT_HISPANIC,
        marital_status="W", occupation="Retired botanist", therapist=JOEL, primary_care=FAMILY_DOCTOR,
    ),
)

CLIENTS = YOUNG + MIDDLE + OLDER
