"""Errors over HTTP: RFC 9457 `application/problem+json`, or a plain page for people who followed a link."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from bleak.exc import BleakError
from fastapi import FastAPI, Request
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
from api.live import NotYet
from api.render import page
from api.security import NO_STORE, PAGE_HEADERS
from api.words import refusal
from journal.database import DatabaseBusy
from journal.straps import StrapTaken
from sensing.radio_words import in_words
from sensing.scanner import NoAdapter, RadioStuck


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


async def _unusable(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


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
    (BadAddress, _unusable),
    (NotAllowed, _absent),
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


def problem(request: Request, status: HTTPStatus, detail: str) -> Response:
    """One error, as a page or as problem+json."""
    body: dict[str, Any] = {"title": status.phrase, "status": int(status), "detail": detail}
    if wants_page(request):
        answer = page(request, request.app.state.service, "problem.html", section="", person=None, **body)
        answer.status_code = status
        return answer
    return JSONResponse(body, status_code=status, media_type="application/problem+json")
