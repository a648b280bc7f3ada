"""The home's network: the certificate of one's own making."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from api import lan
from api.lan import NoHomeNetwork, addresses, at_home
from api.qr import qr_svg, qr_terminal

NOW = datetime(2026, 3, 12, tzinfo=UTC)
FOUND = ["192.168.1.5"]


def certificate(home):
    return x509.load_pem_x509_certificate(home.certificate.read_bytes())


def test_the_certificate_names_this_machine_and_its_fingerprint_is_told(tmp_path):
    home = at_home(tmp_path, FOUND, 8000, now=NOW)
    made = certificate(home)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(ip) for ip in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "192.168.1.5"}
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert made.fingerprint(hashes.SHA256()).hex(":").upper().startswith(home.fingerprint)
    assert home.url == "https://192.168.1.5:8000"


def test_it_can_vouch_for_nobody_else_and_browsers_take_its_length(tmp_path):
    made = certificate(at_home(tmp_path, FOUND, 8000, now=NOW))
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=398)


def test_the_key_is_its_owners_alone(tmp_path):
    home = at_home(tmp_path, FOUND, 8000, now=NOW)
    assert stat.S_IMODE(home.certificate.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("found", "later", "kept"),
    [
        (FOUND, timedelta(days=300), True),
        (FOUND, timedelta(days=380), False),
        (FOUND, timedelta(days=-2), False),  # it was made while the clock was ahead
        (["10.0.0.7"], timedelta(0), False),
    ],
)
def test_it_stays_the_same_until_it_has_to_change(tmp_path, found, later, kept):
    first = at_home(tmp_path, FOUND, 8000, now=NOW).fingerprint
    assert (at_home(tmp_path, found, 8000, now=NOW + later).fingerprint == first) is kept


def test_a_damaged_certificate_is_made_anew(tmp_path):
    (tmp_path / lan.CERTIFICATE_NAME).write_text("not a certificate")
    assert certificate(at_home(tmp_path, FOUND, 8000, now=NOW)).not_valid_after_utc > NOW


def test_a_machine_that_says_its_name_with_local_is_not_called_local_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("api.lan.socket.gethostname", lambda: "Miras-Book.local")
    home = at_home(tmp_path, FOUND, 8000, now=NOW)
    names = certificate(home).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert home.names == (*FOUND, "Miras-Book.local")
    assert "Miras-Book.local" in names.get_values_for_type(x509.DNSName)


def test_without_a_network_it_says_what_to_do(monkeypatch):
    class Nowhere:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def connect(self, _):
            raise OSError("unreachable")

    monkeypatch.setattr(lan.socket, "socket", lambda *_: Nowhere())
    monkeypatch.setattr(lan.socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", ("127.0.1.1", 0))])
    with pytest.raises(NoHomeNetwork, match="--lan"):
        addresses()


def test_an_address_becomes_a_picture_for_page_and_terminal():
    assert qr_svg("https://192.168.1.5:8000/join/ABCD").startswith("<svg")
    assert len(qr_terminal("https://192.168.1.5:8000/join/ABCD").splitlines()) > 10
