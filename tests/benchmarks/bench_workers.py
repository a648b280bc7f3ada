"""From a packet at one worker to the event on a page's stream at another: two real processes, one PostgreSQL, one machine.

The packet comes by the page's WebSocket to the worker that carries the recording; the page that is timed follows the other
worker's stream. Packets come in the middle of a second, as a stream is told at most five times a second and each full
second tells something by itself. Beside it stands the same with both pages at one worker: the difference is the way between.
"""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.cookiejar import CookieJar

from websockets.sync.client import connect

from tests.fakes import packet
from tests.postgres import server

PACKETS = int(sys.argv[1]) if len(sys.argv) > 1 else 60


def begin(folder, address):
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "run", "--port", "0", "--data", f"{folder}/data", "--database", address],
        stdout=subprocess.PIPE,
        text=True,
    )
    url = next(line.strip() for line in process.stdout if "http://" in line)
    threading.Thread(target=process.stdout.read, daemon=True).start()
    while True:
        try:
            urllib.request.urlopen(f"{url}/health/ready", timeout=5).read()
        except OSError:
            time.sleep(0.1)
        else:
            return process, url


class Person:
    def __init__(self, url):
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.post(url, "/welcome")

    def post(self, url, path, body=b"{}"):
        headers = {"content-type": "application/json", "origin": url}
        request = urllib.request.Request(url + path, data=body, headers=headers, method="POST")
        return self.opener.open(request, timeout=30).read()

    @property
    def cookie(self):
        return "; ".join(f"{one.name}={one.value}" for one in self.jar)


def times_ms(person, talk_id, strap_at, page_at, first):
    """What passed between sending each packet and the event that shows its heart rate."""
    shown, stop = {}, threading.Event()
    stream = person.opener.open(f"{page_at}/api/talks/{talk_id}/live", timeout=60)

    def follow():
        for line in stream:
            if stop.is_set():
                return
            if line.startswith(b"data:") and b'"heart"' in line:
                bpm = json.loads(line[5:])["heart"].get("bpm")
                shown.setdefault(bpm, time.monotonic())

    threading.Thread(target=follow, daemon=True).start()
    found = []
    opening = connect(
        f"{strap_at.replace('http', 'ws')}/api/talks/{talk_id}/strap",
        origin=strap_at,
        additional_headers={"cookie": person.cookie},
        ping_interval=None,
    )
    with opening as socket:
        say = lambda **told: socket.send(json.dumps({"clock": 7, "now": time.monotonic() * 1000} | told))  # noqa: E731  two words
        threading.Thread(target=lambda: list(socket), daemon=True).start()  # acknowledgements are read, and not timed
        say(strap="A strap", waiting=[])
        began_ms = time.monotonic()
        for count in range(PACKETS):
            bpm = 60 + count % 30
            shown.pop(bpm, None)
            wake_at = began_ms + count + 1
            time.sleep(max(0.0, wake_at - time.monotonic()))
            sent = time.monotonic()
            say(stream=7, packets=[[first + count, sent * 1000, packet(bpm, 1, itertools.repeat(0)).hex()]])
            while bpm not in shown and time.monotonic() < sent + 5:
                time.sleep(0.0005)
            found.append(1000 * (shown.get(bpm, float("inf")) - sent))
    stop.set()
    return found


def main():
    address = server().migrated()
    with tempfile.TemporaryDirectory() as folder:
        (first, a), (second, b) = begin(folder, address), begin(folder, address)
        try:
            person = Person(a)
            person.post(a, "/api/talks")
            talk_id = talk_of(address)
            for name, page_at, start in (("one worker", a, 1), ("across workers", b, 1001)):
                found = sorted(times_ms(person, talk_id, a, page_at, start))
                p99 = found[min(len(found) - 1, int(0.99 * len(found)))]
                print(
                    f"{name}: {len(found)} packets, p50 {statistics.median(found):.1f} ms, p99 {p99:.1f} ms, "
                    f"most {found[-1]:.1f} ms"
                )
        finally:
            for process in (first, second):
                process.terminate()
                process.wait(15)
            server().close()


def talk_of(address):
    import psycopg

    with psycopg.connect(address) as connection:
        return connection.execute("SELECT id FROM talk").fetchone()[0]


if __name__ == "__main__":
    main()
