"""The live talk: start it, follow it, answer the suggestion, take a pause, end it."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AwareDatetime, BaseModel, Field

from alerts import steps
from alerts.live_talk import LiveTalk
from alerts.notice import NoticeStep
from alerts.pause import PauseTrigger
from alerts.suggestion import Answer, NotFlooding
from alerts.talk_state import Phase, TalkState
from api.routes.auth import ActorHere, ServiceHere
from api.service import Service
from api.views.pause import EXTENSIONS_MIN
from api.views.talk import TalkView, talk_view

router = APIRouter(prefix="/api/talks", tags=["talk"])
Step = Callable[[TalkState, datetime], TalkState]


class Started(BaseModel):
    """A talk has begun."""

    id: str


class ToSuggestion(BaseModel):
    """Which suggestion is answered."""

    suggestion_id: str = Field(min_length=1, max_length=64)


class Dismissal(ToSuggestion):
    """“This isn’t flooding”, with the reason."""

    reason: NotFlooding = NotFlooding.JUST_NOT


class ToNotice(BaseModel):
    """Which technical notice is meant."""

    notice_id: str = Field(min_length=1, max_length=64)


class Extension(BaseModel):
    """How much more time: “I’ll be back, but need N more”."""

    minutes: int = Field(ge=EXTENSIONS_MIN[0], le=60)
    back_at: AwareDatetime | None = None
    """What the button promised. Where the other has asked for as much a moment ago, it holds already."""


def view_of(service: Service, live: LiveTalk, *, points_after_s: int | None = None) -> TalkView:
    """The wearer's view now; without points when `points_after_s` is None."""
    after = live.trace.points[-1].t_s if points_after_s is None and live.trace.points else points_after_s
    return talk_view(
        live,
        speed=service.clock.speed,
        policy=live.settings,
        detector=service.detector,
        points_after_s=-1 if after is None else after,
    )


async def live_here(service: ServiceHere, actor: ActorHere, talk_id: str) -> LiveTalk:
    """The signed-in person's live talk of that id."""
    return await service.live.find(actor, talk_id)


LiveHere = Annotated[LiveTalk, Depends(live_here)]


async def change(service: Service, live: LiveTalk, step: Step) -> TalkView:
    """Apply a person's step and return the new view."""
    await live.change(step)
    return view_of(service, live)


@router.post("", status_code=201)
async def start(service: ServiceHere, actor: ActorHere) -> Started:
    """Begin a talk: the quiet minutes come first."""
    live = await service.start_talk(actor)
    return Started(id=live.talk.id)


@router.get("/{talk_id}")
async def look(service: ServiceHere, live: LiveHere) -> TalkView:
    """The wearer's own view of the talk, with everything the chart needs."""
    return view_of(service, live, points_after_s=-1)


@router.get("/{talk_id}/live", response_class=EventSourceResponse)
async def follow(service: ServiceHere, live: LiveHere) -> AsyncIterator[ServerSentEvent]:
    """The view, again whenever it changes. Each event carries the chart's points since the one before it."""
    sent_s = -1
    async for _ in service.live.news(live):
        view = view_of(service, live, points_after_s=sent_s)
        yield ServerSentEvent(event="view", data=view)
        sent_s = view.points[-1][0] if view.points else sent_s
        if live.state.phase is Phase.ENDED:
            break
    yield ServerSentEvent(event="bye", data={})


@router.post("/{talk_id}/topic")
async def begin_topic(service: ServiceHere, live: LiveHere) -> TalkView:
    """Begin now, without the rest of the quiet minutes."""
    return await change(service, live, steps.begin_topic)


@router.post("/{talk_id}/suggestion/accept")
async def accept(service: ServiceHere, live: LiveHere, told: ToSuggestion) -> TalkView:
    """Take the pause."""
    return await _answer(service, live, told.suggestion_id, Answer.ACCEPT)


@router.post("/{talk_id}/suggestion/snooze")
async def snooze(service: ServiceHere, live: LiveHere, told: ToSuggestion) -> TalkView:
    """In five minutes."""
    return await _answer(service, live, told.suggestion_id, Answer.SNOOZE)


@router.post("/{talk_id}/suggestion/dismiss")
async def dismiss(service: ServiceHere, live: LiveHere, told: Dismissal) -> TalkView:
    """This isn't flooding: not announced again in this talk."""
    return await _answer(service, live, told.suggestion_id, Answer.DISMISS, told.reason)


async def _answer(
    service: Service, live: LiveTalk, suggestion_id: str, given: Answer, reason: NotFlooding | None = None
) -> TalkView:
    fresh_id = uuid.uuid4().hex

    def step(state: TalkState, now: datetime) -> TalkState:
        return steps.answer_suggestion(
            state, live.talk.wearer_id, suggestion_id, given, now, live.settings, fresh_id=fresh_id, reason=reason
        )

    return await change(service, live, step)


@router.post("/{talk_id}/suggestion/acknowledge")
async def acknowledge(service: ServiceHere, live: LiveHere, told: ToSuggestion) -> TalkView:
    """It was seen: it is quiet from now on, and still waits."""
    return await _answer(service, live, told.suggestion_id, Answer.ACKNOWLEDGE)


@router.post("/{talk_id}/suggestion/unsnooze")
async def unsnooze(service: ServiceHere, live: LiveHere) -> TalkView:
    """Hear it again now, if the flood lasts."""
    return await change(service, live, lambda state, now: steps.cancel_snooze(state, live.talk.wearer_id, now))


@router.post("/{talk_id}/unsilence")
async def unsilence(service: ServiceHere, live: LiveHere) -> TalkView:
    """Take back “This isn't flooding”: the next flood is announced again."""
    return await change(service, live, lambda state, _: steps.unsilence(state, live.talk.wearer_id))


@router.post("/{talk_id}/mute")
async def mute(service: ServiceHere, live: LiveHere) -> TalkView:
    """Keep it quiet for a while: shown, but heard nowhere."""
    return await change(service, live, lambda state, now: steps.mute(state, live.talk.wearer_id, now, live.settings))


@router.post("/{talk_id}/unmute")
async def unmute(service: ServiceHere, live: LiveHere) -> TalkView:
    """Let it be heard again."""
    return await change(service, live, lambda state, now: steps.unmute(state, live.talk.wearer_id, now))


@router.post("/{talk_id}/notice/{taken}")
async def notice(service: ServiceHere, live: LiveHere, taken: NoticeStep, told: ToNotice) -> TalkView:
    """The strap's notice was seen, is put off, or is wanted again. It ends by itself when the signal is back."""
    wearer_id = live.talk.wearer_id
    return await change(
        service,
        live,
        lambda state, now: steps.answer_notice(state, wearer_id, told.notice_id, taken, now, live.settings),
    )


@router.post("/{talk_id}/pause")
async def call_pause(service: ServiceHere, live: LiveHere) -> TalkView:
    """Call a pause. No reason is asked."""
    wearer_id, fresh_id = live.talk.wearer_id, uuid.uuid4().hex
    return await change(
        service, live, lambda state, now: steps.call_pause(state, wearer_id, now, live.settings, fresh_id)
    )


@router.post("/{talk_id}/pause/extend")
async def extend(service: ServiceHere, live: LiveHere, told: Extension) -> TalkView:
    """I'll be back, but need more time."""
    more, who = timedelta(minutes=told.minutes), live.talk.wearer_id
    return await change(
        service,
        live,
        lambda state, now: steps.need_more_time(state, who, now, more, promised=told.back_at),
    )


@router.post("/{talk_id}/pause/return")
async def come_back(service: ServiceHere, live: LiveHere) -> TalkView:
    """I'm ready: the talk goes on, with two as soon as both are back."""
    who = live.talk.wearer_id
    return await change(
        service, live, lambda state, now: steps.change_pause(state, PauseTrigger.RETURN, now, person_id=who)
    )


@router.post("/{talk_id}/shared/raise")
async def raise_silently(service: ServiceHere, live: LiveHere) -> TalkView:
    """Let “One of us could use a pause.” be said to both, by nobody."""
    who = live.talk.wearer_id
    return await change(service, live, lambda state, now: steps.raise_silently(state, who, now, live.settings))


@router.post("/{talk_id}/shared/acknowledge")
async def acknowledge_shared(service: ServiceHere, live: LiveHere) -> TalkView:
    """It was seen: it is quiet for this person from now on, and still waits. The other's page does not change."""
    return await change(service, live, lambda state, _: steps.acknowledge_shared(state, live.talk.wearer_id))


@router.post("/{talk_id}/shared/put-away")
async def put_away(service: ServiceHere, live: LiveHere) -> TalkView:
    """Not for me right now. The other's page does not change."""
    return await change(service, live, lambda state, _: steps.put_away(state, live.talk.wearer_id))


@router.post("/{talk_id}/end")
async def end(service: ServiceHere, live: LiveHere) -> TalkView:
    """Leave: the talk ends, at once and without a reason."""
    view = await change(service, live, steps.end_talk)
    await live.closed.wait()
    return view
