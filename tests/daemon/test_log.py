"""A log is bounded, and what is in it can be read while it grows and after it was rotated."""

import os
import threading
from itertools import islice
from pathlib import Path

from proxy.daemon import log


def test_a_long_log_is_moved_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "proxy.log"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, b"one\ntwo\n")
    assert not log.rotate(path, 8)
    assert log.rotate(path, 7)
    os.write(fd, b"three\n")
    os.close(fd)
    assert path.read_bytes() == b"three\n"
    assert log.last(path, 2) == ["two", "three"]
    assert log.last(path, 9) == ["one", "two", "three"]
    assert log.last(path, 0) == []
    assert (tmp_path / "proxy.log.1").stat().st_mode & 0o777 == 0o600


def test_its_process_looks_after_it(tmp_path: Path) -> None:
    path = tmp_path / "proxy.log"
    path.write_bytes(b"x" * (log.MAX_BYTES + 1))
    with log.kept_short(path, every_s=0.01):
        while path.stat().st_size:
            threading.Event().wait(0.01)
    with log.kept_short(None):
        assert path.stat().st_size == 0


def test_what_comes_is_followed_through_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "proxy.log"
    path.write_text("before\n")
    found: list[str] = []

    def follow() -> None:
        found.extend(islice(log.followed(path), 2))

    reader = threading.Thread(target=follow)
    reader.start()
    while not found and reader.is_alive() and not threading.Event().wait(0.3):
        path.write_text("before\nfirst\n")
        threading.Event().wait(0.5)
        path.write_text("new\n")
    reader.join(10)
    assert "".join(found) == "first\nnew\n"
