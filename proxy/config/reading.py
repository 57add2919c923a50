"""From a file to `Settings`, or to everything that is wrong with it at once."""

import os
import re
import shlex
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Final

import platformdirs

from proxy.config import ledger
from proxy.config.activations import activations
from proxy.config.ledger_tables import LedgerTable
from proxy.config.network import network
from proxy.config.pricing import pricing
from proxy.config.problems import Problem, Wrong
from proxy.config.providers import upstreams
from proxy.config.sections import Sections
from proxy.config.settings import Address, Listen, Settings, digest
from proxy.config.variables import expanded, has_variable
from proxy.errors import ConfigError
from proxy.ledger.keep import Keep
from proxy.ledger.lake.address import Store
from proxy.ledger.storing import Storing
from proxy.price_list import Pricing
from proxy.sharing.state import state_at

_PLACE = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)
_FROM_FILE: Final = Listen()
_HERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what is everywhere is here


def config_path(given: Path | None, env: Mapping[str, str]) -> Path:
    """Return which file to read: the one given, or POINTSMAN_CONFIG, or the system's place."""
    if given is not None:
        return given
    named = env.get("POINTSMAN_CONFIG")
    if named:
        return Path(named)
    return platformdirs.user_config_path("pointsman", appauthor=False) / "pointsman.toml"


def config_file(given: Path | None, env: Mapping[str, str]) -> Path | None:
    """Return the file to read; `None` if nobody named one and the usual place has none."""
    path = config_path(given, env)
    is_chosen = given is not None or "POINTSMAN_CONFIG" in env
    return path if is_chosen or path.exists() else None


def starter() -> str:
    """Return a commented configuration that works once its variables are set."""
    return resources.files("proxy.config").joinpath("starter.toml").read_text("utf-8")


def load(path: Path, env: Mapping[str, str], listen: Listen = _FROM_FILE) -> Settings:
    """Read the configuration in `path`.

    Args:
        path: A TOML file.
        env: What `${NAME}` stands for.
        listen: Where to listen instead of where the file says.

    Raises:
        ConfigError: It cannot be used; one line for each reason.
    """
    settings, problems = checked(_parsed(path), path, env, listen)
    if settings is None or problems:
        raise _error(path, problems, listen)
    return settings


def checked(
    raw: Mapping[str, object], path: Path, env: Mapping[str, str], listen: Listen = _FROM_FILE
) -> tuple[Settings | None, list[Problem]]:
    """Return what the tables of a file come to, or everything that is wrong with them.

    Args:
        raw: What `path` has in it, or what stands for that.
        path: A relative ledger folder is relative to its folder.
        env: What `${NAME}` stands for.
        listen: Where to listen instead of where the file says.
    """
    sections = Sections(raw, env, listen, path.parent)
    sections.unknown()
    server, written, routing = sections.server(), sections.ledger(), sections.routing()
    providers = upstreams(sections, server)
    routed, timed = network(sections, server, providers), activations(sections, providers)
    pricing(sections)  # only the analysis uses it, and reads it itself; here its slips are told
    if server is None or written is None or routing is None or sections.problems:
        return None, sections.problems
    settings = Settings(
        host=server.host,
        port=server.port if listen.port is None else listen.port,
        workers=server.workers,
        max_body_bytes=server.max_body_mib * 1024 * 1024,
        client_keys={name: expanded(text, env) for name, text in server.client_keys.items()},
        allowed_hosts=tuple(server.allowed_hosts),
        ledger_folder=ledger.folder_of(path, written),
        ledger_lake=ledger.lake_of(path, written, env),
        ledger_keep=ledger.keep_of(written),
        ledger_writing=ledger.writing_of(written),
        ledger_storing=Storing(written.bodies, written.body_max_kib),
        routing_state=None if routing.state is None else state_at(expanded(routing.state, env)),
        network=routed,
        activations=timed,
        config_hash="",
        path=path,
        warnings=_warnings(path, sections),
    )
    return replace(settings, config_hash=digest(settings)), []


def ledger_store(path: Path | None, env: Mapping[str, str]) -> Store:
    """Return the ledger that the file in `path` says, looking at nothing else in it.

    Whoever only reads the ledger has no use for keys, and so for no variable but the ledger's.

    Args:
        path: A TOML file, or `None` for the folder where no file says another.
        env: What `${NAME}` stands for.

    Raises:
        ConfigError: The file cannot be read, or its `[ledger]` cannot be used.
    """
    return ledger.store_of(Path() if path is None else path, _ledger(path, env), env)


def ledger_keep(path: Path | None, env: Mapping[str, str]) -> Keep:
    """Return how much of the ledger is kept by the file in `path`, looking at nothing else in it.

    Args:
        path: A TOML file, or `None` for where no file says anything.
        env: What `${NAME}` stands for.

    Raises:
        ConfigError: The file cannot be read, or its `[ledger]` cannot be used.
    """
    return ledger.keep_of(_ledger(path, env))


def prices(path: Path | None) -> Pricing:
    """Return what the file in `path` says of prices, looking at nothing else in it.

    Args:
        path: A TOML file, or `None` for list prices.

    Raises:
        ConfigError: The file cannot be read, or its `[pricing]` cannot be used.
    """
    sections = Sections({} if path is None else _parsed(path), {}, _FROM_FILE)
    found = pricing(sections)
    if sections.problems:
        raise _error(Path() if path is None else path, sections.problems, _FROM_FILE)
    return found


def address(path: Path | None, env: Mapping[str, str]) -> Address:
    """Return where the proxy of the file in `path` listens, looking only at its `[server]`.

    Whoever commands a proxy that runs has no use for providers' keys, and needs one client key.

    Args:
        path: A TOML file, or `None` for where no file says another.
        env: What `${NAME}` stands for.

    Raises:
        ConfigError: The file cannot be read, or its `[server]` cannot be used.
    """
    file = Path() if path is None else path
    sections = Sections(
        {} if path is None else _with_known_keys(_parsed(path), env), env, _FROM_FILE
    )
    server = sections.server()
    if server is None:
        raise _error(file, sections.problems, _FROM_FILE)
    keys = [expanded(text, env) for text in server.client_keys.values()]
    return Address(_HERE.get(server.host, server.host), server.port, next(iter(keys), None))


def _with_known_keys(raw: Mapping[str, object], env: Mapping[str, str]) -> Mapping[str, object]:
    """Return `raw` without client keys whose variables are not set here, if any of them are."""
    server = raw.get("server")
    keys = server.get("client_keys") if isinstance(server, dict) else None
    if not isinstance(server, dict) or not isinstance(keys, dict):
        return raw
    known = {name: text for name, text in keys.items() if _is_known(text, env)}
    return {**raw, "server": {**server, "client_keys": known or keys}}


def _is_known(text: object, env: Mapping[str, str]) -> bool:
    try:
        return not isinstance(text, str) or bool(expanded(text, env))
    except Wrong:
        return False


def _ledger(path: Path | None, env: Mapping[str, str]) -> LedgerTable:
    sections = Sections({} if path is None else _parsed(path), env, _FROM_FILE)
    table = sections.ledger()
    if table is None:
        raise _error(Path() if path is None else path, sections.problems, _FROM_FILE)
    return table


def _parsed(path: Path) -> Mapping[str, object]:
    """Return the TOML in `path` as its plain tables."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        command = shlex.join(["pointsman", "config", "init", "--config", str(path)])
        raise ConfigError(f"{path}: found no file, want one; make it with: {command}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        found = f"a byte that is not UTF-8 at offset {error.start}"
        raise ConfigError(f"{path}: found {found}, want a text file in UTF-8") from error
    except RecursionError:
        raise ConfigError(f"{path}: found too many brackets in each other, want TOML") from None
    except ValueError as error:  # of tomllib, and of int() where a number is too long
        raise ConfigError(_syntax(path, str(error))) from error


def _syntax(path: Path, message: str) -> str:
    place = _PLACE.fullmatch(message)
    if place is None:
        return f"{path}: invalid TOML: {message}"
    return f"{path}:{place['line']}:{place['column']}: invalid TOML: {place['what']}"


def _error(path: Path, problems: Sequence[Problem], listen: Listen) -> ConfigError:
    """Return all problems as one error, a line each, told where their cause was typed."""
    lines = [
        f"--host: found {problem.found}, want {problem.want}"
        if listen.host is not None and problem.key == ("server", "host")
        else problem.line(str(path))
        for problem in problems
    ]
    return ConfigError("\n".join(lines))


def _warnings(path: Path, sections: Sections) -> tuple[str, ...]:
    """Say what is allowed but unwise."""
    said = tuple(f"{path}: {text}" for text in sections.warnings)
    if os.name != "posix" or all(has_variable(text) for text in sections.key_texts):
        return said
    try:
        mode = path.stat().st_mode
    except OSError:  # an editor puts another file in its place: then that one is read soon
        return said
    if not mode & (stat.S_IRGRP | stat.S_IROTH):
        return said
    command = shlex.join(["chmod", "600", str(path)])
    return (*said, f"{path}: other users can read it, and it holds a key; do: {command}")
