"""Certificates of sites: read from a real TLS server on loopback, whatever they are worth."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from panel import audit, records
from panel.errors import Refused
from panel.obligations import services as obligations
from panel.obligations.kinds import Evidence
from plugins.certification import services
from plugins.certification.certificates import look_at
from plugins.certification.models import Site
from tests.cast import World
from tests.certification.conftest import TODAY, ahead, due

KIND = "certification.certificate"


@pytest.fixture(autouse=True)
def near_sites(app: Flask) -> Iterator[None]:
    """The sites of these tests are on this machine, where the panel connects to only when it is told so."""
    runtime = app.extensions["zhangyin"]
    before = runtime.settings
    runtime.settings = replace(before, local_targets=True)
    yield
    runtime.settings = before


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A self-signed certificate that ends in so many days, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(*pem))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[int], int]]:
    """Starts (or goes on with) a TLS server whose certificate ends in so many days; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    current: list[ssl.SSLContext] = []

    def serve() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            try:
                current[-1].wrap_socket(client, server_side=True).close()
            except OSError:
                client.close()

    threading.Thread(target=serve, daemon=True).start()

    def show(days: int) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(tmp_path / str(days), days))
        current.append(context)
        return int(listener.getsockname()[1])

    yield show
    listener.close()


def site(uni: World, port: int) -> Site:
    return records.create(Site, institution=uni.uni, unit=uni.faculty, host="localhost", port=port)


def test_the_end_is_read_and_a_change_is_in_the_history(uni: World, server: Callable[[int], int]) -> None:
    row = site(uni, server(10))
    assert services.look_at_sites(uni.uni) == {"looked at": 1, "changed": 1, "failed": 0}
    first = due(KIND, row)
    assert first is not None
    assert abs((first.due_on - ahead(10)).days) <= 1
    assert services.look_at_sites(uni.uni)["changed"] == 0
    server(90)
    assert services.look_at_sites(uni.uni)["changed"] == 1
    assert due(KIND, row).id != first.id  # type: ignore[union-attr]
    assert [e.action for e in audit.history(row)].count("certification.site.certificate") == 2


def test_a_lapsed_certificate_has_an_end_too(uni: World, server: Callable[[int], int]) -> None:
    row = site(uni, server(-3))
    services.look_at_sites(uni.uni)
    assert due(KIND, row).due_on < TODAY  # type: ignore[union-attr]


def test_it_is_not_ticked_off_while_the_old_one_is_shown(uni: World, server: Callable[[int], int]) -> None:
    row = site(uni, server(5))
    services.look_at_sites(uni.uni)
    with pytest.raises(Refused):
        obligations.complete(due(KIND, row), Evidence(TODAY))  # type: ignore[arg-type]
    server(370)
    following = obligations.complete(due(KIND, row), Evidence(TODAY))  # type: ignore[arg-type]
    assert following is not None
    assert following.due_on > ahead(360)


def test_a_site_that_cannot_be_read_says_why(uni: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]
    row = site(uni, port)
    assert services.look_at_sites(uni.uni)["failed"] == 1
    assert Site.get_by_id(row.id).tls_error
    assert look_at("no such host.invalid").error
    assert look_at("x" * 300).error


def test_a_domain_has_a_date_of_its_own(uni: World) -> None:
    row = site(uni, 443)
    records.update(row, domain_until=ahead(20))
    first = due("certification.domain", row)
    records.update(row, domain_until=ahead(25))
    assert due("certification.domain", row).id == first.id  # type: ignore[union-attr]
    with pytest.raises(Refused):
        obligations.complete(first, Evidence(TODAY, until=ahead(25)))  # type: ignore[arg-type]
    following = obligations.complete(first, Evidence(TODAY, until=ahead(390)))  # type: ignore[arg-type]
    assert following is not None
    assert following.due_on == ahead(390)
