"""Downloads from file:// addresses and from a server on this machine."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lernwerk.datasets import download
from lernwerk.datasets.download import RemoteFile, fetch
from lernwerk.errors import FileError

CONTENT = bytes(range(256)) * 4000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Server(BaseHTTPRequestHandler):
    """Serves the content, a truncated form of it, or 404."""

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        if self.path != "/silent":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:1000] if self.path == "/short" else CONTENT)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[str]:
    service = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{service.server_port}"
    service.shutdown()
    thread.join()
    service.server_close()


def remote(*addresses: str, sha256: str = CHECKSUM) -> RemoteFile:
    return RemoteFile("data.gz", addresses, sha256)


def test_the_first_mirror_that_works_delivers(server: str, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    path = fetch(
        remote(f"{server}/missing", f"{server}/data.gz"),
        tmp_path / "new" / "mnist",
        lambda *progress: seen.append(progress),
    )
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["data.gz"]
    assert seen[-1] == ("data.gz", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "data.gz").write_bytes(b"by hand")
    assert fetch(remote("file:///nowhere"), tmp_path).read_bytes() == b"by hand"


def test_server_that_does_not_name_the_size(server: str, tmp_path: Path) -> None:
    seen: list[int | None] = []
    fetch(remote(f"{server}/silent"), tmp_path, lambda _, __, total: seen.append(total))
    assert set(seen) == {None}


def test_wrong_content_and_missing_file_are_named(server: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    addresses = (f"{server}/missing", other.as_uri(), f"{server}/short")
    with pytest.raises(FileError) as error:
        fetch(remote(*addresses), tmp_path / "cache")
    host = server.removeprefix("http://")
    found = hashlib.sha256(b"something else").hexdigest()[:12]
    message = str(error.value)
    assert message.startswith(
        "data.gz: expected a download from one of 3 addresses, got "
        f"{host}: Not Found; {other.as_uri()}: another file (SHA-256 {found}... instead of "
        f"{CHECKSUM[:12]}...); {host}: "
    )
    assert message.endswith(
        f"Download it by hand ({addresses[0]}) and put it into {tmp_path / 'cache'}"
    )
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError) as error:
        fetch(remote("file:///nowhere"), tmp_path / "file" / "cache")
    assert str(error.value) == (
        f"{tmp_path / 'file' / 'cache'}: expected a folder for downloads, got Not a directory. "
        "Choose another one with the environment variable LERNWERK_CACHE."
    )


def test_an_interrupted_download_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(source.as_uri()), tmp_path / "cache", interrupt)
    assert list((tmp_path / "cache").iterdir()) == []


def test_progress_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    download.show_progress("data.gz", 1_500_000, 3_000_000)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    download.show_progress("data.gz", 1_500_000, 3_000_000)
    download.show_progress("data.gz", 3_000_000, 3_000_000)
    download.show_progress("data.gz", 500_000, None)
    assert capsys.readouterr().err == (
        "\rDownloading data.gz: 1.5 of 3.0 MB\rDownloading data.gz: 3.0 of 3.0 MB\n"
        "\rDownloading data.gz: 0.5 MB"
    )
