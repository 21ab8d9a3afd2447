"""P8: the whole test run, with all the processes that it starts, reaches this machine only."""

import socket
import subprocess
import sys

import pytest


def test_this_process_reaches_nobody_else():
    with socket.socket() as one, pytest.raises(RuntimeError, match="this machine only"):
        one.connect(("192.0.2.1", 80))  # an address that is kept for documentation (RFC 5737)
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.getaddrinfo("vendor.example", 443)


def test_a_process_that_is_started_reaches_nobody_else():
    script = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "this machine only" in ran.stderr


def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
