"""Run real clients through the proxy: `python -m tests.clients.run [claude codex gemini] [--keep]`.

Exit code 0 if every run was right, or if there is no npm to install the clients with.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.clients import packages
from tests.clients.case import Case, Task
from tests.clients.errors import InstallError, ProxyError
from tests.clients.offline import go_offline
from tests.clients.report import Result, failure, summary
from tests.clients.stage import play
from tests.clients.verdict import problems

_NAMES = ("claude", "codex", "gemini")
_EVERY: tuple[tuple[Task, str | None], ...] = (
    ("answer", None),
    ("tool", None),
    ("answer", "status:529"),
    ("tool", "reset"),
)
_OTHERS: dict[str, tuple[str, ...]] = {
    "claude": ("chat", "responses", "gemini"),
    "codex": ("anthropic", "chat"),
    "gemini": ("anthropic", "chat"),
}
CASES: tuple[Case, ...] = (
    *(Case(name, task, fault) for name in _NAMES for task, fault in _EVERY),
    Case("claude", "tool", "reset_at:2"),  # after message_start and ping
    Case("codex", "tool", "reset_at:2"),  # after response.created and response.in_progress
    Case("gemini", "tool", "reset_at:0"),  # after the head: its first event has content
    Case("codex-code", "tool", "status:529"),
    Case("codex-websocket", "answer"),
    *(Case(name, "tool", late=True) for name in _NAMES),
    *(Case(name, "tool", settled="taken over") for name in _NAMES),
    *(Case(name, "answer", settled="given back") for name in _NAMES),
    *(
        Case(name, task, wire=wire)
        for name, wires in _OTHERS.items()
        for wire in wires
        for task in ("answer", "tool")
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, run, report; returns the exit code."""
    options = _options(arguments)
    if not packages.has_npm():
        _say("skipped: there is no npm here to install the clients with")
        return 0
    try:
        _install()
    except InstallError as error:
        _say(f"the clients cannot be installed: {error}")
        is_optional = os.environ.get("POINTSMAN_CLIENTS") == "optional" and "CI" not in os.environ
        return 0 if is_optional else 1
    if not go_offline():
        _say("the network cannot be left here: the clients are only told not to use it")
    chosen = [case for case in CASES if case.client.partition("-")[0] in options.clients]
    folder = Path(tempfile.mkdtemp(prefix="pointsman-clients-"))
    try:
        return asyncio.run(_run(chosen, folder))
    finally:
        if options.keep:
            _say(f"everything is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clients.run", description=__doc__)
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=f"all of {', '.join(_NAMES)}")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the runs")
    options = parser.parse_args(arguments)
    options.clients = options.clients or list(_NAMES)
    for name in options.clients:
        if name not in _NAMES:
            parser.error(f"no client is called {name!r}; there are: {', '.join(_NAMES)}")
    return options


def _install() -> None:
    wanted = packages.missing()
    if not wanted:
        return
    _say(f"installing {', '.join(wanted)} ...")
    asyncio.run(packages.install())


async def _run(cases: Sequence[Case], folder: Path) -> int:
    results = []
    for number, case in enumerate(cases):
        place = folder / f"{number:02}-{case.client}-{case.task}"
        place.mkdir()
        result = await _result(case, place)
        results.append(result)
        _say(result.line)
        for line in failure(result) if result.problems else ():
            _say(line)
    for line in summary(results):
        _say(line)
    return 1 if any(result.problems for result in results) else 0


async def _result(case: Case, place: Path) -> Result:
    try:
        evidence = await play(case, place)
    except ProxyError as error:
        return Result(case, [f"the proxy failed: {error}"])
    return Result(case, problems(case, evidence), evidence)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
