"""Two simulated hours of wear; the benchmarks have the whole day."""

import asyncio

from tests.wear import wear


def test_the_beat_timeline_keeps_to_the_straps_own_clock_outside_gaps():
    async def story():
        async with asyncio.timeout(60):
            found = await wear(2.0, every_h=0.5)
        assert found.gaps >= 3
        assert found.beats > 2 * 3600 * 0.8
        assert found.drift_ms < 1.0

    asyncio.run(story())
