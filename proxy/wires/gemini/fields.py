"""A JSON object of a request, read key by key.

The vendor's own SDK mixes camelCase and snake_case, even within one object, so each key is known by
its camelCase spelling. What nobody takes is a loss: `lose_rest` names it. What holds a client's own
keys (arguments, results, schemas) is taken as `raw`, byte for byte.
"""

from typing import TypeVar

import msgspec

from proxy.canonical.request import Loss
from proxy.errors import ClientError
from proxy.wire import ABSENT, decoded

Shape = TypeVar("Shape")

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
_texts = msgspec.json.Decoder(list[str])
_flag = msgspec.json.Decoder(bool)
# Numbers may come as text, as protocol buffers write long ones, and integers as 40.0.
_number = msgspec.json.Decoder(float, strict=False)
_integer = msgspec.json.Decoder(int, strict=False)
UNKNOWN = "not known"


class Fields:
    """The keys of one object, each to be taken once.

    Args:
        raw: The object.
        path: Where it stands in the request.
        losses: Where to say what could not be carried.
    """

    __slots__ = ("_raws", "losses", "path")

    def __init__(self, raw: msgspec.Raw | bytes, path: str, losses: list[Loss]) -> None:
        self.path = path
        self.losses = losses
        raws = _need(_object, raw, path or "the request body", "an object")
        self._raws = {_camel(key) if "_" in key else key: value for key, value in raws.items()}

    def raw(self, name: str) -> msgspec.Raw | None:
        """Take `name` as it is; `None` if it is absent or null."""
        found = self._raws.pop(name, None)
        return None if found is None or bytes(found) in ABSENT else found

    def text(self, name: str) -> str | None:
        """Take a text."""
        return self._shaped(_text, name, "a text")

    def texts(self, name: str) -> list[str] | None:
        """Take a list of texts."""
        return self._shaped(_texts, name, "a list of texts")

    def flag(self, name: str) -> bool | None:
        """Take a true or false."""
        return self._shaped(_flag, name, "true or false")

    def number(self, name: str) -> float | None:
        """Take a number."""
        return self._shaped(_number, name, "a number")

    def integer(self, name: str) -> int | None:
        """Take an integer."""
        return self._shaped(_integer, name, "an integer")

    def inner(self, name: str) -> "Fields | None":
        """Take an object."""
        raw = self.raw(name)
        return None if raw is None else Fields(raw, self.at(name), self.losses)

    def each(self, name: str) -> "list[Fields]":
        """Take a list of objects; an absent one is empty."""
        raws = self._shaped(_list, name, "a list")
        place = self.at(name)
        return [Fields(raw, f"{place}[{n}]", self.losses) for n, raw in enumerate(raws or ())]

    def lose(self, name: str, why: str, what: str | None = None) -> None:
        """Take `name` and say that it is lost."""
        if self.raw(name) is not None:
            self.losses.append(Loss(self.at(name), what or name, why))

    def lose_all(self, why: str, what: str) -> None:
        """Say that the object itself is lost."""
        self.losses.append(Loss(self.path, what, why))

    def lose_rest(self) -> None:
        """Say that what nobody took is lost."""
        for name in self.left():
            self.lose(name, UNKNOWN)

    def left(self) -> list[str]:
        """Name the keys that nobody took."""
        return list(self._raws)

    def at(self, name: str) -> str:
        """Return the path of `name`."""
        return f"{self.path}.{name}" if self.path else name

    def _shaped(self, decoder: msgspec.json.Decoder[Shape], name: str, wanted: str) -> Shape | None:
        raw = self.raw(name)
        return None if raw is None else _need(decoder, raw, self.at(name), wanted)


def wrong(path: str, wanted: str) -> ClientError:
    """Return the error that says what was wanted at `path`."""
    return ClientError(400, f"The request cannot be used: {path} must be {wanted}")


def _need(
    decoder: msgspec.json.Decoder[Shape], raw: msgspec.Raw | bytes, path: str, wanted: str
) -> Shape:
    value = decoded(decoder, raw)
    if value is None:
        raise wrong(path, wanted)
    return value


def _camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)
