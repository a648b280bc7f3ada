"""The signed-in person's straps: which are remembered, which are near, choose one, forget one."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.routes.auth import ActorHere, ServiceHere
from sensing.families import family
from sensing.scanner import scan
from sensing.source import About

router = APIRouter(prefix="/api/straps", tags=["straps"])


class StrapLine(BaseModel):
    """A remembered strap; `about` is its maker, model, firmware and battery on one line."""

    id: str
    name: str
    battery_percent: int | None
    about: str


class NearbyLine(BaseModel):
    """A heart-rate strap on the air. `family` and what to `expect` are None when it is not recognised."""

    id: str
    name: str | None
    signal_dbm: int
    family: str | None
    expect: str | None
    battery_percent: int | None
    mine: bool


class Choice(BaseModel):
    """The strap to be remembered."""

    id: str = Field(pattern=r"^[0-9A-Za-z:-]{1,64}$")  # an address, or what macOS says instead
    name: str | None = Field(default=None, max_length=248)


@router.get("")
def mine(service: ServiceHere, actor: ActorHere) -> list[StrapLine]:
    """The remembered ones, the one worn last first."""
    return [
        StrapLine(id=one.device_id, name=one.name, battery_percent=one.battery_percent, about=one.made)
        for one in service.journal.straps.mine(actor)
    ]


@router.get("/nearby")
async def nearby(
    service: ServiceHere, actor: ActorHere, seconds: Annotated[float, Query(ge=1, le=30)] = 6.0
) -> list[NearbyLine]:
    """The heart-rate straps that are heard within `seconds`, the nearest first."""
    remembered = {line.id: line for line in await asyncio.to_thread(mine, service, actor)}
    lines = []
    for one in await scan(seconds):
        if one.heart_rate:
            known, its, battery = remembered.get(one.address), family(one.name), one.battery_percent
            lines.append(
                NearbyLine(
                    id=one.address,
                    name=one.name,
                    signal_dbm=one.rssi_dbm,
                    family=its.name if its else None,
                    expect=its.expect if its else None,
                    battery_percent=known.battery_percent if battery is None and known else battery,
                    mine=known is not None,
                )
            )
    return lines


@router.put("", status_code=204)
def choose(service: ServiceHere, actor: ActorHere, choice: Choice) -> None:
    """From now on it is this person's, and talks begin with it. Raises `StrapTaken` when it is another person's."""
    service.journal.straps.remember(actor, About(choice.name, choice.id), now=service.clock.utc_now())


@router.delete("/{device_id}", status_code=204)
def forget(service: ServiceHere, actor: ActorHere, device_id: str) -> None:
    """Forget it."""
    service.journal.straps.forget(actor, device_id)
