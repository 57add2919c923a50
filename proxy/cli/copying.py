"""`pointsman copy`: what to paste into a client, printed, and on the clipboard if wanted."""

import base64
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import typer

from proxy.cli.takeover import wanted
from proxy.config import config_file
from proxy.config.leaving import leaving
from proxy.editing import files
from proxy.editing.formats import FORMATS
from proxy.errors import SetupError
from proxy.formats.setup import Setup
from proxy.takeover.app import AppFile, Surroundings, Wanted
from proxy.takeover.taking import APPS as TAKEN

_SUFFIX: Final = {"claude": "", "codex": "/v1", "gemini": "", "openai": "/v1"}
APPS: Final = tuple(_SUFFIX)
WHAT: Final = ("url", "token", "settings", "model")
_MODEL_WORD: Final = {"claude": "/model", "codex": "codex -m", "gemini": "gemini -m", "openai": ""}
_IN_PLACE: Final = "CLIENT-KEY"
_TOOLS: Final = (
    ("pbcopy",),
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--input", "--clipboard"),
    ("clip.exe",),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says; `with_token` is about `settings`."""

    what: str
    app: str = "claude"
    name: str | None = None
    with_token: bool = False
    clipboard: bool = False


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints; `clipboard` is how it went there, `None` if it did not."""

    what: str
    app: str
    text: str
    clipboard: str | None


def copy(config: Path | None, url: str | None, asked: Asked, *, as_json: bool) -> None:
    """Print what is wanted.

    Raises:
        SetupError: There is no such thing or app, or nothing to copy.
    """
    for word, known in ((asked.what, WHAT), (asked.app, APPS)):
        if word not in known:
            raise SetupError(f"{word}: no such thing to copy, want one of {', '.join(known)}")
    text = _text(config, url, asked)
    way = _to_clipboard(text) if asked.clipboard else None
    if as_json:
        made = Copied(what=asked.what, app=asked.app, text=text, clipboard=way)
        typer.echo(msgspec.json.encode(made))
        return
    typer.echo(text)
    if asked.what == "settings" and _IN_PLACE in text:
        typer.echo(f"in the place of {_IN_PLACE}: pointsman copy token", err=True)
    if way is not None:
        typer.echo(f"copied with {way}", err=True)


def _text(config: Path | None, url: str | None, asked: Asked) -> str:
    where = wanted(config, url)
    match asked.what:
        case "url":
            return f"{where.url}{_SUFFIX[asked.app]}"
        case "token":
            return where.token
        case "settings":
            is_secret = where.is_checked and not asked.with_token
            shown = Wanted(where.url, _IN_PLACE, is_checked=True) if is_secret else where
            return "\n".join(_settings(asked.app, shown))
        case _:
            name = asked.name or _model(config, asked.app)
            return f"{_MODEL_WORD[asked.app]} {name}".strip()


def _settings(app: str, where: Wanted) -> Iterator[str]:
    """Yield the lines that `takeover` would write into files that are empty."""
    if app == "openai":
        yield f"OPENAI_BASE_URL={where.url}/v1"
        yield f"OPENAI_API_KEY={where.token}"
        return
    found = TAKEN[app].files(Surroundings(Path("~"), Path("~"), {}), where)
    for one in found:
        if len(found) > 1:
            yield f"# {one.path}"
        yield _filled(one).rstrip("\n")


def _filled(file: AppFile) -> str:
    form = FORMATS[file.kind]
    text = ""
    for edit in file.edits(text):
        if edit.value is not None:
            text = form.put(text, edit.path, form.spelt(edit.path, edit.value))
    return text


def _model(config: Path | None, app: str) -> str:
    """Return the first model that a provider of the app's queue has by name."""
    path = config_file(config, os.environ)
    content = None if path is None else files.content(path)
    setup = _setup(path, content)
    providers = {one.name: one for one in setup.providers}
    for target in setup.queues.get(app, ()):
        one = providers[target.provider]
        known = (*one.rename, *one.models)
        found = next((name for name in known if "*" not in name), None)
        if found is not None:
            return found
    raise SetupError(
        f"no provider of the queue {app} names a model, want one: pointsman copy model NAME"
    )


def _setup(path: Path | None, content: bytes | None) -> Setup:
    if content is None:
        return Setup()
    try:
        raw: Mapping[str, object] = tomllib.loads(content.decode("utf-8-sig"))
        return leaving(raw, os.environ, with_secrets=False).setup
    except ValueError as error:  # of tomllib, of a codec, of pydantic
        raise SetupError(f"{path}: cannot be used; see: pointsman config check") from error


def _to_clipboard(text: str) -> str:
    """Put a text on the clipboard, and return how.

    Raises:
        SetupError: There is no way.
    """
    for words in _TOOLS:
        if shutil.which(words[0]) is None:
            continue
        done = subprocess.run(words, input=text.encode(), check=False, timeout=5)  # noqa: S603  # one of ours
        if done.returncode == 0:
            return words[0]
    try:
        with Path("/dev/tty").open("wb") as terminal:
            # OSC 52: many terminals take it, also over SSH.
            terminal.write(b"\x1b]52;c;" + base64.b64encode(text.encode()) + b"\x07")
    except OSError:
        names = ", ".join(words[0] for words in _TOOLS)
        raise SetupError(f"found no clipboard, want a terminal or one of {names}") from None
    return "the terminal"
