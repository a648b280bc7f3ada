"""Errors over HTTP: RFC 9457 `application/problem+json`, or a plain page for people who followed a link."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from bleak.exc import BleakError
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.agreement import BadTerms
from alerts.channel_kinds import BadAddress
from alerts.messenger import TooManyTests
from alerts.not_now import NotNow
from alerts.notice import IllegalNoticeStep
from alerts.pause import IllegalPauseStep
from alerts.ports import NotAllowed, TalkConflict, TooManyChannels
from alerts.suggestion import IllegalAnswer
from alerts.talk_step import IllegalTalkStep
from api.attempts import TooManyTries
from api.formats.fhir import FhirMissing
from api.live import NotYet
from api.passkeys import BadPasskey, PasskeysMissing
from api.periods import BadPeriod
from api.render import page
from api.security import NO_STORE, PAGE_HEADERS
from api.slow_bodies import BodyInTime
from api.views.content import stored_view
from api.words.amounts import length
from api.words.refusals import refusal
from api.words.unfit import unfit
from journal.api_tokens import Scope as TokenScope
from journal.archive_file import BadArchive
from journal.content import BadContent
from journal.database import DatabaseBusy
from journal.erasure import ChangedSincePreview, TalkIsOpen
from journal.local_time import BadMoment
from journal.passkeys import CounterWentBack
from journal.passwords import BadSignIn
from journal.sealed import CannotUnseal
from journal.straps import StrapTaken
from journal.texts import TextConflict, TooManyDrafts
from journal.ways_in import WrongProof
from sensing.no_radio import NoAdapter, RadioStuck
from sensing.radio_words import in_words

log = structlog.get_logger(__name__)


MOST_BODY_BYTES = 2_000_000
"""Five times the largest entry. In the home’s network anybody can send a body before anybody asks who."""

FRAMEWORKS_TOO_LARGE = "Content Too Large"
TOO_LARGE = (
    "This is more than the journal takes at once (two million bytes). Nothing of it was kept; send less, or in parts."
)


PROBLEM = "application/problem+json"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what can be done, for people."},
        "stored": {"description": "With a text that has changed in another window: what is stored."},
    },
}
_INSTEAD: dict[int | str, str] = {
    "4XX": "It cannot be, not now, or not for you (RFC 9457).",
    501: "An optional part of the program is not installed here.",
    503: "The journal, or the radio, does not answer just now.",
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {PROBLEM: {"schema": _SCHEMA}}} for status, said in _INSTEAD.items()
}
"""What every route may answer instead of what was asked for, for the OpenAPI document."""


class SignInNeeded(Exception):
    """Nobody is signed in."""


class WrongSignIn(Exception):
    """No account opens with this name and this password. Which of the two it is, nobody is told."""


class WrongPasskey(Exception):
    """No account opens with this passkey, or not any more for this challenge. Which of them it is, nobody is told."""


class BadToken(Exception):
    """A program came with a token that is unknown, revoked, or has run out."""


class NotForPrograms(Exception):
    """A token that is not for this. `scope`: what it would have to be for; None: no token opens this."""

    def __init__(self, scope: TokenScope | None) -> None:
        super().__init__(scope)
        self.scope = scope


Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Answer every known error in the same form.

    The limit of bodies is set here, and not by FastAPI, which would answer in plain text outside of everything else.
    """
    for kind, handler in _ANSWERS:
        app.add_exception_handler(kind, handler)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BODY_BYTES)
    app.add_middleware(_TooLargeInWords)
    app.add_middleware(BodyInTime)


class _TooLargeInWords:
    """A body that says itself that it is too large is refused by the framework before any handler, in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def send_in_words(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                refused = Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")
                if refused:
                    answer = problem(Request(scope), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)
                    await answer(scope, receive, send)
            if not refused:
                await send(message)

        await self.app(scope, receive, send_in_words)


async def _conflict(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.CONFLICT, refusal(error))


async def _unfit(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, refusal(error))


async def _absent(request: Request, _: Exception) -> Response:
    # What is not there and what is not yours look the same on purpose.
    return problem(request, HTTPStatus.NOT_FOUND, "There is nothing here, or it isn’t yours to see.")


async def _not_now(request: Request, _: Exception) -> Response:
    said = "The journal doesn’t answer just now. Nothing is lost; try again in a moment."
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, said)


async def _no_radio(request: Request, error: Exception) -> Response:
    said = str(getattr(error, "obstacle", None) or in_words(error))
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, f"{said[:1].upper()}{said[1:]}.")


async def _sign_in(request: Request, _: Exception) -> Response:
    if wants_page(request):
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": "/welcome"})
    return problem(request, HTTPStatus.UNAUTHORIZED, "Open the start page and begin there.")


async def _wrong_sign_in(request: Request, _: Exception) -> Response:
    return problem(request, HTTPStatus.UNAUTHORIZED, "No account here opens with this name and this password.")


async def _wrong_passkey(request: Request, _: Exception) -> Response:
    said = "No account here opens with this passkey, or it took longer than five minutes. You can try once more."
    return problem(request, HTTPStatus.UNAUTHORIZED, said)


async def _no_passkey_made(request: Request, _: Exception) -> Response:
    said = "No passkey was added: what came isn’t what was asked for here, or it took longer than five minutes. Try once more."
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, said)


async def _a_copy(request: Request, _: Exception) -> Response:
    said = (
        "This passkey has counted fewer uses than are known here, so somebody may have a copy of it. It opens nothing this "
        "time. Come in another way, remove it under “Your account”, and make a new one."
    )
    return problem(request, HTTPStatus.FORBIDDEN, said)


async def _wrong_proof(request: Request, error: Exception) -> Response:
    said = "That is neither your password until now nor the words that bring you back. Nothing has changed."
    if isinstance(error, WrongProof) and not error.has_password:
        said = (
            "It is a while since you signed in. Load this page anew, then use your passkey, or the words that bring you "
            "back. Nothing has changed."
        )
    return problem(request, HTTPStatus.FORBIDDEN, said)


async def _too_many(request: Request, error: Exception) -> Response:
    wait_s = error.wait_s if isinstance(error, TooManyTries) else 1
    minutes = ceil(wait_s / 60)
    said = f"That was tried too often just now. In {'a minute' if minutes == 1 else f'{minutes} minutes'} it can be tried again."
    answer = problem(request, HTTPStatus.TOO_MANY_REQUESTS, said)
    answer.headers["retry-after"] = str(wait_s)
    return answer


async def _bad_token(request: Request, _: Exception) -> Response:
    answer = problem(
        request, HTTPStatus.UNAUTHORIZED, "This token opens nothing: it is unknown, revoked, or has run out."
    )
    answer.headers["www-authenticate"] = 'Bearer error="invalid_token"'  # RFC 6750, 3.1
    return answer


async def _not_for_programs(request: Request, error: Exception) -> Response:
    scope = error.scope if isinstance(error, NotForPrograms) else None
    said = f"This takes a token for {scope}." if scope else "No token opens this; it is for people in a browser."
    answer = problem(request, HTTPStatus.FORBIDDEN, said)
    wanted = f', scope="{scope}"' if scope else ""
    answer.headers["www-authenticate"] = f'Bearer error="insufficient_scope"{wanted}'
    return answer


async def _http(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.NOT_FOUND:
        return await _absent(request, error)
    said = str(getattr(error, "detail", status.phrase))
    if said == FRAMEWORKS_TOO_LARGE:
        said = TOO_LARGE
    answer = problem(request, status, said)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    details = error.errors() if isinstance(error, RequestValidationError) else []
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, unfit(details))


async def _both_kept(request: Request, error: Exception) -> Response:
    said = "This entry has been changed in another window since. Both texts are kept: choose, or put them together."
    stored = jsonable_encoder(stored_view(error.stored)) if isinstance(error, TextConflict) else None
    return problem(request, HTTPStatus.CONFLICT, said, stored=stored)


async def _not_kept(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.CONFLICT, f"{error}. What you sent was not stored; it is still in your window.")


async def _unreadable_request(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


async def _bad_archive(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"Nothing was brought back, and nothing changed: {error}.")


async def _extra_missing(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.NOT_IMPLEMENTED, f"{refusal(error)} Then start the program again.")


async def _enough_for_now(request: Request, error: Exception) -> Response:
    wait_s = ceil(error.wait_s) if isinstance(error, TooManyTests) else 0
    said = f"That’s enough tests for now: {error}. Nothing was sent. Try again in {length(wait_s)}."
    answer = problem(request, HTTPStatus.TOO_MANY_REQUESTS, said)
    answer.headers["retry-after"] = str(wait_s)
    return answer


async def _not_erased(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.CONFLICT, f"Nothing was erased: {error}.")


async def _does_not_open(request: Request, error: Exception) -> Response:
    log.error("text_does_not_open", reason=str(error))
    said = f"These words can’t be opened: {error}. Nothing was changed; a backup may hold them whole."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, said)


async def _broken(request: Request, _: Exception) -> Response:
    # Answered outside all other layers, so it brings the quiet headers itself. What broke is in the log.
    answer = problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke here. Nothing you did; try again.")
    answer.headers.update(NO_STORE | PAGE_HEADERS)
    return answer


_ANSWERS: tuple[tuple[type[Exception], Handler], ...] = (
    (IllegalPauseStep, _conflict),
    (IllegalNoticeStep, _conflict),
    (IllegalTalkStep, _conflict),
    (IllegalAnswer, _conflict),
    (TalkConflict, _conflict),
    (StrapTaken, _conflict),
    (NotNow, _conflict),
    (BadTerms, _unfit),
    (TooManyChannels, _conflict),
    (TooManyTests, _enough_for_now),
    (BadAddress, _unreadable_request),
    (NotAllowed, _absent),
    (TextConflict, _both_kept),
    (TooManyDrafts, _not_kept),
    (BadContent, _unreadable_request),
    (BadArchive, _bad_archive),
    (FhirMissing, _extra_missing),
    (PasskeysMissing, _extra_missing),
    (ChangedSincePreview, _not_erased),
    (TalkIsOpen, _not_erased),
    (BadMoment, _unreadable_request),
    (BadPeriod, _unreadable_request),
    (CannotUnseal, _does_not_open),
    (NotYet, _not_now),
    (DatabaseBusy, _not_now),
    (NoAdapter, _no_radio),
    (RadioStuck, _no_radio),
    (BleakError, _no_radio),
    (SignInNeeded, _sign_in),
    (WrongSignIn, _wrong_sign_in),
    (WrongPasskey, _wrong_passkey),
    (BadPasskey, _no_passkey_made),
    (CounterWentBack, _a_copy),
    (WrongProof, _wrong_proof),
    (BadSignIn, _unfit),
    (TooManyTries, _too_many),
    (BadToken, _bad_token),
    (NotForPrograms, _not_for_programs),
    (HTTPException, _http),
    (RequestValidationError, _invalid),
    (Exception, _broken),
)


def answers_with_conflict(error: Exception) -> bool:
    """Whether it is a step that the talk does not allow now: 409."""
    return any(isinstance(error, kind) and handler is _conflict for kind, handler in _ANSWERS)


def wants_page(request: Request) -> bool:
    """Whether a person in a browser asked, rather than a script."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def problem(request: Request, status: HTTPStatus, detail: str, **more: object) -> Response:
    """One error, as a page or as problem+json; `more` are the members that this kind of error has besides."""
    body: dict[str, Any] = {"title": status.phrase, "status": int(status), "detail": detail, **more}
    if wants_page(request):
        answer = page(request, request.app.state.service, "problem.html", section="", person=None, **body)
        answer.status_code = status
        return answer
    return JSONResponse(body, status_code=status, media_type=PROBLEM)
