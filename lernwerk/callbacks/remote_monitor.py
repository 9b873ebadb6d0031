"""RemoteMonitor: the values of each epoch to a web server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from lernwerk.callbacks.callback import Callback, Logs
from lernwerk.errors import TrainingWarning, message

SECONDS = 10  # a server that does not answer holds the training up no longer


class RemoteMonitor(Callback):
    """Send the values of each epoch by HTTP POST to ``root + path``.

    They are JSON in the field ``field`` of a form; with ``send_as_json`` the JSON is the whole
    body. ``headers`` are sent along. A server that cannot be reached is warned of.
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Send the values."""
        import urllib.error  # this family is slow to load
        import urllib.parse
        import urllib.request

        found = {"epoch": epoch} | {name: _plain(value) for name, value in (logs or {}).items()}
        text = json.dumps(found)
        body = text if self.send_as_json else urllib.parse.urlencode({self.field: text})
        kind = "json" if self.send_as_json else "x-www-form-urlencoded"
        request = urllib.request.Request(
            self.root + self.path, body.encode(),
            {"Content-Type": f"application/{kind}", **(self.headers or {})},
        )  # fmt: skip
        try:
            urllib.request.urlopen(request, timeout=SECONDS).close()
        except urllib.error.URLError as error:
            text = message("RemoteMonitor", f"a server at {self.root}", str(error.reason))
            warnings.warn(text, TrainingWarning, stacklevel=3)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
