"""Stories about a strap: an event loop of their own, an end in time, and nothing left behind."""

import asyncio
from contextlib import aclosing

from sensing.source import AboutEvent

LONGEST_S = 8


def told(story):
    """Run a story, and see that it ends in time and leaves no task behind."""

    async def run():
        async with asyncio.timeout(LONGEST_S):
            await story()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


async def without_about(strap):
    """What the strap delivers, without what it tells of itself, which may come at any moment."""
    async with aclosing(strap.events()) as events:
        async for event in events:
            if not isinstance(event, AboutEvent):
                yield event
