"""The home's network: which addresses this machine has there, and a certificate of its own making.

The certificate is for this machine alone and vouched for by nobody, so a browser asks once whether to go on. A certificate
authority of one's own on the phone would be quieter, and a greater power than a talk is worth: whoever held its key could
read all that the phone does.
"""

import ipaddress
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CERTIFICATE_NAME = "home-network.pem"
LASTS = timedelta(days=397)
"""Browsers refuse what lasts longer: CA/Browser Forum Baseline Requirements 6.3.2, Apple HT211025."""

RENEW_BEFORE = timedelta(days=30)
SHOWN_BYTES = 8


class NoHomeNetwork(Exception):
    """This machine is in no network that a phone could reach it by."""


@dataclass(frozen=True, slots=True)
class Home:
    """How the service is reached from the home's network.

    Attributes:
        names: the host names and addresses that are this machine, the first being the one to give to a phone.
        url: where a phone finds it.
        certificate: the file with the key and the certificate.
        fingerprint: the certificate's, as browsers show it, shortened.
    """

    names: tuple[str, ...]
    url: str
    certificate: Path
    fingerprint: str


def addresses() -> list[str]:
    """This machine's IPv4 addresses that others at home can reach, the usual way out first.

    Nothing is sent: connecting a datagram socket only asks the routing table. 192.0.2.1 is nobody's (RFC 5737).

    Raises:
        NoHomeNetwork: there is none.
    """
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    usable = [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]
    if not usable:
        raise NoHomeNetwork(
            "this computer is in no network just now; connect it to the one your phone is in, or leave --lan out"
        )
    return usable


def at_home(data_dir: Path, found: Sequence[str], port: int, *, now: datetime | None = None) -> Home:
    """How to reach this machine at the addresses `found`; its certificate is kept in `data_dir` and renewed in time."""
    path = data_dir / CERTIFICATE_NAME
    moment = now or datetime.now(UTC)
    kept = _read(path)
    # One that is not valid yet was made while this machine's clock was ahead: no browser takes it.
    in_time = kept is not None and kept.not_valid_before_utc <= moment <= kept.not_valid_after_utc - RENEW_BEFORE
    if kept is None or not in_time or not set(found) <= _addresses_in(kept):
        kept = _make(path, found, moment)
    digest = kept.fingerprint(hashes.SHA256())[:SHOWN_BYTES]
    return Home((*found, _name_at_home()), f"https://{found[0]}:{port}", path, digest.hex(":").upper())


def _name_at_home() -> str:
    """This machine's name by mDNS; some systems say it with its `.local`."""
    return f"{socket.gethostname().removesuffix('.local')}.local"


def _read(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None


def _addresses_in(certificate: x509.Certificate) -> set[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(address) for address in names.get_values_for_type(x509.IPAddress)}


def _make(path: Path, found: Sequence[str], now: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "flooding-detector at home")])
    hosts = ["localhost", _name_at_home()]
    own = [x509.DNSName(host) for host in hosts]
    numbers = [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", *found)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([*own, *numbers]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return certificate
