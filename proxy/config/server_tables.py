"""What may stand in `[server]` and `[ledger]`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from proxy.config import values
from proxy.config.problems import Want, Wrong, quoted
from proxy.config.tables import A_KEY, KEYS, Key, Label, Table, around
from proxy.config.variables import expanded
from proxy.ledger.keep import BODIES_DAYS, BODIES_MIB
from proxy.ledger.storing import NOTHING
from proxy.ledger.writing import EVERYDAY, OnFull, Sync
from proxy.record.bodies import Level


def _client_keys(keys: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    env = around(info).env
    seen: dict[str, str] = {}
    for name, text in keys.items():
        other = seen.setdefault(expanded(text, env), name)
        if other != name:
            raise Wrong(f"the same key for {other} and {name}", "a key of its own for each")
    return keys


def _listen_host(text: str, info: ValidationInfo) -> str:
    name = values.host(text)
    # An absent entry was wrong and is told already; an empty one is what this is about.
    if not values.is_loopback(name) and info.data.get("client_keys") == {}:
        raise Wrong(
            f"{quoted(text)}, which other machines can reach",
            '127.0.0.1, or keys for clients: client_keys = { laptop = "${POINTSMAN_KEY}" }',
        )
    return "127.0.0.1" if name == "localhost" else name


def _folder(text: str) -> str:
    want = "the path of a folder"
    if not text.strip() or not text.isprintable():
        raise Wrong(quoted(text), want)
    try:
        Path(text).expanduser()
    except RuntimeError:
        raise Wrong(f"{quoted(text)}, of a user whom nobody knows", want) from None
    return text


Host = Annotated[str, AfterValidator(values.host)]
Folder = Annotated[str, AfterValidator(_folder)]


class ServerTable(Table):
    """`[server]`. The order matters: `host` looks at `client_keys`."""

    client_keys: Annotated[
        dict[Label, Key], AfterValidator(_client_keys), Want(KEYS, A_KEY, is_secret=True)
    ] = Field(default_factory=dict)
    host: Annotated[str, AfterValidator(_listen_host), Want('a host name, as in "127.0.0.1"')] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=1, le=65535), Want("a whole number from 1 to 65535")] = 15721
    max_body_mib: Annotated[int, Field(ge=1, le=4096), Want("a whole number from 1 to 4096")] = 200
    allowed_hosts: Annotated[
        list[Host], Want('a list of host names, as in ["box.lan"]', "a host name")
    ] = Field(default_factory=list)


class LedgerTable(Table):
    """`[ledger]`."""

    folder: Annotated[Folder | None, Want("the path of a folder")] = None
    keep_days: Annotated[
        int | None, Field(ge=1, le=36_500), Want("a whole number from 1 to 36500")
    ] = None
    keep_mib: Annotated[
        int | None, Field(ge=1, le=1 << 30), Want("a whole number from 1 to 1073741824")
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
