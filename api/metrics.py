"""What an operator's Prometheus gathers: how the service is, and nothing of whose heart it hears.

Names and labels hold no person, talk or address: of a route its template is told, never the path that was asked for. Served on
a port of its own that this machine alone reaches, so that no proxy can show it to the world by mistake.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import start_http_server
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.server import PortInUse

if TYPE_CHECKING:
    from api.service import Service

LOOPBACK = "127.0.0.1"
NO_ROUTE = "none"


class Metrics:
    """The figures of one process.

    Attributes:
        registry: what is told when somebody asks.
    """

    def __init__(self, service: "Service") -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "flooding_http_responses",
            "Answers, by the route's template.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "flooding_http_seconds_to_first_byte",
            "How long a request waited for the first byte of its answer.",
            ["method", "route"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self.registry,
        )
        self.registry.register(_Now(service))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def watch(self, app: FastAPI) -> None:
        """Count what `app` answers from now on. Before it starts."""
        app.add_middleware(_Counted, metrics=self)

    @contextmanager
    def told(self, port: int) -> Iterator[int]:
        """Tell them to whoever on this machine asks at `port`, which is given back; 0 takes any that is free.

        Raises:
            PortInUse: somebody else has it.
        """
        try:
            server, thread = start_http_server(port, addr=LOOPBACK, registry=self.registry)
        except OSError as error:
            raise PortInUse(
                f"port {port} on {LOOPBACK} is in use; choose another with FLOODING_METRICS_PORT"
            ) from error
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Now(Collector):
    """What the service knows of itself at the moment it is asked."""

    def __init__(self, service: "Service") -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        writer, live = self._service.journal.writer, self._service.live
        yield CounterMetricFamily(
            "flooding_rows_committed", "Heartbeats and link events on the disk.", writer.committed
        )
        yield GaugeMetricFamily("flooding_rows_waiting", "Accepted, and not on the disk yet.", writer.waiting)
        yield GaugeMetricFamily("flooding_writer_lag_seconds", "How long the oldest of them has waited.", writer.lag_s)
        failing = int(writer.last_error is not None)
        yield GaugeMetricFamily("flooding_writer_failing", "1 while the last commit failed.", failing)
        yield GaugeMetricFamily("flooding_live_wearers", "Wearers in a talk that has not ended.", live.wearers)
        yield GaugeMetricFamily("flooding_live_streams", "Pages that follow one.", live.streams)
        yield GaugeMetricFamily(
            "flooding_malformed_packets", "Packets of these talks that made no sense.", live.malformed
        )


class _Counted:
    """Counts what `app` answers, and how soon."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began_s = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - began_s)
            await send(message)

        await self.app(scope, receive, send_counted)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        # A method or a path that nobody knows is somebody's invention, and would be a line of its own for ever.
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if route != NO_ROUTE else NO_ROUTE
        self.metrics.answers.labels(method, route, status).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)
