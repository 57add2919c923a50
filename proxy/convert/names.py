"""Names of tools as a provider takes them, and the way back from its answer.

A name that fits is sent as it is. Another one is sent as its readable beginning and a hash of the
original, so that it is the same on every turn whatever else is on offer: prompt caches stay warm.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from proxy.canonical.answer import Answer, Began, Ended, Event, Finished, Piece
from proxy.canonical.parts import Part, ToolCall
from proxy.codec import ToolRules
from proxy.wire import decoded

_HASH_BYTES = 5
# A name that fits but looks like one of ours is replaced too: so no two originals can meet.
_REPLACED = re.compile(r"_h[0-9a-f]{10}\Z")
_SUFFIX_CHARS = len("_h") + 2 * _HASH_BYTES
# Not every wire lets a name begin with a digit or a hyphen; none minds that others do not either.
_BEGINNING = re.compile(r"[A-Za-z_]")


class _Input(msgspec.Struct):
    """The arguments of a free-form tool that is offered as a function."""

    input: str


_input = msgspec.json.Decoder(_Input)


@dataclass(frozen=True, slots=True)
class ToolName:
    """What identifies a tool: its name, and the group it is in."""

    name: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """What the client calls a tool; `wrapped` if its free-form input is sent as JSON."""

    name: ToolName
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one request: sent ones to the client's own. Unknown ones stay as they are."""

    _originals: Mapping[ToolName, Original] = field(default_factory=dict)

    def restored_answer(self, answer: Answer) -> Answer:
        """Return `answer` with its calls as the client knows the tools."""
        ids = _Ids()
        parts = tuple(self._restored_part(part, ids) for part in answer.parts)
        return msgspec.structs.replace(answer, parts=parts)

    def restorer(self) -> "Restorer":
        """Return what does the same for one stream."""
        return Restorer(self)

    def original(self, call: ToolCall) -> Original | None:
        """Return what the client calls the tool that is called; `None` if it is not known."""
        return self._originals.get(ToolName(call.name, call.namespace))

    def _restored_part(self, part: Part, ids: "_Ids") -> Part:
        if not isinstance(part, ToolCall):
            return part
        part = ids.told_apart(part)
        if (original := self.original(part)) is None:
            return part
        call = renamed(part, original.name)
        if not original.wrapped or part.custom:
            return call
        return msgspec.structs.replace(call, custom=True, arguments=unwrapped(part.arguments))


class Restorer:
    """Restores the calls of one stream; the pieces of a wrapped one wait until it has ended."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._ids = _Ids()
        self._held: dict[int, list[str]] = {}

    def restored(self, event: Event) -> list[Event]:
        """Return what the client is to see of `event`, at this point."""
        match event:
            case Began(index=index, part=ToolCall() as call):
                return [Began(index=index, part=self._begun(index, call))]
            case Piece(index=index, text=text) if index in self._held:
                self._held[index].append(text)
                return []
            case Ended(index) if index in self._held:
                return [*self._released(index), event]
            case Finished() if self._held:
                return [
                    *(piece for index in [*self._held] for piece in self._released(index)),
                    event,
                ]
        return [event]

    def _begun(self, index: int, call: ToolCall) -> ToolCall:
        call = self._ids.told_apart(call)
        original = self._names.original(call)
        if original is None:
            return call
        if not original.wrapped or call.custom:
            return renamed(call, original.name)
        self._held[index] = [call.arguments]
        return msgspec.structs.replace(renamed(call, original.name), custom=True, arguments="")

    def _released(self, index: int) -> list[Event]:
        text = unwrapped("".join(self._held.pop(index)))
        return [Piece(index=index, text=text)] if text else []


class _Ids:
    """The ids of one answer's calls: some servers give all the same, and clients go by them."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._times: dict[str, int] = {}

    def told_apart(self, call: ToolCall) -> ToolCall:
        """Return `call`, by an id that no other has."""
        unique = call.id
        while unique in self._taken:
            self._times[call.id] = self._times.get(call.id, 1) + 1
            unique = f"{call.id}_{self._times[call.id]}"
        self._taken.add(unique)
        return call if unique == call.id else msgspec.structs.replace(call, id=unique)


def names_for(originals: Iterable[Original], rules: ToolRules) -> Mapping[ToolName, ToolName]:
    """Return the name to send for each of the `originals`, which differ in their names.

    Only where a flattened name meets another tool's does it get its hash as well: it is the one
    case in which a name depends on what else is there.
    """
    names = dict.fromkeys(original.name for original in originals)
    sent = {name: _sent(name, rules) for name in names}
    times = Counter(sent.values())
    return {
        name: _hashed(name, rules) if _flattened(name, rules) and times[one] > 1 else one
        for name, one in sent.items()
    }


def renamed(call: ToolCall, name: ToolName) -> ToolCall:
    """Return `call` as one of the tool `name`."""
    return msgspec.structs.replace(call, name=name.name, namespace=name.namespace)


def wrapped(text: str) -> str:
    """Return the free-form input `text` as the arguments of a function."""
    return msgspec.json.encode(_Input(text)).decode()


def unwrapped(arguments: str) -> str:
    """Return the opposite; a model that did not keep to the schema is taken at its word."""
    read = decoded(_input, arguments)
    if read is not None:
        return read.input
    return "" if arguments.strip() == "{}" else arguments


def _sent(name: ToolName, rules: ToolRules) -> ToolName:
    text = _text(name, rules)
    fits = (
        len(text) <= rules.max_name_chars
        and re.fullmatch(f"[{rules.name_chars}]+", text)
        and _BEGINNING.match(text)
        and not _REPLACED.search(text)
    )
    return ToolName(text, _kept(name, rules)) if fits else _hashed(name, rules)


def _hashed(name: ToolName, rules: ToolRules) -> ToolName:
    clean = re.sub(f"[^{rules.name_chars}]", "_", _text(name, rules))
    if not _BEGINNING.match(clean):
        clean = f"_{clean}"
    original = f"{name.namespace or ''}\0{name.name}".encode(errors="surrogatepass")
    digest = hashlib.blake2b(original, digest_size=_HASH_BYTES).hexdigest()
    text = f"{clean[: rules.max_name_chars - _SUFFIX_CHARS]}_h{digest}"
    return ToolName(text, _kept(name, rules))


def _text(name: ToolName, rules: ToolRules) -> str:
    return f"{name.namespace}__{name.name}" if _flattened(name, rules) else name.name


def _kept(name: ToolName, rules: ToolRules) -> str | None:
    return name.namespace if rules.namespaces else None


def _flattened(name: ToolName, rules: ToolRules) -> bool:
    return name.namespace is not None and not rules.namespaces
