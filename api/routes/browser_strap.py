"""A strap that the wearer's page reads: its packets come here by WebSocket, and are acknowledged when they are on the disk."""

from fastapi import APIRouter
from starlette.websockets import WebSocket

from alerts.talk_step import IllegalTalkStep
from api.routes.auth import ActorHere, ServiceHere
from api.strap_afterwards import after_talk

router = APIRouter(prefix="/api/talks", tags=["talk"])


@router.websocket("/{talk_id}/strap")
async def strap(websocket: WebSocket, service: ServiceHere, actor: ActorHere, talk_id: str) -> None:
    """The packets of the signed-in wearer's own strap in their talk. docs/browser_strap.md tells the messages."""
    try:
        live = await service.live.carried_here(actor, talk_id)
        is_over = live.closed.is_set()
    except IllegalTalkStep:
        is_over = True
    if is_over:
        over = await after_talk(service.journal, actor, talk_id)
        await websocket.accept()
        await service.strap_sockets.carry(websocket, over)
        service.up_to_date.look()
        return
    await websocket.accept()
    await service.strap_sockets.carry(websocket, live)
