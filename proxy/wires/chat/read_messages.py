"""From messages to turns."""

from collections.abc import Iterable

from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Role, Turn
from proxy.errors import ClientError
from proxy.wire import ABSENT, EMPTY
from proxy.wires.chat.calls import read_call
from proxy.wires.chat.content import read_content
from proxy.wires.chat.conversation import CallJson, MessageJson

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user"}


class MessagesReader:
    """Reads one list of messages, in order; it remembers the calls for their results."""

    def __init__(self, losses: list[Loss]) -> None:
        self._losses = losses
        self._turns: list[Turn] = []
        self._results: list[Part] = []
        self._custom: set[str] = set()
        self._retired: dict[str, str] = {}  # function to id of its last `function_call`

    def read(self, messages: Iterable[MessageJson]) -> tuple[Turn, ...]:
        """Return the turns that `messages` say; one that says nothing is left out.

        Raises:
            ClientError: 400, an unknown role, or a result of no call.
        """
        for index, message in enumerate(messages):
            path = f"messages[{index}]"
            self._note_losses(message, path)
            if message.role in {"tool", "function"}:
                self._results.append(self._read_result(message, path))
                continue
            self._close_results()
            if message.role == "assistant":
                self._say("assistant", self._read_assistant(message, index))
            elif message.role in _ROLES:
                said = read_content(message.content, path, self._losses)
                self._say(_ROLES[message.role], self._without_refusals(said, path))
            else:
                raise ClientError(400, f"{path}.role: there is no role {message.role!r}")
        self._close_results()
        return tuple(self._turns)

    def _say(self, role: Role, parts: Iterable[Part]) -> None:
        if whole := tuple(parts):
            self._turns.append(Turn(role=role, parts=whole))

    def _close_results(self) -> None:
        self._say("user", self._results)
        self._results = []

    def _note_losses(self, message: MessageJson, path: str) -> None:
        if message.name and message.role != "function":
            self._losses.append(Loss(f"{path}.name", "name", "other wires name no participants"))
        if bytes(message.audio) not in ABSENT:
            self._losses.append(Loss(f"{path}.audio", "audio", "known to its own provider alone"))
        if bytes(message.annotations) not in EMPTY:
            path = f"{path}.annotations"
            self._losses.append(Loss(path, "annotations", "only the text goes on"))

    def _read_assistant(self, message: MessageJson, index: int) -> list[Part]:
        path = f"messages[{index}]"
        thought = thought_of(message.reasoning_content, message.reasoning)
        parts: list[Part] = [Thinking(text=thought)] if thought else []
        parts += read_content(message.content, path, self._losses)
        if message.refusal:
            parts.append(Refusal(text=message.refusal))
        calls = list(message.tool_calls or ())
        if message.function_call is not None:
            spare = f"call_{index}"
            self._retired[message.function_call.name or ""] = spare
            calls.append(CallJson(id=spare, function=message.function_call))
        for position, call in enumerate(calls):
            self._add_call(parts, read_call(call, f"call_{index}_{position}"), path, position)
        return parts

    def _add_call(self, parts: list[Part], call: ToolCall | None, path: str, position: int) -> None:
        if call is None:
            where = f"{path}.tool_calls[{position}]"
            self._losses.append(Loss(where, "tool call", "unknown type of call, or no name"))
            return
        if call.custom:
            self._custom.add(call.id)
        parts.append(call)

    def _read_result(self, message: MessageJson, path: str) -> ToolResult:
        name = message.name if message.role == "function" else None
        call_id = message.tool_call_id or self._retired.get(name or "")
        if call_id is None:
            raise ClientError(400, f"{path}.tool_call_id: missing; of which call is it the result?")
        said = read_content(message.content, path, self._losses)
        return ToolResult(
            call_id=call_id,
            parts=tuple(self._without_refusals(said, path)),
            name=name,
            custom=call_id in self._custom,
        )

    def _without_refusals(
        self, parts: Iterable[Text | Media | Refusal], path: str
    ) -> Iterable[Text | Media]:
        for part in parts:
            if isinstance(part, Refusal):
                self._losses.append(Loss(f"{path}.content", "refusal", "only a model refuses"))
            else:
                yield part


def thought_of(*said: object) -> str:
    """Return the first text among the fields that may hold reasoning, empty if there is none."""
    return next((text for text in said if isinstance(text, str) and text), "")
