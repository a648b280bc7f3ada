"""The state that two people share, as one process holds it: read, step, compare-and-set.

A person's step is stored before it is answered. What the rules themselves decide (a suggestion, an expiry, Ready) is in
force at once and stored right after: an alarm must not wait for a disk. When somebody else stored first, theirs holds,
and the rules judge again with the next second. In one process both wearers' talks hold the same `SharedState`, so that
what one decides the other sees at once; whoever acts is named with each call.
"""

import asyncio
from collections.abc import Callable

from alerts.people import Actor
from alerts.ports import TalkConflict, TalkStore
from alerts.seen import counted
from alerts.talk_state import TalkState


class SharedState:
    """One talk's shared state.

    Attributes:
        adopted: each is called with `(before, after)` whenever another state comes into force.
    """

    def __init__(self, store: TalkStore, talk_id: str, state: TalkState) -> None:
        self.state = state
        self.version = 0
        self.adopted: list[Callable[[TalkState, TalkState], None]] = []
        self._store = store
        self._talk_id = talk_id
        self._unsaved = False
        self._storing = asyncio.Lock()

    @property
    def is_stored(self) -> bool:
        """Whether the state in force is the stored one, as far as this process knows."""
        return not self._unsaved

    async def load(self, actor: Actor) -> None:
        """Begin with the stored state; nobody is told. What is known already stays."""
        async with self._storing:
            if not self.version:
                self.state, self.version = await asyncio.to_thread(self._store.load, actor, self._talk_id)

    def decide(self, step: Callable[[TalkState], TalkState]) -> None:
        """Put what the rules decide into force. `settle` stores it."""
        after = counted(step)(self.state)
        if after is not self.state:
            self._adopt(after, unsaved=True)

    async def change(self, actor: Actor, step: Callable[[TalkState], TalkState]) -> Exception | None:
        """Apply a step of `actor` to the stored state; repeat it when somebody else stored first.

        What `step` raises reaches the caller, and nothing has changed. A store that fails does not stop the step:
        it comes into force, `settle` stores it later, and the reason is returned.
        """
        async with self._storing:
            while True:
                before = self.state
                after = counted(step)(before)
                if after is before:
                    return None
                try:
                    self.version = await self._save(actor, after)
                except TalkConflict:
                    await self._look(actor)
                    continue
                except Exception as error:  # noqa: BLE001  pausing and leaving work whatever the disk does
                    self._adopt(after, unsaved=True)
                    return error
                if self.state is not before:
                    # While it was stored the rules decided something: that holds too, and is stored next.
                    after, unsaved = self._on_top(step, after)
                    self._adopt(after, unsaved=unsaved)
                    return None
                self._adopt(after, unsaved=False)
                return None

    def _on_top(self, step: Callable[[TalkState], TalkState], stored: TalkState) -> tuple[TalkState, bool]:
        """The step on top of what the rules decided; where that allows it no more, what was stored holds."""
        try:
            return counted(step)(self.state), True
        except ValueError:
            return stored, False

    async def settle(self, actor: Actor, *, look: bool = True) -> Exception | None:
        """Store what is in force but not stored, or else, with `look`, see what others did. Returns why it failed."""
        async with self._storing:
            try:
                if self._unsaved:
                    await self._store_what_is_in_force(actor)
                elif look:
                    await self._look(actor)
            except Exception as error:  # noqa: BLE001  it is settled another time
                return error
        return None

    async def _store_what_is_in_force(self, actor: Actor) -> None:
        saved = self.state
        try:
            self.version = await self._save(actor, saved)
        except TalkConflict:
            await self._look(actor)
        else:
            # The rules may have decided more in the meantime: that is stored the next time.
            self._unsaved = self.state is not saved

    async def _look(self, actor: Actor) -> None:
        """Take over what somebody else stored; it holds, also over what the rules have decided here since."""
        state, version = await asyncio.to_thread(self._store.load, actor, self._talk_id)
        if version != self.version:
            self.version = version
            self._adopt(state, unsaved=False)

    async def _save(self, actor: Actor, state: TalkState) -> int:
        return await asyncio.to_thread(self._store.save, actor, self._talk_id, state, expected_version=self.version)

    def _adopt(self, after: TalkState, *, unsaved: bool) -> None:
        before, self.state, self._unsaved = self.state, after, unsaved
        for tell in self.adopted:
            tell(before, after)
