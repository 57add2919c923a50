"""How a provider is spoken to, as its table says it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from proxy.config.manner_tables import BodyTable, SendKeyTable, ca_path, path_of
from proxy.config.provider_tables import ProviderTable
from proxy.config.variables import expanded_if_set
from proxy.routing.manner import BodyChange, KeyPlace, Manner, Through

_USUAL = Manner()


def manner_of(table: ProviderTable, env: Mapping[str, str], folder: Path) -> Manner | None:
    """Return what the table says of it; `None` where that is nothing."""
    made = Manner(
        key=_key_place(table.send_key),
        drop_headers=tuple(table.drop_headers),
        endpoints=tuple(table.endpoints.items()),
        body=tuple(_change(one) for one in table.body),
        through=_through(table, env, folder),
    )
    return None if made == _USUAL else made


def headers_of(table: ProviderTable, env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers of the user's own, the user agent among them."""
    texts = dict(table.headers)
    if table.user_agent is not None:
        texts["user-agent"] = table.user_agent
    return tuple((name, expanded_if_set(text, env)) for name, text in texts.items())


def _key_place(table: SendKeyTable) -> KeyPlace | None:
    if table.header is None and table.query is None:
        return None
    return KeyPlace(table.header, table.format, table.query)


def _change(table: BodyTable) -> BodyChange:
    return BodyChange(
        wires=tuple(table.wires),
        models=tuple(table.models or ()),
        drops=tuple(path_of(text) for text in table.drop),
        sets=msgspec.json.encode(table.set_).decode(),
    )


def _through(table: ProviderTable, env: Mapping[str, str], folder: Path) -> Through | None:
    if table.outbound_proxy is None and table.ca_file is None:
        return None
    proxy = None if table.outbound_proxy is None else expanded_if_set(table.outbound_proxy, env)
    ca_file = None if table.ca_file is None else str(ca_path(table.ca_file, folder))
    return Through(proxy, ca_file)
