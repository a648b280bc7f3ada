"""A strap's accelerometer on the air, as far as it has one: beside the heartbeats, and never in their way."""

import asyncio
from contextlib import suppress

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError

from sensing.clock import Clock
from sensing.motion import MotionMeter, MotionSecond
from sensing.polar import (
    ASK_SETTINGS,
    PMD_CONTROL_POINT,
    PMD_DATA,
    STOP,
    Answer,
    MalformedPacket,
    Outcome,
    offers_acceleration,
    parse_control,
)
from sensing.polar_frames import parse_frame
from sensing.polar_settings import NothingFits, choose, parse_factor, parse_settings, start_command

FRESH_S = 4.0
"""Motion older than this is not told with a heartbeat: straps send frames up to 1.4 s long (own choice)."""

ANSWER_S = 5.0
"""How long an answer may take; starting the stream may take four of them (own choice)."""


class NoAcceleration(Exception):
    """The strap gives no acceleration; the message says why, on one line."""


class Accelerometer:
    """Starts the stream on each new link, and knows the newest motion.

    It outlives links, so that the time between two of them is a gap on one axis.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._meter: MotionMeter | None = None
        self._rate_hz = 0
        self._factor: float | None = None
        self._newest: MotionSecond | None = None
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._streaming = False

    def motion_mg(self) -> int | None:
        """The mean amplitude deviation of the last whole second, in mg; None where nothing fresh is known."""
        newest = self._newest
        if newest is None or self._clock.monotonic_s() - (newest.t_s + 1) > FRESH_S:
            return None
        return newest.motion_mg

    async def start(self, client: BleakClient) -> None:
        """Subscribe and start the stream.

        Raises:
            NoAcceleration: the strap has none, or does not give it. Its heartbeats are not touched by that.
        """
        if client.services.get_characteristic(PMD_CONTROL_POINT) is None:
            raise NoAcceleration("this strap tells no motion")
        try:
            async with asyncio.timeout(4 * ANSWER_S):
                await self._start(client)
        except (MalformedPacket, NothingFits, BleakError, OSError, EOFError) as error:
            raise NoAcceleration(f"no motion: {error}".splitlines()[0]) from None
        except TimeoutError:
            raise NoAcceleration("no motion: the strap does not answer") from None

    async def stop(self, client: BleakClient) -> None:
        """Stop the stream. A Polar H10 that was not told stays awake until its battery is empty."""
        if self._streaming:
            self._streaming = False
            with suppress(Exception):
                await client.write_gatt_char(PMD_CONTROL_POINT, STOP, response=True)

    async def _start(self, client: BleakClient) -> None:
        if not offers_acceleration(bytes(await client.read_gatt_char(PMD_CONTROL_POINT))):
            raise NoAcceleration("this strap tells no motion")
        self._answers = asyncio.Queue()
        await client.start_notify(PMD_CONTROL_POINT, self._on_answer)
        await client.start_notify(PMD_DATA, self._on_frame)
        settings = choose(parse_settings(await self._asked(client, ASK_SETTINGS)))
        command = start_command(settings)
        try:
            parameters = await self._asked(client, command)
        except _AlreadyStreaming:
            # another app may have started it; and only the answer to a start names the factor
            await client.write_gatt_char(PMD_CONTROL_POINT, STOP, response=True)
            await self._answer(STOP)
            parameters = await self._asked(client, command)
        self._factor = parse_factor(parameters)
        if self._meter is None or self._rate_hz != settings.sample_rate_hz:
            self._meter, self._rate_hz = MotionMeter(settings.sample_rate_hz), settings.sample_rate_hz
        self._streaming = True

    async def _asked(self, client: BleakClient, command: bytes) -> bytes:
        """Send a command and return the parameters of the whole answer."""
        await client.write_gatt_char(PMD_CONTROL_POINT, command, response=True)
        parameters = b""
        while True:
            answer = await self._answer(command)
            if answer.outcome is Outcome.ALREADY_IN_STATE:
                raise _AlreadyStreaming
            if answer.outcome is not Outcome.DONE:
                raise NoAcceleration(f"no motion: {answer.outcome}")
            parameters += answer.parameters
            if not answer.more_follows:
                return parameters

    async def _answer(self, command: bytes) -> Answer:
        """The next answer to this command. One that came twice, or too late, is to an earlier one."""
        async with asyncio.timeout(ANSWER_S):
            while True:
                answer = await self._answers.get()
                if (answer.command, answer.measurement) == (command[0], command[1]):
                    return answer

    def _on_answer(self, _: BleakGATTCharacteristic, packet: bytearray) -> None:
        with suppress(MalformedPacket):
            answer = parse_control(bytes(packet))
            if isinstance(answer, Answer):
                self._answers.put_nowait(answer)

    def _on_frame(self, _: BleakGATTCharacteristic, packet: bytearray) -> None:
        if self._meter is None:
            return
        with suppress(MalformedPacket):
            seconds = self._meter.update(self._clock.monotonic_s(), parse_frame(bytes(packet), self._factor))
            if seconds:
                self._newest = seconds[-1]


class _AlreadyStreaming(Exception):
    """The strap streams already."""
