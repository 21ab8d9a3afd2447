"""Sockets on loopback that count what reaches them: a sink answers nothing, the other one each request alike."""

import contextlib
import json
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

from offramp.types import JsonObject


class Sink:
    """What has arrived so far. Read it after the block."""

    def __init__(self, listener: socket.socket, answer: bytes, *, at_once: bool = False) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.connections = 0
        self.received = b""
        self._answer = answer
        self._at_once = at_once
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                with connection, contextlib.suppress(OSError):
                    self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        connection.settimeout(0.5)
        while piece := connection.recv(65536):
            self.received += piece
            if self._answer and (self._at_once or self.received.endswith(b"}")):
                connection.sendall(self._answer)
                if self._at_once:
                    return

    def close(self) -> None:
        """Take what has come, and end."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextmanager
def sink(answer: bytes = b"", *, at_once: bool = False) -> Generator[Sink]:
    """A sink for the time of the block. It may answer `at_once`, not waiting for the end of a request, and hang up."""
    made = Sink(socket.create_server(("127.0.0.1", 0)), answer, at_once=at_once)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def answering(body: JsonObject) -> Generator[Sink]:
    """One that answers each request with this body."""
    raw = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    with sink(head.encode() + raw) as made:
        yield made
