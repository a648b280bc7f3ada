"""Errors over HTTP: RFC 9457 `application/problem+json`, or a plain page for people who followed a link."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import structlog
from bleak.exc import BleakError
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from alerts.agreement import BadTerms
from alerts.channel_kinds import BadAddress
from alerts.not_now import NotNow
from alerts.notice import IllegalNoticeStep
from alerts.pause import IllegalPauseStep
from alerts.ports import NotAllowed, TalkConflict, TooManyChannels
from alerts.suggestion import IllegalAnswer
from alerts.talk_step import IllegalTalkStep
from api.formats.fhir import FhirMissing
from api.live import NotYet
from api.periods import BadPeriod
from api.render import page
from api.security import NO_STORE, PAGE_HEADERS
from api.views.content import stored_view
from api.words.refusals import refusal
from journal.archive_file import BadArchive
from journal.content import BadContent
from journal.database import DatabaseBusy
from journal.erasure import ChangedSincePreview, TalkIsOpen
from journal.local_time import BadMoment
from journal.sealed import CannotUnseal
from journal.straps import StrapTaken
from journal.texts import TextConflict, TooManyDrafts
from sensing.no_radio import NoAdapter, RadioStuck
from sensing.radio_words import in_words

log = structlog.get_logger(__name__)


class SignInNeeded(Exception):
    """Nobody is signed in."""


Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Answer every known error in the same form."""
    for kind, handler in _ANSWERS:
        app.add_exception_handler(kind, handler)


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


async def _http(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.NOT_FOUND:
        return await _absent(request, error)
    answer = problem(request, status, str(getattr(error, "detail", status.phrase)))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    details = error.errors() if isinstance(error, RequestValidationError) else []
    said = "; ".join(f"{'.'.join(map(str, d['loc'][1:])) or 'body'}: {d['msg']}" for d in details)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, said)


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
    (BadAddress, _unreadable_request),
    (NotAllowed, _absent),
    (TextConflict, _both_kept),
    (TooManyDrafts, _not_kept),
    (BadContent, _unreadable_request),
    (BadArchive, _bad_archive),
    (FhirMissing, _extra_missing),
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
    return JSONResponse(body, status_code=status, media_type="application/problem+json")
