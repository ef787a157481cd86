"""What is not taken, and why: every refusal by its rule, with a mend, and without a value of the document."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mappings.ccda import BadDocument, read
from mappings.ccda.parse import MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_PARTS
from tests.ccda.corpus import consultation, section

CANARY = "Okafor-canary"

_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefghi", "bcdefghij", strict=True))
    + f']><ClinicalDocument xmlns="urn:hl7-org:v3"><title>&j;{CANARY}</title></ClinicalDocument>'
)
_SQUARE = f'<!DOCTYPE x [<!ENTITY a "{"A" * 100_000}">]><x b="{"&a;" * 10_000}">{CANARY}</x>'
_EXTERNAL = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;{CANARY}</x>'
_PARAMETER = f'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a.dtd"> %a;]><x>{CANARY}</x>'
_OUTSIDE = f'<!DOCTYPE ClinicalDocument SYSTEM "http://127.0.0.1:9/cda.dtd"><ClinicalDocument xmlns="urn:hl7-org:v3">{CANARY}</ClinicalDocument>'


def _refused(document: bytes) -> BadDocument:
    with pytest.raises(BadDocument) as refused:
        read(document)
    assert CANARY not in str(refused.value)
    assert refused.value.mend
    assert refused.value.__cause__ is None
    return refused.value


@pytest.mark.parametrize("document", [_LAUGHS, _SQUARE, _EXTERNAL, _PARAMETER, _OUTSIDE, f"<!DOCTYPE x><x>{CANARY}</x>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_any_entity_of_it_is_read(document: str, encoding: str) -> None:
    started = time.process_time()

    assert "document type" in _refused(document.encode(encoding)).rule
    assert time.process_time() - started < 2


def test_a_file_is_never_fetched_for_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)

    _refused(f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]><ClinicalDocument xmlns="urn:hl7-org:v3"><title>&a;</title></ClinicalDocument>'.encode())


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"{}",
        f"<a>{CANARY}".encode(),
        b"<a>&undefined;</a>",
        b"\x00\x01\x02",
        f"<?xml version='1.0' encoding='no-such'?><a>{CANARY}</a>".encode(),
        b"<a b='1' b='2'/>",
    ],
)
def test_what_is_not_well_formed_is_refused(document: bytes) -> None:
    assert "not well-formed" in _refused(document).rule


@pytest.mark.parametrize(
    "document", [f"<ClinicalDocument>{CANARY}</ClinicalDocument>", f'<Bundle xmlns="http://hl7.org/fhir">{CANARY}</Bundle>', '<x xmlns="urn:hl7-org:v3"><ClinicalDocument/></x>']
)
def test_another_root_is_refused(document: str) -> None:
    assert "root" in _refused(document.encode()).rule


def test_a_document_that_is_too_large_is_refused_unread() -> None:
    assert "larger than" in _refused(b"<" * (MAX_BYTES + 1)).rule


def test_elements_nested_too_deep_are_refused() -> None:
    assert "deep" in _refused(consultation(section(text=f"<text>{'<content>' * MAX_DEPTH}{CANARY}{'</content>' * MAX_DEPTH}</text>"))).rule
    assert "deep" in _refused(b'<ClinicalDocument xmlns="urn:hl7-org:v3">' + b"<a>" * 1_000_000).rule


def test_too_many_elements_or_entries_are_refused() -> None:
    assert "elements" in _refused(consultation(section(text=f"<text>{'<br/>' * MAX_PARTS}</text>"))).rule
    assert "entries" in _refused(consultation(section().replace("<text/>", "<text/>" + "<entry/>" * (MAX_ENTRIES + 1)))).rule


@pytest.mark.parametrize(
    "narrative",
    [
        f"<script>alert('{CANARY}')</script>",
        "<SCRIPT/>",
        '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
        '<content onclick="alert(1)">a</content>',
        '<content onMouseOver="alert(1)">a</content>',
        '<linkHtml href="javascript:alert(1)">a</linkHtml>',
        '<linkHtml href=" java&#10;script:alert(1)">a</linkHtml>',
        '<linkHtml href="data:text/html,a">a</linkHtml>',
        '<linkHtml href="file:///etc/passwd">a</linkHtml>',
        "<iframe/>",
        '<img src="data:image/svg+xml,a"/>',
        "<style>a</style>",
        '<object data="a"/>',
    ],
)
def test_a_narrative_that_could_run_or_load_is_refused(narrative: str) -> None:
    assert "run or load" in _refused(consultation(section(text=f"<text>{narrative}</text>"))).rule


@pytest.mark.parametrize("narrative", ['<linkHtml href="https://loinc.org/44261-6">a</linkHtml>', '<linkHtml href="#place">a</linkHtml>', '<content styleCode="Bold">a</content>'])
def test_a_narrative_of_cdas_own_is_taken(narrative: str) -> None:
    assert read(consultation(section(text=f"<text>{narrative}</text>"))).type == "Consultation Note"


@pytest.mark.parametrize(("number", "name"), [("8", "Discharge Summary"), ("9", "Progress Note"), ("10", "Unstructured Document"), ("15", "Care Plan"), ("13", "Transfer Summary")])
def test_another_document_is_refused_by_its_name(number: str, name: str) -> None:
    refused = _refused(consultation(template=f'<templateId root="2.16.840.1.113883.10.20.22.1.{number}"/>'))

    assert refused.rule == f"The document is of the kind {name}, which is not taken here."
    assert refused.mend == "Send a Consultation Note, a Continuity of Care Document or a Referral Note."


@pytest.mark.parametrize("template", ["", f'<templateId root="1.2.3" extension="{CANARY}"/>', "<templateId/>"])
def test_a_document_of_no_template_known_here_is_refused(template: str) -> None:
    assert "no document template" in _refused(consultation(template=template)).rule


def test_a_document_whose_body_is_a_file_is_refused() -> None:
    document = consultation().replace(b"<structuredBody></structuredBody>", f"<nonXMLBody><text>{CANARY}</text></nonXMLBody>".encode())

    assert _refused(document).rule == "The Consultation Note has no structured body."


def test_comments_and_instructions_are_no_part_of_what_is_read() -> None:
    received = read(consultation(section(text=f"<text>a<!-- {CANARY} --><?x {CANARY}?>b</text>"), before='<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>'))

    assert CANARY not in str(received)


def test_an_ampersand_in_an_attribute_is_an_ampersand() -> None:
    assert read(consultation().replace(b'extension="doc-1"', b'extension="a &amp; b&#60;"')).id == {"system": "urn:oid:2.16.840.1.113883.19.5", "value": "a & b<"}


@pytest.mark.parametrize(
    "text",
    [
        f"<text><table><tbody><tr><td>{'a<br/>' * 150_000}</td></tr></tbody></table></text>",
        "<text>" + "".join(f'<content ID="i{number}">' for number in range(60)) + "w" * 5_000_000 + "</content>" * 60 + "</text>",
        f"<text><list>{'<item>a </item>' * 100_000}</list></text>",
    ],
)
def test_a_hostile_narrative_takes_no_long_time(text: str) -> None:
    entries = "".join(f'<act><templateId root="2.16.840.1.113883.10.20.22.4.3"/>{_OBSERVATION.format(number)}</act>' for number in range(60))
    started = time.process_time()
    received = read(consultation(section(text=text, title="t" * 100_000).replace("</section>", f"<entry>{entries}</entry></section>")))

    assert len(received.resources) == 61
    assert time.process_time() - started < 15


_OBSERVATION = """<entryRelationship typeCode="SUBJ"><observation><templateId root="2.16.840.1.113883.10.20.22.4.4"/>
<value nullFlavor="OTH"><originalText><reference value="#i{}"/></originalText></value></observation></entryRelationship>"""
