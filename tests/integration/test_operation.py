"""What an operator sees of a running service: whether it is ready, its log, its metrics; and nothing of whose heart it hears."""

import asyncio
import json
import threading
import urllib.request

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from api.app import build, create_app
from api.logs import Form, configure
from api.metrics import Metrics
from api.pulse import Pulse
from api.server import PortInUse
from api.settings import Settings
from journal.database import DatabaseBusy
from tests.integration.visitors import newcomer, running, visitor


@pytest.fixture
def metrics(service):
    return Metrics(service)


def told(metrics):
    """What Prometheus reads: each figure by its name and labels."""
    with metrics.told(0) as port, urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    return {(one.name, *sorted(one.labels.items())): one.value for family in families for one in family.samples}


def answers(figures, method, route):
    return {
        dict(labels)["status"]: value
        for (name, *labels), value in figures.items()
        if name == "flooding_http_responses_total" and {("method", method), ("route", route)} <= set(labels)
    }


def test_answers_are_counted_by_the_routes_template_and_name_nobody(service, metrics):
    app = create_app(service)
    metrics.watch(app)
    with running(service, app=app) as app:
        mira = newcomer(app)
        talk = mira.post("/api/talks").json()["id"]
        mira.get(f"/api/talks/{talk}")
        mira.get("/api/talks/another-one")
        figures = told(metrics)
    assert answers(figures, "GET", "/api/talks/{talk_id}") == {"200": 1.0, "404": 1.0}
    for asked in (talk, "another-one"):
        assert asked not in repr(figures)


def test_what_nobody_knows_is_one_line_however_it_is_called(service, metrics):
    """Else whoever asks for a million paths fills the memory of the service, and of the Prometheus behind it."""
    app = create_app(service)
    metrics.watch(app)
    with running(service, app=app) as app:
        stranger = visitor(app)
        for n in range(20):
            stranger.request(f"METHOD{n}", f"/nowhere/{n}")
        figures = told(metrics)
    assert len([key for key in figures if key[0] == "flooding_http_responses_total"]) <= 2
    assert "nowhere" not in repr(figures)


def test_the_writer_and_the_talks_are_told_as_they_are_now(service, metrics):
    with running(service) as app:
        assert told(metrics)["flooding_live_wearers",] == 0
        newcomer(app).post("/api/talks")
        figures = told(metrics)
    assert figures["flooding_live_wearers",] == 1
    assert (figures["flooding_rows_waiting",], figures["flooding_writer_failing",]) == (0, 0)


def test_metrics_are_for_this_machine_alone(metrics):
    with metrics.told(0) as port, pytest.raises(PortInUse, match="FLOODING_METRICS_PORT"), metrics.told(port):
        raise AssertionError("it was told twice")


def test_a_service_whose_database_does_not_answer_is_not_ready(service, monkeypatch):
    with running(service) as app:
        stranger = visitor(app)
        assert stranger.get("/health/ready").status_code == 200

        def busy():
            raise DatabaseBusy("locked")

        monkeypatch.setattr(service.pulse, "_ask", busy)
        assert stranger.get("/health/ready").status_code == 503
        monkeypatch.undo()
        assert stranger.get("/health/ready").status_code == 200


def test_a_database_that_hangs_is_asked_once_however_often_somebody_looks():
    asked, answered = [], threading.Event()

    def hang():
        asked.append(1)
        answered.wait()

    async def story():
        pulse = Pulse(hang, within_s=0.01)
        looks = [await pulse.is_felt() for _ in range(5)]
        answered.set()
        await pulse._asked
        return looks, await pulse.is_felt()

    assert asyncio.run(story()) == ([False] * 5, True)
    assert len(asked) == 2


def test_a_log_for_programs_is_one_json_object_a_line_and_its_tracebacks_hold_no_values(capsys):
    def fails(heartbeat):
        raise OSError("no space left")

    configure(Form.JSON)
    try:
        log = structlog.get_logger()
        log.warning("journal_write_failed", waiting=3)
        heard = f"heart rate {9000 + 876}"
        try:
            fails(heard)
        except OSError:
            log.exception("talk_failed")
    finally:
        configure()
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["level"], first["waiting"]) == ("journal_write_failed", "warning", 3)
    assert first["timestamp"].endswith("Z")
    assert "no space left" in second["exception"]
    assert "9876" not in second["exception"]


def test_settings_name_each(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOODING_LOG", "json")
    monkeypatch.setenv("FLOODING_KEEP_DAYS", "30")
    settings = Settings(data_dir=tmp_path)
    assert (settings.log, settings.keep_days, settings.metrics_port) == (Form.JSON, 30, None)
    assert build(settings).journal.close() is None
