"""RemoteMonitor, against a server of this process."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from lernwerk.callbacks import RemoteMonitor
from lernwerk.errors import TrainingWarning


class Server(HTTPServer):
    """Keeps what it was sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Answers every POST."""

    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.path, dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.mark.parametrize("as_json", [False, True])
def test_values_are_sent(server: Server, as_json: bool) -> None:
    monitor = RemoteMonitor(f"http://127.0.0.1:{server.server_port}", headers={"X-Key": "1"},
                            send_as_json=as_json)  # fmt: skip
    monitor.on_epoch_end(2, {"loss": np.float32(0.5), "accuracy": 0.25})
    ((path, headers, body),) = server.seen
    assert path == "/publish/epoch/end/"
    assert headers["X-Key"] == "1"
    text = body if as_json else urllib.parse.parse_qs(body)["data"][0]
    assert json.loads(text) == {"epoch": 2, "loss": 0.5, "accuracy": 0.25}
    kind = "json" if as_json else "x-www-form-urlencoded"
    assert headers["Content-Type"] == f"application/{kind}"


def test_a_server_that_is_not_there_is_warned_of() -> None:
    with pytest.warns(TrainingWarning) as warned:
        RemoteMonitor("http://127.0.0.1:1").on_epoch_end(0, {})
    assert str(warned[0].message).startswith(
        "RemoteMonitor: expected a server at http://127.0.0.1:1, got "
    )
