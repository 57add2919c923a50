"""Run a client to its end, or to the end of our patience, with all that it started."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass

from tests.clients.case import Command, Place

LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Finished:
    """How a client ended; `exit_code` is `None` if it had to be killed."""

    exit_code: int | None
    stdout: str
    stderr: str
    took_s: float


async def run(command: Command, place: Place) -> Finished:
    """Run `command` in `place` and in no other surroundings."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command.arguments,
        cwd=place.work,
        env=_surroundings(place) | dict(command.variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    talk = asyncio.ensure_future(process.communicate())
    try:
        done, _ = await asyncio.wait({talk}, timeout=LIMIT_S)
    finally:
        _kill_group(process.pid)  # what a client leaves behind would write to a folder that goes
    stdout, stderr = await talk
    return Finished(
        exit_code=process.returncode if done else None,
        stdout=stdout.decode(errors="replace"),
        stderr=stderr.decode(errors="replace"),
        took_s=time.monotonic() - began,
    )


def _surroundings(place: Place) -> dict[str, str]:
    """Return the variables of every client: nothing of the user's own, least of all keys."""
    nowhere = "http://127.0.0.1:9"  # the discard port: refused at once
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(place.home),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "HTTPS_PROXY": nowhere,  # where the network could not be left
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return  # nothing is left of it
