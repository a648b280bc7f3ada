"""What several of these tests begin with: the running app, a talk that two shared, a fake BlueZ."""

import pytest

from api.app import build
from api.settings import Settings
from sensing.clock import SystemClock
from tests.integration import fake_bluez
from tests.integration.shared_talk import flood_both
from tests.integration.visitors import newcomer, running


@pytest.fixture
def service(tmp_path):
    return build(Settings(data_dir=tmp_path), clock=SystemClock(), source_for=lambda _: None)


@pytest.fixture
def app(service):
    with running(service) as app:
        yield app


@pytest.fixture
def mira(app):
    return newcomer(app)


@pytest.fixture
def shared(home):
    """The `home` of the test's module, after a talk that Mira and Jonas shared."""
    return flood_both(home)


@pytest.fixture
def mortal_bus(tmp_path, monkeypatch):
    """A system bus of our own, that a test can kill."""
    bus = fake_bluez.PrivateBus(tmp_path)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    yield bus
    bus.die()


@pytest.fixture
def bus(mortal_bus):
    """The address of a system bus of our own."""
    return mortal_bus.address
