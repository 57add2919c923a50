"""The lock of the extra `lake` is the other one, but for DuckDB and its extensions."""

import re
from pathlib import Path

HERE = Path(__file__).parent.parent


def pinned(name: str) -> set[str]:
    return set(re.findall(r"^([a-z][\w.-]*)==", (HERE / name).read_text(), re.MULTILINE))


def versions(name: str) -> set[str]:
    return set(re.findall(r"^[a-z][\w.-]*==[^ ]+", (HERE / name).read_text(), re.MULTILINE))


def test_the_locks_agree() -> None:
    more = {f"duckdb-extension-{name}" for name in ("ducklake", "httpfs", "postgres-scanner")}
    why = "make lock-lake"
    assert not pinned("requirements.lock") & more, "the default is the newest DuckDB"
    assert pinned("requirements-lake.lock") == pinned("requirements.lock") | more, why
    apart = versions("requirements-lake.lock") ^ versions("requirements.lock")
    assert {one.partition("==")[0] for one in apart} == {"duckdb", *more}, why
