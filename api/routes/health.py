"""Whether the service lives, and whether it can do its work."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.routes.auth import ServiceHere

router = APIRouter(prefix="/health", tags=["health"])
WRITER_MAY_LAG_S = 5.0


class Health(BaseModel):
    """`ok`, or what is wrong."""

    status: str


@router.get("/live")
def live() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/ready", responses={503: {"model": Health, "description": "Not at the moment, and why."}})
async def ready(service: ServiceHere, response: Response) -> Health:
    """The journal takes what the straps deliver, and its database answers; 503 when it does not."""
    writer = service.journal.writer
    if writer.last_error is not None or writer.lag_s > WRITER_MAY_LAG_S:
        status = "the journal cannot be written at the moment; nothing received is lost, it waits in memory"
    elif not await service.pulse.is_felt():
        status = "the database does not answer at the moment"
    else:
        return Health(status="ok")
    response.status_code = 503
    return Health(status=status)
