"""Binding: the port is ours before anything else starts, or it is said on one line why not."""

import socket

import pytest

from api.server import CannotListen, PortInUse, address, bind


def test_a_bound_port_is_taken_at_once():
    with bind("127.0.0.1", 0) as first, pytest.raises(PortInUse, match="is in use; choose another with --port"):
        bind("127.0.0.1", first.getsockname()[1])


def test_a_port_that_was_just_left_is_free():
    """A connection that the server ended stays in TIME_WAIT for a minute; a restart must not wait for it."""
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            server_side, _ = listener.accept()
            server_side.close()
            visitor.recv(1)
    bind("127.0.0.1", port).close()


def test_ipv6_is_written_in_brackets():
    if not socket.has_ipv6:
        with pytest.raises(CannotListen):
            bind("::1", 0)
        return
    try:
        listener = bind("::1", 0)
    except CannotListen as error:  # a machine may have IPv6 turned off
        assert "cannot listen at ::1" in str(error)  # noqa: PT017  either end is right
        return
    with listener:
        assert address(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_an_address_that_this_machine_does_not_have_is_said():
    with pytest.raises(CannotListen, match=r"cannot listen at 192\.0\.2\.1: .*; use 127\.0\.0\.1"):
        bind("192.0.2.1", 0)  # set aside for documentation: nobody has it


def test_a_port_that_is_not_for_everybody_is_said(monkeypatch):
    class Guarded(socket.socket):
        def bind(self, _):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", Guarded)
    with pytest.raises(CannotListen, match="port 80 is not open to this user; choose one from 1024 up"):
        bind("127.0.0.1", 80)
