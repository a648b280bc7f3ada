"""What a person can mend is one line; what is the program's own fault keeps its traceback."""

from importlib import import_module

import pytest
from bleak.exc import BleakDBusError, BleakError

from api.cli.errors import BLUETOOTH, KNOWN, in_words, loaded
from api.headless import DemoStuck
from api.server import PortInUse
from sensing.no_radio import RadioStuck


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (BleakError("no such\ndevice"), "Bluetooth reports: no such device"),
        (BleakDBusError("org.bluez.Error.InProgress", ["busy"]), "InProgress"),
        (DemoStuck("the talk ended without an entry"), "the talk ended"),
        (PortInUse("port 1 is in use"), "port 1 is in use"),
        (RadioStuck(), "Bluetooth does not answer"),
        (OSError(28, "No space left on device", "journal.db"), "journal.db: No space left on device"),
        (FileNotFoundError("no usable temporary directory"), "no usable temporary directory"),
    ],
)
def test_a_known_error_is_one_line(error, says):
    words = in_words(error)
    assert says in words
    assert "\n" not in words


def test_each_known_error_is_where_the_table_says():
    for module in KNOWN | BLUETOOTH:
        import_module(module)
    told = [(module, name) for module, names in (KNOWN | BLUETOOTH).items() for name in names]
    assert [(kind.__module__, kind.__name__) for kind in loaded(KNOWN | BLUETOOTH)] == told


@pytest.mark.parametrize("error", [ValueError("a fault"), KeyError("x"), AssertionError()])
def test_a_fault_of_the_program_is_not_put_into_words(error):
    assert in_words(error) is None
