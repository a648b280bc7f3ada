"""Runs inside the machine: real kernel, real bluetoothd, a virtual controller and strap, and three times strap.py.

Lines that begin with "| " are for whoever waits outside.
"""

import asyncio
import shutil
import subprocess
import sys
import time
import traceback
from contextlib import aclosing
from pathlib import Path

from bumble.transport.vhci import open_vhci_transport

from sensing.clock import SystemClock
from sensing.measurement import HeartRateMeasurement, pack
from sensing.source import Link, LinkEvent, Notification
from sensing.strap import Strap
from tests.ble.air import Air, VirtualController, VirtualStrap

CYCLES = 3
LOGS = Path("/tmp/vm")  # noqa: S108  in the memory of a machine that nobody else is on
PACKETS = 20
BLUETOOTHD_IN = "/usr/libexec/bluetooth:/usr/lib/bluetooth"


def bluetoothd():
    return shutil.which("bluetoothd", path=BLUETOOTHD_IN)


def say(*words):
    print("|", *words, flush=True)


def start(*command):
    with (LOGS / Path(command[0]).name).open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


class Heard:
    """What came from the strap."""

    def __init__(self, strap):
        self.strap, self.sent, self.packets, self.links = strap, [], [], []
        self._news = asyncio.Event()

    async def listen(self):
        async with aclosing(Strap(self.strap.name, clock=SystemClock()).events()) as events:
            async for event in events:
                if isinstance(event, Notification):
                    self.packets.append(event.packet)
                else:
                    say(f"{event.t_s:.1f}", event.link if isinstance(event, LinkEvent) else "about", event)
                    if isinstance(event, LinkEvent):
                        self.links.append(event.link)
                self._news.set()

    async def until(self, done, what, within_s=60.0):
        try:
            async with asyncio.timeout(within_s):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not come within {within_s:g} s") from None

    async def beats(self):
        """Send numbered packets; each is received exactly once."""
        async with asyncio.timeout(60):
            await self.strap.subscribed()
        for _ in range(PACKETS):
            packet = pack(HeartRateMeasurement(70, rr_ticks=(500 + len(self.sent),)))
            self.sent.append(packet)
            await self.strap.notify(packet)
            await asyncio.sleep(0.05)
        await self.until(lambda: len(self.packets) >= len(self.sent), "packets")
        await asyncio.sleep(0.3)  # for one that would come twice
        assert self.packets == self.sent, f"sent {len(self.sent)}, received {len(self.packets)}"


async def adapter_is_up():
    """Wait until BlueZ has the virtual controller, and turn it on."""
    for _ in range(60):
        told = await asyncio.to_thread(
            subprocess.run, ["bluetoothctl", "power", "on"], capture_output=True, text=True, timeout=30, check=False
        )
        if "succeeded" in told.stdout:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"BlueZ has no adapter: {told.stdout} {told.stderr}")


async def story(daemon):
    air = Air()
    transport = await open_vhci_transport(None)
    VirtualController("linux", transport.source, transport.sink, air, public_address="C0:FF:EE:00:00:01")
    strap = VirtualStrap(air, "Virtual strap", "F0:00:00:00:00:01")
    await strap.put_on()
    await adapter_is_up()
    say("the adapter is up")
    heard = Heard(strap)
    listening = asyncio.create_task(heard.listen())
    for cycle in range(CYCLES):
        await heard.beats()
        strap.walk_away()
        await heard.until(lambda lost=cycle + 1: heard.links.count(Link.LOST) == lost, "the loss")
        back_at_s = time.monotonic()
        strap.come_back()
        await heard.until(lambda linked=cycle + 2: heard.links.count(Link.CONNECTED) == linked, "the strap")
        async with asyncio.timeout(60):
            await strap.subscribed()
        say(
            f"cycle {cycle + 1}: {len(heard.packets)} of {len(heard.sent)}; back after {time.monotonic() - back_at_s:.1f} s"
        )
    await heard.beats()
    say("bluetoothd is killed")
    daemon.kill()
    daemon.wait()
    await heard.until(lambda: heard.links.count(Link.LOST) == CYCLES + 1, "the loss")
    again = start(bluetoothd(), "-n")
    await adapter_is_up()
    back_at_s = time.monotonic()
    await heard.until(lambda: heard.links.count(Link.CONNECTED) == CYCLES + 2, "the strap")
    await heard.beats()
    say(f"bluetoothd is back: {len(heard.packets)} of {len(heard.sent)}; {time.monotonic() - back_at_s:.1f} s")
    again.kill()
    listening.cancel()
    await asyncio.wait({listening})
    say(f"{len(heard.sent)} sent, {len(heard.packets)} received, each once")


def main():
    Path("/run/dbus").mkdir(parents=True, exist_ok=True)
    processes = [start("/usr/bin/dbus-daemon", "--system", "--nofork", "--nopidfile")]
    for _ in range(100):
        if Path("/run/dbus/system_bus_socket").exists():
            break
        time.sleep(0.1)
    processes.append(start(bluetoothd(), "-n"))
    say("kernel", Path("/proc/sys/kernel/osrelease").read_text().strip())
    say(
        "bluetoothd",
        subprocess.run([bluetoothd(), "--version"], capture_output=True, text=True, check=True).stdout.strip(),
    )
    try:
        asyncio.run(story(processes[-1]))
    except BaseException:  # noqa: BLE001  told outside, and the machine ends
        traceback.print_exc()
        for log in LOGS.iterdir():
            print(log, log.read_text(errors="replace")[-3000:], flush=True)
        sys.exit(1)
    finally:
        for process in processes:
            process.kill()
    say("passed")


if __name__ == "__main__":
    main()
