"""A strap that the wearer's page reads: its packets come here by WebSocket, and are acknowledged when they are on the disk."""

from fastapi import APIRouter
from starlette.websockets import WebSocket

from alerts.talk_step import IllegalTalkStep
from api.routes.auth import ActorHere, ServiceHere
from api.strap_frames import REASONS, Close

router = APIRouter(prefix="/api/talks", tags=["talk"])


@router.websocket("/{talk_id}/strap")
async def strap(websocket: WebSocket, service: ServiceHere, actor: ActorHere, talk_id: str) -> None:
    """The packets of the signed-in wearer's own strap in their open talk. docs/browser_strap.md tells the messages."""
    try:
        live = await service.live.find(actor, talk_id)
    except IllegalTalkStep:
        await websocket.accept()
        await websocket.close(Close.TALK_ENDED, REASONS[Close.TALK_ENDED])
        return
    await websocket.accept()
    await service.strap_sockets.carry(websocket, live)
