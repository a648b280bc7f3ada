"""The state that two people share, as one process holds it: read, step, compare-and-set.

A person's step is stored before it is answered. What the rules themselves decide (a suggestion, an expiry, Ready) is in
force at once and stored right after: an alarm must not wait for a disk. When somebody else stored first, theirs holds,
and the rules judge again with the next second.
"""

import asyncio
from collections.abc import Callable

from alerts.people import Actor
from alerts.ports import TalkConflict, TalkStore
from alerts.talk_state import TalkState


class SharedState:
    """One talk's shared state. `adopted(before, after)` is called whenever another state comes into force."""

    def __init__(
        self,
        store: TalkStore,
        actor: Actor,
        talk_id: str,
        state: TalkState,
        adopted: Callable[[TalkState, TalkState], None],
    ) -> None:
        self.state = state
        self.version = 0
        self._store = store
        self._actor = actor
        self._talk_id = talk_id
        self._adopted = adopted
        self._unsaved = False
        self._storing = asyncio.Lock()

    @property
    def is_stored(self) -> bool:
        """Whether the state in force is the stored one, as far as this process knows."""
        return not self._unsaved

    async def load(self) -> None:
        """Begin with the stored state; nobody is told."""
        self.state, self.version = await asyncio.to_thread(self._store.load, self._actor, self._talk_id)

    def decide(self, step: Callable[[TalkState], TalkState]) -> None:
        """Put what the rules decide into force. `settle` stores it."""
        after = step(self.state)
        if after is not self.state:
            self._adopt(after, unsaved=True)

    async def change(self, step: Callable[[TalkState], TalkState]) -> Exception | None:
        """Apply a person's step to the stored state; repeat it when somebody else stored first.

        What `step` raises reaches the caller, and nothing has changed. A store that fails does not stop the step:
        it comes into force, `settle` stores it later, and the reason is returned.
        """
        async with self._storing:
            while True:
                after = step(self.state)
                if after is self.state:
                    return None
                try:
                    self.version = await self._save(after)
                except TalkConflict:
                    await self._look()
                    continue
                except Exception as error:  # noqa: BLE001  pausing and leaving work whatever the disk does
                    self._adopt(after, unsaved=True)
                    return error
                self._adopt(after, unsaved=False)
                return None

    async def settle(self) -> Exception | None:
        """Store what is in force but not stored, or else see what others did. Returns why it failed."""
        async with self._storing:
            try:
                if self._unsaved:
                    await self._store_what_is_in_force()
                else:
                    await self._look()
            except Exception as error:  # noqa: BLE001  it is settled another time
                return error
        return None

    async def _store_what_is_in_force(self) -> None:
        saved = self.state
        try:
            self.version = await self._save(saved)
        except TalkConflict:
            await self._look()
        else:
            # The rules may have decided more in the meantime: that is stored the next time.
            self._unsaved = self.state is not saved

    async def _look(self) -> None:
        """Take over what somebody else stored; it holds, also over what the rules have decided here since."""
        state, version = await asyncio.to_thread(self._store.load, self._actor, self._talk_id)
        if version != self.version:
            self.version = version
            self._adopt(state, unsaved=False)

    async def _save(self, state: TalkState) -> int:
        return await asyncio.to_thread(
            self._store.save, self._actor, self._talk_id, state, expected_version=self.version
        )

    def _adopt(self, after: TalkState, *, unsaved: bool) -> None:
        before, self.state, self._unsaved = self.state, after, unsaved
        self._adopted(before, after)
