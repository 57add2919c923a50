"""Killed before any system call that changes something, or in a write: it can all be mended."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.takeover import homes
from tests.takeover.homes import FILES, fill, journal, standing

CHANGING = ("open", "write", "fsync", "fchmod", "replace", "unlink", "mkdir", "rmdir")
TEXTS = {FILES[0]: '{"env": {"ANTHROPIC_API_KEY": "sk"}}\n', FILES[1]: '# mine\nmodel = "m"\n'}
KILLED = 9


def ends_before(call: int, work: Callable[[Path], object], home: Path) -> bool:
    """Do some work in a process that dies at its `call`-th change; false if it made fewer."""
    child = os.fork()
    if child == 0:
        try:
            _die_at(call)
            work(home)
            os._exit(0)
        except BaseException:  # noqa: BLE001  # whatever it is, the parent must see it
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED


def _die_at(call: int) -> None:
    calls = count(1)

    def dying(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def one(*given: object, **named: object) -> object:
            if next(calls) == call:
                if name == "write" and isinstance(given[1], memoryview):
                    real(given[0], given[1][: len(given[1]) // 2])
                os._exit(KILLED)
            return real(*given, **named)

        return one

    for name in CHANGING:
        setattr(os, name, dying(name, getattr(os, name)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a fork beside threads of other tests
@pytest.mark.parametrize(
    "mend",
    [
        pytest.param(homes.given, id="by giving back"),
        pytest.param(lambda home: (homes.taken(home), homes.given(home)), id="by taking again"),
    ],
)
def test_killed_while_taking(tmp_path: Path, mend: Callable[[Path], object]) -> None:
    for call in count(1):
        home = tmp_path / str(call)
        fill(home, TEXTS)
        before = standing(home)
        was_killed = ends_before(call, homes.taken, home)
        mend(home)
        assert standing(home) == before
        assert not journal(home).exists()
        if not was_killed:
            break
    assert call > 20


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_while_giving_back(tmp_path: Path) -> None:
    for call in count(1):
        home = tmp_path / str(call)
        fill(home, TEXTS)
        before = standing(home)
        homes.taken(home)
        (home / FILES[1]).write_text((home / FILES[1]).read_text() + "[mine]\na = 1\n")
        was_killed = ends_before(call, homes.given, home)
        homes.given(home)
        edited = TEXTS[FILES[1]] + "[mine]\na = 1\n"
        found = standing(home)
        assert found.pop(FILES[1])[0].decode().split() == edited.split()
        assert found == {name: was for name, was in before.items() if name != FILES[1]}
        if not was_killed:
            break
    assert call > 20
