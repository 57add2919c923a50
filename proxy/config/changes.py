"""A configuration with one thing changed: comments, order and layout of all else stay.

Text in, text out; whether the result is a good configuration is for `checked` to say.
"""

from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from proxy.config.blocks import with_block, without_block
from proxy.editing import toml

Place = int  # in a queue, from 1
Value = str | bool | int | float | list[str] | dict[str, str] | dict[str, float]


class Impossible(Exception):  # noqa: N818  # reads as what is the matter
    """The change makes no sense here; one sentence says why."""


def with_provider(
    text: str, name: str, table: Mapping[str, Value], queues: Iterable[str], *, first: bool
) -> str:
    """Return `text` with one more provider, and with it at an end of some queues.

    Raises:
        Impossible: There is one of that name.
        Unreadable: The text is no TOML.
    """
    if name in section(toml.parsed(text), "providers"):
        raise Impossible(f"there is a provider {name} already; change it with: providers edit")
    lines = [f"{key} = {_item(value).as_string()}" for key, value in table.items()]
    text = with_block(text, "providers", ["", f"[providers.{name}]", *lines])
    for queue in queues:
        document = toml.parsed(text)
        if queue not in section(document, "queues"):
            text = with_block(text, "queues", [f'{queue} = ["{name}"]'], under="[queues]")
            continue
        targets = targets_of(document, queue)
        targets.insert(0 if first else len(targets), name)
        text = toml.spelt_out(text, document)
    return text


def without_provider(text: str, name: str) -> str:
    """Return `text` without a provider, also in queues; a queue that is left empty goes.

    Raises:
        Impossible: There is none of that name, or its tables are written in an unusual way.
        Unreadable: The text is no TOML.
    """
    _existing(toml.parsed(text), name)
    text = without_block(text, f"providers.{name}")
    for queue in [*section(toml.parsed(text), "queues")]:
        text = _without_target(text, queue, name)
    if name in section(toml.parsed(text), "providers"):
        raise Impossible(f"providers.{name} is not in a table of its own: remove it in the file")
    return text


def _without_target(text: str, queue: str, name: str) -> str:
    document = toml.parsed(text)
    targets = targets_of(document, queue)
    those = [at for at, one in enumerate(targets) if provider_of(one) == name]
    if not those:
        return text
    for at in reversed(those):
        del targets[at]
    if targets:
        return toml.spelt_out(text, document)
    without = without_block(text, f"queues.{queue}")
    if without != text:
        return without
    del section(document, "queues")[queue]
    return toml.spelt_out(text, document)


def with_keys(text: str, name: str, keys: Mapping[str, str | None]) -> str:
    """Return `text` with keys of a provider set to TOML values, or taken out where `None`.

    Raises:
        Impossible: There is no such provider, or a value is none of TOML.
        Unreadable: The text is no TOML.
    """
    document = toml.parsed(text)
    provider = _existing(document, name)[name]
    if not isinstance(provider, MutableMapping):
        raise Impossible(f"providers.{name} is no table")
    for key, spelling in keys.items():
        if spelling is None:
            provider.pop(key, None)
        else:
            provider[key] = _spelt(key, spelling)
    return toml.spelt_out(text, document)


def with_place(text: str, name: str, queue: str, place: Place) -> str:
    """Return `text` with a provider at another place of a queue, which it may not be in yet.

    Raises:
        Impossible: There is no such provider or queue, or it is there several times.
        Unreadable: The text is no TOML.
    """
    document = toml.parsed(text)
    _existing(document, name)
    targets = targets_of(document, queue)
    those = [at for at, one in enumerate(targets) if provider_of(one) == name]
    if len(those) > 1:
        raise Impossible(f"{name} is in queues.{queue} {len(those)} times: move it in the file")
    target: object = name
    if those:
        target = targets[those[0]]
        del targets[those[0]]
    targets.insert(min(max(place, 1) - 1, len(targets)), target)
    after = toml.spelt_out(text, document)
    if after.count("#") != text.count("#"):
        raise Impossible(f"queues.{queue} has remarks between its targets: move it in the file")
    return after


def _existing(document: tomlkit.TOMLDocument, name: str) -> MutableMapping[str, object]:
    found = section(document, "providers")
    if name not in found:
        names = ", ".join(found) or "none yet"
        raise Impossible(f"there is no provider {name}; there are: {names}")
    return found


def section(document: tomlkit.TOMLDocument, name: str) -> MutableMapping[str, object]:
    """Return a section; an empty one if there is none.

    Raises:
        Impossible: It is no table.
    """
    found = document.get(name, {})
    if not isinstance(found, MutableMapping):
        raise Impossible(f"{name} is no table")
    return found


def targets_of(document: tomlkit.TOMLDocument, queue: str) -> MutableSequence[object]:
    """Return the targets of a queue, whichever way it is written.

    Raises:
        Impossible: There is no such queue.
    """
    queues = section(document, "queues")
    found = queues.get(queue)
    if isinstance(found, MutableMapping):
        found = found.get("targets")
    if not isinstance(found, MutableSequence):
        names = ", ".join(queues) or "none yet"
        raise Impossible(f"there is no queue {queue}; there are: {names}")
    return found


def provider_of(target: object) -> object:
    """Return the provider that a target names, whichever way it is written."""
    return target.get("provider") if isinstance(target, Mapping) else target


def value_of(key: str, spelling: str) -> Value:
    """Return what is written as TOML; a bare word is a text, as people write it in a shell.

    Raises:
        Impossible: It is neither.
    """
    found: Value = _spelt(key, spelling).unwrap()
    return found


def _spelt(key: str, spelling: str) -> Item:
    """Return what is written as TOML; a bare word is a text, as people write it in a shell."""
    try:
        return tomlkit.value(spelling)
    except TOMLKitError:
        if spelling.startswith(("[", "{", '"', "'")):
            raise Impossible(f"{key}: {spelling} is no value of TOML, want one") from None
        return tomlkit.item(spelling)


def _item(value: Value) -> Item:
    made = tomlkit.item(value)
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return made
