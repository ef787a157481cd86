"""TLS towards partners: the certificate must be good, and for the name that was asked for."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.net.client import Outgoing
from gateway.net.line import PartnerAway
from tests.net.world import Answer, ok, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    now = datetime.now(UTC)
    day = timedelta(days=1)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
    signed = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    path = tmp_path_factory.mktemp("tls") / "partner.pem"
    path.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


def _over_tls(certificate: Path, version: ssl.TLSVersion | None = None) -> Answer:
    """`version`: the only one spoken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if version is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    context.load_cert_chain(certificate)

    def answer(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(ok(b"{}"))

    return answer


@pytest.fixture
def base(certificate: Path) -> Iterator[str]:
    with serving(_over_tls(certificate), reads_head=False) as (address, _):
        yield address.replace("http://127.0.0.1", "https://localhost")


def test_a_partner_with_a_good_certificate_is_spoken_to(base: str, certificate: Path) -> None:
    assert Outgoing(allow_private=True, ca_file=str(certificate)).request("GET", base).status == 200


def test_a_certificate_that_nobody_vouches_for_is_refused(base: str) -> None:
    with pytest.raises(PartnerAway, match="certificate"):
        Outgoing(allow_private=True).request("GET", base)


def test_a_certificate_for_another_name_is_refused(base: str, certificate: Path) -> None:
    with pytest.raises(PartnerAway, match="certificate"):
        Outgoing(allow_private=True, ca_file=str(certificate)).request("GET", base.replace("localhost", "127.0.0.1"))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(("version", "is_taken"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
def test_tls_is_1_2_at_least(certificate: Path, version: str, is_taken: bool) -> None:
    old = ssl.create_default_context(cafile=str(certificate))
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    with serving(_over_tls(certificate, ssl.TLSVersion[version]), reads_head=False) as (address, _):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as line, old.wrap_socket(line, server_hostname="localhost") as secure:
            assert secure.version() == version.replace("_", "."), "the partner speaks it"
        outgoing, url = Outgoing(allow_private=True, ca_file=str(certificate)), address.replace("http://127.0.0.1", "https://localhost")
        if is_taken:
            assert outgoing.request("GET", url).status == 200
        else:
            with pytest.raises(PartnerAway, match="protocol"):
                outgoing.request("GET", url)
