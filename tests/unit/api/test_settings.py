"""Settings: a flag wins over the environment, and what cannot be is said on one line with its name."""

import pytest

from api.settings import BadSetting, read_settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1"])
def test_an_address_that_only_this_machine_reaches_is_taken(host):
    assert read_settings(host=host).host == host


def test_localhost_is_one_certain_address():
    assert read_settings(host="localhost").host == "127.0.0.1"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::"])
def test_an_address_that_others_reach_without_tls_is_refused(monkeypatch, host):
    monkeypatch.setenv("FLOODING_HOST", host)
    with pytest.raises(BadSetting, match=r"^FLOODING_HOST=.*for everybody to read; use 127\.0\.0\.1"):
        read_settings()


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org"])
def test_a_name_is_no_address_to_listen_at(host):
    with pytest.raises(BadSetting, match=r"^--host=.*in numbers"):
        read_settings(host=host)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "abc", "valid integer"),
        ("PORT", "70000", "65535"),
        ("THRESHOLD_BPM", "20", "greater than or equal to 60"),
        ("THRESHOLD_BPM", "nan", "equal to"),
        ("SPEED", "0", "greater than 0"),
        ("SPEED", "inf", "finite"),
        ("SIMULATED", "perhaps", "boolean"),
        ("KEEP_DAYS", "9999999999", "less than or equal to 36500"),
        ("PUBLIC_URL", "https://lamp.example.org:99999", "Port out of range"),
    ],
)
def test_a_variable_that_cannot_be_is_named_with_its_value(monkeypatch, name, value, why):
    monkeypatch.setenv(f"FLOODING_{name}", value)
    with pytest.raises(BadSetting, match=f"^FLOODING_{name}={value}: .*{why}") as refused:
        read_settings()
    assert "\n" not in str(refused.value)


def test_a_flag_wins_over_the_environment_and_none_is_no_flag(monkeypatch):
    monkeypatch.setenv("FLOODING_PORT", "8001")
    monkeypatch.setenv("FLOODING_STRAP", "Chest 1")
    settings = read_settings(port=8002, strap=None)
    assert (settings.port, settings.strap) == (8002, "Chest 1")


def test_a_flag_that_cannot_be_is_named_as_it_is_typed():
    with pytest.raises(BadSetting, match=r"^--threshold=nan: "):
        read_settings(threshold_bpm=float("nan"))


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv("FLOODING_STRAP", "")
    monkeypatch.setenv("FLOODING_PORT", "")
    assert (read_settings().strap, read_settings().port) == (None, 8000)
