"""The clients from npm, at the versions in the lock file. No install script is run."""

import asyncio
import json
import shutil
from pathlib import Path

from tests.clients.errors import InstallError

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
_INSTALL_S = 600


def has_npm() -> bool:
    """Whether both npm and the node that runs it are there."""
    return shutil.which("npm") is not None and shutil.which("node") is not None


def missing() -> list[str]:
    """Return the clients that are not installed at their version."""
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    return [f"{name} {version}" for name, version in wanted.items() if _found(name) != version]


def _found(name: str) -> str | None:
    try:
        version = json.loads((PACKAGES / name / "package.json").read_text())["version"]
    except (OSError, ValueError, KeyError):
        return None
    return str(version)


async def install() -> None:
    """Install what the lock file names.

    Raises:
        InstallError: npm could not, and what it said last.
    """
    process = await asyncio.create_subprocess_exec(
        "npm",
        "ci",
        "--prefer-offline",  # what the lock file names never changes
        "--loglevel=error",
        cwd=HERE,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), _INSTALL_S)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise InstallError(f"npm was not done after {_INSTALL_S} s") from error
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()
        raise InstallError("\n".join(lines[:5]) or f"npm ended with {process.returncode}")
