"""`pointsman config import`: what another tool's file has, added to ours."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import typer

from proxy.cli.config_edits import Change, planned
from proxy.cli.tables import safe
from proxy.config.adding import Addition, with_setup
from proxy.editing import files
from proxy.errors import SetupError
from proxy.formats.registry import FORMATS, READ, recognised
from proxy.formats.setup import Loss, Malformed, Read, Setup

_LINK: Final = "ccswitch:"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says.

    Attributes:
        source: A file, `-` for standard input, or a deep link.
        form: The name of its format; `None` to find out.
        prefix: What every new provider's name begins with.
        queues: Which queues the new ones go to, instead of those that the file says.
        replaces: Whether providers that are there go for those of the same name.
        first: Whether the new ones are asked first.
    """

    source: str
    form: str | None = None
    prefix: str = ""
    queues: tuple[str, ...] = ()
    replaces: bool = False
    first: bool = False


class LossLine(msgspec.Struct, frozen=True):
    """One thing that could not be carried."""

    at: str
    line: int | None
    what: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints."""

    form: str
    path: str
    written: bool
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    queues: tuple[str, ...]
    renamed: Mapping[str, str]
    losses: tuple[LossLine, ...]


def take(config: Path | None, asked: Asked, *, only_say: bool, as_json: bool) -> None:
    """Add what a file of another tool has to the configuration; all of it at once, or nothing.

    Raises:
        SetupError: Either file cannot be used, and why.
    """
    form, read = _read(asked)
    found: list[Addition] = []

    def change(text: str) -> str:
        found.append(with_setup(text, read.setup, replaces=asked.replaces, first=asked.first))
        return found[-1].text

    plan = planned(config, change, may_be_new=True)
    is_new = plan.after != plan.before
    if is_new and not only_say:
        plan.make()
    if as_json:
        done = is_new and not only_say
        typer.echo(msgspec.json.encode(_result(form, plan, found[-1], read, written=done)))
        return
    for line in _lines(form, plan, found[-1], read, only_say=only_say):
        typer.echo(safe(line))


def _read(asked: Asked) -> tuple[str, Read]:
    name = "the link" if asked.source.startswith(_LINK) else asked.source
    try:
        text = _text(asked.source)
        form = asked.form or _form(name, text)
        reads = FORMATS[form].read if form in READ else None
        if reads is None:
            raise SetupError(f"--from {form}: no such format, want one of {', '.join(READ)}")
        read = reads(text)
    except Malformed as error:
        place = name if error.line is None else f"{name}:{error.line}"
        raise SetupError(f"{place}: {error}\nnothing was changed") from error
    if not read.setup.providers:
        said = [f"{name}: found no provider that can be carried", *map(str, read.losses)]
        raise SetupError("\n".join([*said, "nothing was changed"]))
    return form, replace(read, setup=_placed(read.setup, asked))


def _text(source: str) -> str:
    if source.startswith(_LINK):
        return source
    if source == "-":
        return sys.stdin.read()
    path = Path(source)
    content = files.content(path)
    if content is None:
        raise SetupError(f"{path}: found no file, want one of another tool, or a ccswitch:// link")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SetupError(f"{path}: byte {error.start} is not UTF-8, want a text file") from error


def _form(name: str, text: str) -> str:
    found = recognised(text)
    if len(found) == 1:
        return found[0]
    if found:
        known = " or ".join(found)
        raise SetupError(f"{name}: it could be of {known}; say which with --from")
    raise SetupError(
        f"{name}: found the file of no tool that is known here, want one of {', '.join(READ)}; "
        "say which with --from"
    )


def _placed(setup: Setup, asked: Asked) -> Setup:
    """Return it with the names and the queues that the command line wants."""
    names = {one.name: f"{asked.prefix}{one.name}" for one in setup.providers}
    providers = tuple(replace(one, name=names[one.name]) for one in setup.providers)
    queues = {
        queue: tuple(replace(one, provider=names[one.provider]) for one in targets)
        for queue, targets in setup.queues.items()
    }
    if not asked.queues:
        return replace(setup, providers=providers, queues=queues)
    every = tuple(dict.fromkeys(one for targets in queues.values() for one in targets))
    return Setup(providers=providers, queues=dict.fromkeys(asked.queues, every))


def _result(form: str, plan: Change, addition: Addition, read: Read, *, written: bool) -> Imported:
    return Imported(
        form=form,
        path=str(plan.path),
        written=written,
        added=addition.added,
        replaced=addition.replaced,
        kept=addition.kept,
        queues=addition.queues,
        renamed=read.renamed,
        losses=tuple(LossLine(one.at, one.line, one.what) for one in read.losses),
    )


def _lines(
    form: str, plan: Change, addition: Addition, read: Read, *, only_say: bool
) -> Iterator[str]:
    count = len(read.setup.providers)
    yield f"{FORMATS[form].title}: {count} provider{'' if count == 1 else 's'}"
    for before, after in read.renamed.items():
        yield f"  {before} is called {after}"
    yield from loss_lines(read.losses, "not carried as it is:")
    if only_say:
        yield from plan.difference()
    if addition.kept:
        yield f"there already, and left as they are: {', '.join(addition.kept)}"
        yield "  --replace takes them anew, --prefix TEXT adds them under other names"
    if plan.after == plan.before:
        yield "nothing to add"
    elif not only_say:
        yield from _done(plan, addition)


def _done(plan: Change, addition: Addition) -> Iterator[str]:
    for word, names in (("added", addition.added), ("replaced", addition.replaced)):
        if names:
            yield f"{word} {', '.join(names)}: {plan.path}"
    asked = ", ".join(addition.queues)
    yield f"asked by {asked}" if asked else "in no queue yet: pointsman providers move NAME QUEUE 1"
    yield "take it back with: pointsman config undo"


def loss_lines(losses: tuple[Loss, ...], title: str) -> list[str]:
    """Return a line for each loss, under a title if there are any."""
    return [title, *(f"  {one}" for one in losses)] if losses else []
