"""A clinic's server, as a home asks it: by its address, over TLS, bounded in time and size, following nobody elsewhere."""

import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from ipaddress import ip_address
from typing import IO, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pydantic import ValidationError

from journal.publication import Answer, Looks, LooksAfter, Met, Told

ANSWERS_WITHIN_S = 20.0
LARGEST_ANSWER_BYTES = 4_000_000
SCHEME = "Publish"
"""Its own kind of `Authorization`: what opens these doors opens no other, and the other way round."""

Send = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]
"""Method, address, headers and body; the answer's status and body. Raises `OSError` where nobody answers."""


class BadClinicAddress(ValueError):
    """This is no address of a clinic's server. Says how one looks."""


class ClinicAway(Exception):
    """It does not answer now, or not as a clinic does. Worth trying again."""


class NotKnownThere(Exception):
    """It does not know this code or token, or not any more."""


class EndedThere(Exception):
    """The clinician has ended it."""


class RefusedThere(Exception):
    """It has not taken this, and would not the next time either."""


Kind = TypeVar("Kind", Met, Looks, Answer)
_REFUSALS: dict[int, type[Exception]] = {
    HTTPStatus.UNAUTHORIZED: NotKnownThere,
    HTTPStatus.NOT_FOUND: NotKnownThere,
    HTTPStatus.GONE: EndedThere,
    HTTPStatus.CONFLICT: RefusedThere,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: RefusedThere,
    HTTPStatus.UNPROCESSABLE_ENTITY: RefusedThere,
}


@dataclass(frozen=True, slots=True)
class ClinicDoor:
    """One clinic's doors for what comes from home.

    Raises:
        ClinicAway, NotKnownThere, EndedThere, RefusedThere: as they say.
    """

    address: str
    send: Send

    def meet(self, code: str, token_sha256: str) -> Met:
        """Come in with a code. Asked twice where the first answer is lost: the same token is the same home."""
        body = json.dumps({"code": code, "token_sha256": token_sha256}).encode()
        try:
            answer = self._sent("POST", "/api/publish/begin", body)
        except ClinicAway:
            answer = self._sent("POST", "/api/publish/begin", body)
        return self._read(Met, answer)

    def looks(self, token: str, after: int) -> Looks:
        """Who has looked there, after the last that was told."""
        body = LooksAfter(place=after).model_dump_json().encode()
        return self._read(Looks, self._sent("POST", "/api/publish/looks", body, token))

    def tell(self, token: str, told: Told) -> Answer:
        """Tell the whole list of what is shown."""
        return self._read(Answer, self._sent("POST", "/api/publish/list", told.model_dump_json().encode(), token))

    def put(self, token: str, item_id: str, body: bytes) -> None:
        """Send one item; it is kept there when this returns."""
        self._sent("PUT", f"/api/publish/items/{item_id}", body, token)

    def end(self, token: str) -> None:
        """Let it forget everything."""
        self._sent("POST", "/api/publish/end", b"{}", token)

    def _sent(self, method: str, path: str, body: bytes, token: str | None = None) -> bytes:
        headers = {"content-type": "application/json", "accept": "application/json"}
        if token is not None:
            headers["authorization"] = f"{SCHEME} {token}"
        try:
            status, answer = self.send(method, self.address + path, headers, body)
        except (OSError, HTTPException, UnicodeError) as error:  # nobody there; no HTTP; a name that none can have
            raise ClinicAway(_why_away(self.address, error)) from error
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return answer
        refused = _REFUSALS.get(status, ClinicAway)
        if refused in {NotKnownThere, EndedThere} and not _is_said_by_a_clinic(status, answer, known_by=token):
            refused = ClinicAway
        raise refused(f"{self.address} answered with {status}")

    def _read(self, kind: type[Kind], answer: bytes) -> Kind:
        try:
            return kind.model_validate_json(answer)
        except ValidationError as error:
            raise ClinicAway(f"{self.address} does not answer as a clinic’s server of this program") from error


def clinic_address(typed: str) -> str:
    """The address as it is kept. Over TLS; without it only on this very machine.

    Raises:
        BadClinicAddress: it is none.

    >>> clinic_address(" https://Clinic.example/ "), clinic_address("http://127.0.0.1:8000")
    ('https://clinic.example', 'http://127.0.0.1:8000')
    """
    try:
        parts = urlsplit(typed.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadClinicAddress(_LOOKS) from None
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password)
    if not host or not plain or (parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host))):
        raise BadClinicAddress(_LOOKS)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}"


def _is_said_by_a_clinic(status: int, answer: bytes, *, known_by: str | None) -> bool:
    """Whether it is the program there that says so. Believed wrongly, what is there would stay, and never be asked for again.

    A proxy before a clinic that is down, or whoever has the address now, answers 404 or 401, too. Who has a token is never
    told 404 by the doors themselves: those know them, or say 401.
    """
    if known_by is not None and status == HTTPStatus.NOT_FOUND:
        return False
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("status") == status and "detail" in told


_LOOKS = "the clinic’s address looks like https://clinic.example, and nothing after the name"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class _Nowhere(HTTPRedirectHandler):
    """Whoever is asked answers themselves: a token is not carried to another address."""

    def redirect_request(self, *_: object) -> None:
        """None: the answer is the redirection, which is no answer of a clinic's."""


def over_http(method: str, address: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """`Send` over the network. Certificates are checked as the machine checks them."""
    request = Request(address, data=body, headers=headers, method=method)  # noqa: S310  `clinic_address` lets only http(s) by
    try:
        with build_opener(_Nowhere).open(request, timeout=ANSWERS_WITHIN_S) as answer:
            return answer.status, _read_in_time(answer)
    except HTTPError as error:
        with error:
            return error.code, _read_in_time(error)


def _read_in_time(answer: IO[bytes]) -> bytes:
    """What is answered. The network's own timeout begins anew with each byte, and one slow clinic would hold up all others."""
    until_s, found = time.monotonic() + ANSWERS_WITHIN_S, bytearray()
    while len(found) < LARGEST_ANSWER_BYTES:
        piece = answer.read1(LARGEST_ANSWER_BYTES - len(found))  # type: ignore[attr-defined]  # both kinds of answer have it
        if not piece:
            break
        found += piece
        if time.monotonic() > until_s:
            raise TimeoutError
    return bytes(found)


def _why_away(address: str, error: Exception) -> str:
    """What kept it away, for the person who typed its address.

    >>> _why_away("https://clinic.example", OSError())
    'the clinic at https://clinic.example does not answer now'
    """
    if isinstance(getattr(error, "reason", error), ssl.SSLError):
        return (
            f"the clinic at {address} shows a certificate that this computer does not trust; that is for the clinic to mend, "
            "and nothing goes there until then"
        )
    return f"the clinic at {address} does not answer now"
