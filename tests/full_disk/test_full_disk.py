"""Everything in `on_a_small_disk`, on a disk that is small: a tmpfs in a namespace of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "on_a_small_disk"
MOUNT = 'mount -t tmpfs -o size=16m none "$0" && SMALL_DISK="$0" exec "$@"'


def in_a_namespace(disk: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command for which `disk` is a disk of 16 MiB, and for nobody else."""
    words = ["unshare", "-rm", "sh", "-c", MOUNT, str(disk), *command]
    return subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603  # ours


@pytest.mark.parametrize("case", sorted(CASES.glob("*_case.py")), ids=lambda case: case.stem)
def test_on_a_small_disk(case: Path, tmp_path: Path) -> None:
    try:
        tried = in_a_namespace(tmp_path, "true")
    except FileNotFoundError:
        pytest.skip("there is no unshare on this machine")
    if tried.returncode:
        pytest.skip(f"no small disk can be mounted here: {tried.stderr.strip()}")
    pytest_there = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(case)]
    ran = in_a_namespace(tmp_path, *pytest_there)
    assert ran.returncode == 0, ran.stdout + ran.stderr
