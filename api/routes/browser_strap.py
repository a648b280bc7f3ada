"""A strap that the wearer's page reads: its packets come here by WebSocket, and are acknowledged when they are on the disk."""

from fastapi import APIRouter
from starlette.websockets import WebSocket

from alerts.talk_step import IllegalTalkStep
from api.routes.auth import ActorHere, ServiceHere, person_or_none
from api.strap_afterwards import after_talk

router = APIRouter(prefix="/api/talks", tags=["talk"])


@router.websocket("/{talk_id}/strap")
async def strap(websocket: WebSocket, service: ServiceHere, actor: ActorHere, talk_id: str) -> None:
    """The packets of the signed-in wearer's own strap in their talk. docs/browser_strap.md tells the messages."""

    def may_still() -> bool:
        person = person_or_none(websocket, service)
        return person is not None and person.id == actor.person_id

    try:
        live = await service.live.carried_here(actor, talk_id)
        is_over = live.closed.is_set()
    except IllegalTalkStep:
        is_over = True
    if is_over:
        over = await after_talk(service.journal, actor, talk_id)
        await websocket.accept()
        await service.strap_sockets.carry(websocket, over, may_still=may_still)
        service.up_to_date.look()
        return
    await websocket.accept()
    await service.strap_sockets.carry(websocket, live, may_still=may_still)
