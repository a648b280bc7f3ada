"""Passkeys: what a browser is asked, and whether its answer holds. WebAuthn Level 3, 7.1 and 7.2, checked by py_webauthn.

A passkey belongs to a host name, and an IP address is none (Level 3, 5.1.2): on this machine it is made and used at `localhost`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from api.challenges import LASTS_S
from journal.passkeys import NewPasskey, Passkey
from journal.people import Person

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

HOW_TO_INSTALL = ".venv/bin/pip install -c constraints.txt -e '.[passkeys]'"
"""In the clone, as the README makes it: the program is on no index."""

OWN_NAME = "localhost"
SERVICE_NAME = "flooding-detector"
LONGEST_CREDENTIAL_ID_BYTES = 1023
"""WebAuthn Level 3, 4, “Credential ID”."""

USUAL_PORTS = {"http": 80, "https": 443}

Answer = Mapping[str, Any]
"""What a browser made, as `PublicKeyCredential.toJSON` writes it."""


class PasskeysMissing(Exception):
    """The library that checks passkeys is not installed. Says how it is."""

    def __init__(self) -> None:
        super().__init__(f"this needs one more library. In the program’s folder, type: {HOW_TO_INSTALL}")


class BadPasskey(Exception):
    """The answer does not hold: not what was asked, not from this page, or not signed by what it says. Which, nobody is told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passkey is for.

    Attributes:
        name: the host name (the specification's RP ID).
        origin: the page's address, without a path.
    """

    name: str
    origin: str


def is_installed() -> bool:
    """Whether passkeys can be checked here."""
    return find_spec("webauthn") is not None


def place_of(scheme: str, host: str, port: int | None) -> Place | None:
    """The place of a page at this host, on the port at which the server itself listens. None at an IP address.

    The port is never what a request says of itself: whoever gets an answer signed for a page of theirs at another port could
    say that it was this one.

    >>> place_of("http", "localhost", 8000)
    Place(name='localhost', origin='http://localhost:8000')
    >>> place_of("http", "127.0.0.1", 8000) is None
    True
    """
    if not host or _is_address(host):
        return None
    shown = "" if port is None or port == USUAL_PORTS.get(scheme) else f":{port}"
    return Place(host, f"{scheme}://{host}{shown}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def what_makes_one(place: Place, challenge: bytes, person: Person, known: list[Passkey]) -> dict[str, Any]:
    """What a browser is told so that it makes a passkey for `person`, which it can find again by itself.

    Raises:
        PasskeysMissing: py_webauthn is not there.
    """
    webauthn = _library()
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415  an extra, asked for above

    return options_to_json_dict(
        webauthn.generate_registration_options(
            rp_id=place.name,
            rp_name=SERVICE_NAME,
            user_id=handle_of(person),
            user_name=person.name,
            challenge=challenge,
            timeout=LASTS_S * 1000,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[_descriptor(one) for one in known if one.place == place.name],
        )
    )


def what_signs_in(place: Place, challenge: bytes) -> dict[str, Any]:
    """What a browser is told so that it asks its owner for a passkey. It names none, so nobody learns who has one.

    Raises:
        PasskeysMissing: py_webauthn is not there.
    """
    webauthn = _library()
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415  an extra, asked for above

    return options_to_json_dict(
        webauthn.generate_authentication_options(
            rp_id=place.name,
            challenge=challenge,
            timeout=LASTS_S * 1000,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
    )


def made(place: Place, challenge: bytes, answer: Answer) -> NewPasskey:
    """The passkey that a browser has made.

    Raises:
        BadPasskey: the answer does not hold.
        PasskeysMissing: py_webauthn is not there.
    """
    webauthn = _library()
    try:
        verified = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            require_user_verification=True,
        )
        told = answer["response"].get("transports")
        transports = told if isinstance(told, list) else ()
    except Exception as error:  # what a stranger sends breaks parsers in more ways than they name
        raise BadPasskey from error
    if len(verified.credential_id) > LONGEST_CREDENTIAL_ID_BYTES:
        raise BadPasskey
    return NewPasskey(
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
        tuple(one for one in _transports() if one in transports),
        place.name,
    )


def named_by(answer: Answer) -> bytes:
    """Which passkey an answer says that it is of. Raises `BadPasskey`."""
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415  an extra: whoever asks has given a challenge with it

    try:
        return base64url_to_bytes(answer["id"])
    except Exception as error:
        raise BadPasskey from error


def signed_by(place: Place, challenge: bytes, answer: Answer, *, person: Person, public_key: bytes) -> int:
    """How often the passkey says that it was used, once its answer holds for this person.

    The count itself is compared where it is kept (`Passkeys.used`), in one step with keeping it.

    Raises:
        BadPasskey: the answer does not hold.
        PasskeysMissing: py_webauthn is not there.
    """
    webauthn = _library()
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415  an extra, asked for above

    try:
        # Level 3, 7.2, step 6: nobody was named, so the answer has to name its owner, and that owner is the passkey's.
        handle = base64url_to_bytes(answer["response"]["userHandle"])
        verified = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise BadPasskey from error
    if handle != handle_of(person):
        raise BadPasskey
    count: int = verified.new_sign_count
    return count


def handle_of(person: Person) -> bytes:
    """What a passkey knows its owner by: random, and nothing that says who it is. Level 3, 14.6.1."""
    return person.id.encode()


def _library() -> Any:  # noqa: ANN401  the module
    try:
        import webauthn  # noqa: PLC0415  an extra, and slow to load
    except ImportError:
        raise PasskeysMissing from None
    return webauthn


def _transports() -> list[str]:
    from webauthn.helpers.structs import AuthenticatorTransport  # noqa: PLC0415  an extra, asked for above

    return [str(one.value) for one in AuthenticatorTransport]


def _descriptor(passkey: Passkey) -> "PublicKeyCredentialDescriptor":
    from webauthn.helpers.structs import (  # noqa: PLC0415  an extra, asked for above
        AuthenticatorTransport,
        PublicKeyCredentialDescriptor,
    )

    known = {one.value: one for one in AuthenticatorTransport}
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id, transports=[known[one] for one in passkey.transports if one in known]
    )
