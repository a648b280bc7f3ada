"""That it is still the owner who sits there: asked before anything changes how an account is got into."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, Field, SecretStr

from alerts.people import Actor
from api.attempts import Tried
from api.routes.auth import address_of, session_of
from api.service import Service

T = TypeVar("T")


class Proof(BaseModel):
    """Where there is a password: that one, or the words that bring one back. A phone lies open for a moment sometimes.

    Where there are passkeys alone: the words, or nothing within five minutes of signing in.
    """

    proof: SecretStr = Field(default=SecretStr(""), max_length=1000)


async def proven(
    request: Request,
    service: Service,
    actor: Actor,
    work: Callable[..., T],
    *args: object,
    told: Proof,
    **kwargs: object,
) -> T:
    """What `work(…, proof=, fresh=)` gives, which looks at the proof. Proofs are tried as seldom as passwords."""
    name = str(actor.person_id)
    service.attempts.take(Tried.PROOF, address=address_of(request), name=name)
    fresh = await asyncio.to_thread(is_fresh, request, service, actor)
    proof = told.proof.get_secret_value()
    done = await service.hashed(work, *args, proof=proof, fresh=fresh, **kwargs)
    service.attempts.got_in(Tried.PROOF, name=name)
    return done


def is_fresh(request: Request, service: Service, actor: Actor) -> bool:
    """Whether the actor has just signed in on this browser."""
    return service.journal.people.is_fresh(actor, session_of(request) or "", now=datetime.now(UTC))
