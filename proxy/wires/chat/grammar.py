"""The form of a free-form tool's input: nested on this wire, flat in the middle."""

import msgspec
from msgspec import Raw

from proxy.canonical.request import Loss
from proxy.wire import ABSENT, decoded


class GrammarJson(msgspec.Struct):
    """A form; a few servers take it flat, without the inner object."""

    type: str | None = None
    grammar: "GrammarJson | None" = None
    definition: str | None = None
    syntax: str | None = None


class Flat(msgspec.Struct, tag_field="type", tag="grammar"):
    """A form in the middle."""

    definition: str
    syntax: str


class RulesOut(msgspec.Struct):
    """The rules of a form."""

    definition: str
    syntax: str


class GrammarOut(msgspec.Struct, tag_field="type", tag="grammar"):
    """A form, for a provider."""

    grammar: RulesOut


_form = msgspec.json.Decoder(GrammarJson)
_flat = msgspec.json.Decoder(Flat)


def read_grammar(raw: Raw, path: str, losses: list[Loss]) -> str | None:
    """Return the form at `path` as the middle has it; `None` if any text will do."""
    if bytes(raw) in ABSENT:
        return None
    said = decoded(_form, raw)
    if said is not None and said.type == "text":
        return None
    rules = said if said is None or said.grammar is None else said.grammar
    if rules is None or rules.definition is None or rules.syntax is None:
        losses.append(Loss(path, "grammar", "of an unknown shape"))
        return None
    return msgspec.json.encode(Flat(rules.definition, rules.syntax)).decode()


def write_grammar(text: str, path: str, losses: list[Loss]) -> GrammarOut | None:
    """Return the form for a provider; `None` if it is of an unknown shape."""
    said = decoded(_flat, text)
    if said is None:
        losses.append(Loss(path, "grammar", "of an unknown shape"))
        return None
    return GrammarOut(RulesOut(said.definition, said.syntax))
