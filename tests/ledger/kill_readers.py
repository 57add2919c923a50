"""A reader while others are killed: every answer is compared with what was acknowledged before.

    python -m tests.ledger.kill_readers held|fresh|transaction|polars FOLDER ACKS

Runs until its standard input ends, then prints what it found as one line of JSON.
"""

import select
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import msgspec

from tests.ledger.entries import FIRST_TOTAL_US

WORTH = 1_000_000  # numbers of one worker: its own times this, and up
Row = tuple[int, int, int, int, int]

# Of each worker: how many rows, how many different ones, the lowest and highest number, their sum.
_REQUESTS = f"""SELECT (total_us - {FIRST_TOTAL_US}) // {WORTH} AS worker, count(*),
count(DISTINCT request_id), min(total_us) - {FIRST_TOTAL_US}, max(total_us) - {FIRST_TOTAL_US},
sum(answer_bytes = {1 << 40})::BIGINT FROM requests WHERE outcome <> 'crashed' GROUP BY ALL"""  # noqa: S608  # our numbers
_ATTEMPTS = f"""SELECT sent_bytes // {WORTH} AS worker, count(*),
count(DISTINCT (request_id, attempt_no)), min(sent_bytes), max(sent_bytes),
sum(prompt_tokens = sent_bytes)::BIGINT FROM attempts GROUP BY ALL"""  # noqa: S608  # likewise


class Found(msgspec.Struct):
    """What a reader found; a query is asked again where a file that it had listed was gone."""

    kind: str
    queries: int = 0
    again: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0


def acknowledged(acks: Path) -> dict[int, int]:
    """Return the highest number that each worker has had acknowledged, if it has one."""
    content = acks.read_bytes()
    numbers = (int.from_bytes(content[at : at + 8], "little") for at in range(0, len(content), 8))
    return {number // WORTH: number for number in numbers if number}


def check(found: Found, rows: Iterable[tuple[int, ...]], acked: dict[int, int], each: int) -> None:
    """Compare what is there of each worker, `each` rows a number, with what must be."""
    there = {worker: rest for worker, *rest in rows}
    for worker, number in acked.items():
        count, distinct, low, high, right = there.get(worker, (0, 0, 0, 0, 0))
        found.lost += max(0, each * (number - worker * WORTH) - distinct)
        found.duplicated += count - distinct
        is_whole = distinct == each * (high - low + 1) and low == worker * WORTH + 1
        found.wrong += not (is_whole and right == count)


def held(root: Path) -> Callable[[], list[list[tuple[int, ...]]]]:
    """Ask through one connection that is open all the time."""
    connection = duckdb.connect(root / "ledger.duckdb", read_only=True)
    return lambda: [connection.execute(one).fetchall() for one in (_REQUESTS, _ATTEMPTS)]


def fresh(root: Path) -> Callable[[], list[list[tuple[int, ...]]]]:
    """Open the ledger for each question."""

    def ask() -> list[list[tuple[int, ...]]]:
        return held(root)()

    return ask


def transaction(root: Path) -> Callable[[], list[list[tuple[int, ...]]]]:
    """Ask everything in one transaction."""
    connection = duckdb.connect(root / "ledger.duckdb", read_only=True)

    def ask() -> list[list[tuple[int, ...]]]:
        connection.execute("BEGIN")
        try:
            return [connection.execute(one).fetchall() for one in (_REQUESTS, _ATTEMPTS)]
        finally:
            connection.execute("ROLLBACK")

    return ask


def polars(root: Path) -> Callable[[], list[list[tuple[int, ...]]]]:
    """Ask the analysis package for frames, and add up in Polars."""
    import polars as pl  # noqa: PLC0415  # only this one waits for it

    from analysis.load import open_ledger  # noqa: PLC0415  # likewise

    number = pl.col("number")

    def summed(frame: pl.DataFrame, row_id: pl.Expr, right: pl.Expr) -> list[tuple[int, ...]]:
        what = [pl.len(), row_id.n_unique().alias("distinct"), number.min().alias("low")]
        what += [number.max().alias("high"), right.sum().alias("right")]
        return frame.group_by(number // WORTH).agg(what).rows()

    def ask() -> list[list[tuple[int, ...]]]:
        with open_ledger(root) as ledger:
            requests, attempts = ledger.requests(), ledger.attempts()
        requests = requests.filter(pl.col("outcome") != "crashed")
        requests = requests.with_columns((pl.col("total_us") - FIRST_TOTAL_US).alias("number"))
        attempts = attempts.with_columns(pl.col("sent_bytes").alias("number"))
        return [
            summed(requests, pl.col("request_id"), pl.col("answer_bytes") == 1 << 40),
            summed(
                attempts, pl.struct("request_id", "attempt_no"), pl.col("prompt_tokens") == number
            ),
        ]

    return ask


KINDS = {"held": held, "fresh": fresh, "transaction": transaction, "polars": polars}


def main(kind: str, root: str, acks: str) -> None:
    """Ask until nobody wants to know any more."""
    found = Found(kind)
    ask = KINDS[kind](Path(root))
    while not select.select([sys.stdin], [], [], 0)[0]:
        acked = acknowledged(Path(acks))
        try:
            answers = ask()
        except duckdb.IOException:
            found.again += 1
            continue
        found.queries += len(answers)
        for rows, each in zip(answers, (1, 2), strict=True):
            check(found, rows, acked, each)
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
