"""What may stand in `[ledger]`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from proxy.config.problems import HIDDEN, Want, Wrong, quoted
from proxy.config.tables import Table, YesOrNo, around
from proxy.config.variables import expanded
from proxy.ledger.keep import BODIES_DAYS, BODIES_MIB
from proxy.ledger.lake.address import WANTED, NoAddress, catalog_at
from proxy.ledger.storing import NOTHING
from proxy.ledger.writing import EVERYDAY, OnFull, Sync
from proxy.record.bodies import Level


def _folder(text: str) -> str:
    want = "the path of a folder"
    if not text.strip() or not text.isprintable():
        raise Wrong(quoted(text), want)
    try:
        Path(text).expanduser()
    except RuntimeError:
        raise Wrong(f"{quoted(text)}, of a user whom nobody knows", want) from None
    return text


def _url(text: str, info: ValidationInfo) -> str:
    try:
        catalog_at(expanded(text, around(info).env))
    except NoAddress as error:
        raise Wrong(f"{HIDDEN} with {error}", WANTED) from None
    return text


def _of_a_shared_ledger(value: str, info: ValidationInfo) -> str:
    # An absent entry was wrong and is told already; an empty one is what this is about.
    if "url" in info.data and info.data["url"] is None:
        raise Wrong("something, but no url", f"[ledger] url, as in {WANTED}")
    return value


def _of_a_folder(value: int, info: ValidationInfo) -> int:
    if info.data.get("url") is not None:
        raise Wrong("a size, and a url", "keep_days: of a shared ledger days go by their age")
    return value


Folder = Annotated[str, AfterValidator(_folder)]


class LedgerTable(Table):
    """`[ledger]`. The order matters: some look at `url`."""

    folder: Annotated[Folder | None, Want("the path of a folder")] = None
    url: Annotated[Annotated[str, AfterValidator(_url)] | None, Want(WANTED, is_secret=True)] = None
    data: Annotated[
        Annotated[Folder, AfterValidator(_of_a_shared_ledger)] | None,
        Want('a folder that all hosts have, or an address, as in "s3://bucket/ledger"'),
    ] = None
    hand_over_s: Annotated[
        float, Field(ge=1, le=3600, allow_inf_nan=False), Want("a number of seconds from 1 to 3600")
    ] = 60.0
    fetch_extensions: YesOrNo = False
    keep_days: Annotated[
        int | None, Field(ge=1, le=36_500), Want("a whole number from 1 to 36500")
    ] = None
    keep_mib: Annotated[
        Annotated[int, Field(ge=1, le=1 << 30), AfterValidator(_of_a_folder)] | None,
        Want("a whole number from 1 to 1073741824"),
    ] = None
    sync: Annotated[Sync, Want("interval or always")] = EVERYDAY.sync
    ballast_mib: Annotated[int, Field(ge=0, le=65_536), Want("a whole number from 0 to 65536")] = (
        EVERYDAY.ballast_mib
    )
    buffer_mib: Annotated[int, Field(ge=1, le=4096), Want("a whole number from 1 to 4096")] = (
        EVERYDAY.buffer_mib
    )
    on_full: Annotated[OnFull, Want("serve or refuse")] = EVERYDAY.on_full
    bodies: Annotated[Level, Want("none, errors or full")] = NOTHING.level
    body_max_kib: Annotated[int, Field(ge=1, le=65_536), Want("a whole number from 1 to 65536")] = (
        NOTHING.max_kib
    )
    keep_bodies_days: Annotated[
        int, Field(ge=1, le=36_500), Want("a whole number from 1 to 36500")
    ] = BODIES_DAYS
    keep_bodies_mib: Annotated[
        int, Field(ge=1, le=1 << 30), Want("a whole number from 1 to 1073741824")
    ] = BODIES_MIB
