"""In which order the Prefect server of `wirehouse serve` looks at the events of a run.

Named by the setting `server.events.causal_ordering`. Prefect holds back an event until the one that it
follows has been seen, for 15 minutes. The event of a run that the scheduler created is never emitted, and
what was seen is forgotten when the server ends: the alerts of the first runs after a start came so much
later, or not at all when the server was restarted meanwhile. One server on one machine delivers events within
a moment.
"""

from datetime import UTC, datetime, timedelta

from prefect.server.events.ordering import memory
from prefect.server.events.schemas.events import ReceivedEvent

LEADER_WAIT = timedelta(seconds=5)


class CausalOrdering(memory.CausalOrdering):
    """Prefect's order in memory, but an event that was not seen for some seconds is not waited for."""

    async def wait_for_leader(self, event: ReceivedEvent) -> None:
        """Wait a moment for the event that this one follows. Raises EventArrivedEarly."""
        if datetime.now(UTC) - event.received < LEADER_WAIT:
            await super().wait_for_leader(event)

    async def get_lost_followers(self) -> list[ReceivedEvent]:
        """Return the events that have waited long enough, in the order in which they occurred."""
        before = datetime.now(UTC) - LEADER_WAIT
        async with self._lock:
            lost = [event for event in self._events.values() if event.received <= before]
        for event in lost:
            await self.forget_follower(event)
        return sorted(lost, key=lambda event: event.occurred)
