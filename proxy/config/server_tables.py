"""What may stand in `[server]` and `[routing]`."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from proxy.config import values
from proxy.config.problems import HIDDEN, Want, Wrong, quoted
from proxy.config.tables import A_KEY, KEYS, Key, Label, Table, around
from proxy.config.variables import expanded
from proxy.sharing.state import WANTED, NoState, state_at


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


Host = Annotated[str, AfterValidator(values.host)]


class ServerTable(Table):
    """`[server]`. The order matters: `host` looks at `client_keys`."""

    client_keys: Annotated[
        dict[Label, Key], AfterValidator(_client_keys), Want(KEYS, A_KEY, is_secret=True)
    ] = Field(default_factory=dict)
    host: Annotated[str, AfterValidator(_listen_host), Want('a host name, as in "127.0.0.1"')] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=1, le=65535), Want("a whole number from 1 to 65535")] = 15721
    workers: Annotated[int, Field(ge=1, le=64), Want("a whole number from 1 to 64")] = 1
    max_body_mib: Annotated[int, Field(ge=1, le=4096), Want("a whole number from 1 to 4096")] = 200
    allowed_hosts: Annotated[
        list[Host], Want('a list of host names, as in ["box.lan"]', "a host name")
    ] = Field(default_factory=list)


def _state(text: str, info: ValidationInfo) -> str:
    try:
        state_at(expanded(text, around(info).env))
    except NoState as error:
        raise Wrong(f"{HIDDEN} with {error}", WANTED) from None
    return text


class RoutingTable(Table):
    """`[routing]`."""

    state: Annotated[
        Annotated[str, AfterValidator(_state)] | None, Want(WANTED, is_secret=True)
    ] = None
