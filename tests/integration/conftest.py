"""What tests on a fake BlueZ share."""

import pytest

from tests.integration import fake_bluez


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
