"""The way to a log that Redis or Valkey keeps, for workers of several hosts.

    pointsman:1:log     a stream: what everybody tells and calls, in the order in which it came
    pointsman:1:known   "ID JSON": what was known up to that entry; whoever comes begins with it

The number is the version of what is known: another one is another group.

No request waits for it: what cannot be told is pending until it can. The client is `redis-py`,
of the extra `cluster`.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, Self, cast

from proxy.errors import SetupError
from proxy.sharing.link import Ear
from proxy.sharing.state import State
from proxy.steering.memory import VERSION

LOG: Final = f"pointsman:{VERSION}:log"
KNOWN: Final = f"pointsman:{VERSION}:known"
FIELD: Final = b"m"
MAX_ENTRIES: Final = 20_000  # of the stream: hours of what no newcomer needs
KEPT_S: Final = 7 * 86_400  # of both keys, after the last word
FIRST: Final = "0-0"
CONNECT_S: Final = 2.0
ANSWER_S: Final = 2.0
LISTEN_S: Final = 1.0
AGAIN_S: Final = (0.1, 0.5, 2.0)  # until the next try; the last one for ever
ALONE: Final = "each worker decides by what it learns itself"


Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Client(Protocol):
    """What is used of `redis.asyncio.Redis`, whose own types say less."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...
    async def get(self, name: str) -> bytes | None: ...
    async def set(self, name: str, value: bytes, *, ex: int, nx: bool = False) -> object: ...
    async def expire(self, name: str, time: int) -> object: ...
    async def xread(
        self, streams: dict[str, str], *, count: int, block: int | None
    ) -> list[tuple[bytes, Entries]]: ...
    async def xadd(
        self, name: str, fields: dict[bytes, bytes], *, maxlen: int, approximate: bool = True
    ) -> object: ...


class RedisLink:
    """A worker's two connections to Redis; `will` is what the log gets when the worker ends."""

    def __init__(self, state: State, will: bytes, say: Callable[[str], None]) -> None:
        """Prepare them.

        Raises:
            SetupError: The extra is not installed.
        """
        try:
            import redis.asyncio  # noqa: F401, PLC0415  # only who shares state needs it
        except ImportError as error:
            raise SetupError(
                f"[routing] state is {state.place}, which needs an extra that is not installed: "
                "pip install 'pointsman[cluster]'"
            ) from error
        self.place = state.place
        self.problem: str | None = f"{state.place} was not reached yet: {ALONE}"
        self._url = state.url
        self._will = will
        self._say = say
        self._said: str | None = None
        self._is_live = False
        self._seq = FIRST
        self._out: list[bytes] = []
        self._known: bytes | None = None  # to be kept there
        self._wanted = asyncio.Event()

    @property
    def seq(self) -> str:
        """Up to where the log was heard."""
        return self._seq

    def tell(self, line: bytes) -> None:
        """Tell the log a line."""
        self._put(b"+" + line)

    def call(self, notice: bytes) -> None:
        """Call something to all."""
        self._put(b"~" + notice)

    def base(self, seq: str, known: bytes) -> None:
        """Say what was known up to `seq`."""
        self._known = seq.encode() + b" " + known
        self._wanted.set()

    async def run(self, ear: Ear) -> None:
        """Hear the log until cancelled."""
        failures = 0
        while True:
            try:
                await self._heard(ear)
            except* _failures() as group:
                failures = 0 if self._is_live else failures + 1
                self._away(_why(_first(group)))
            finally:
                self._is_live = False
                ear.left()
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])

    async def _heard(self, ear: Ear) -> None:
        """Hear the log until something fails."""
        async with self._client() as reader, self._client() as writer:
            await self._begin(ear, reader)
            # What takes nothing is away, however well it can be read.
            await writer.xadd(LOG, {FIELD: b""}, maxlen=MAX_ENTRIES)
            self._back()
            for line in ear.live():
                self.tell(line)
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._write(writer))
                try:
                    while True:
                        await self._read(ear, reader, wait_s=LISTEN_S)
                except asyncio.CancelledError:
                    writing.cancel()
                    await self._farewell(reader)
                    raise

    async def _begin(self, ear: Ear, client: Client) -> None:
        """Take over what is known, and all that the log has since."""
        known = await client.get(KNOWN)
        if known is None:
            own = ear.joined(None)
            first = f"{FIRST} ".encode() + (own or b"")
            await client.set(KNOWN, first, nx=True, ex=KEPT_S)  # of several, one is right
            known = await client.get(KNOWN) or first
        seq, _, base = known.partition(b" ")
        ear.joined(base)
        self._seq = seq.decode()
        while await self._read(ear, client):
            pass

    async def _read(self, ear: Ear, client: Client, wait_s: float | None = None) -> bool:
        """Take what the log has; say if it was anything."""
        block = None if wait_s is None else round(wait_s * 1000)
        found = await client.xread({LOG: self._seq}, count=1000, block=block)
        entries = found[0][1] if found else []
        for entry_id, fields in entries:
            self._seq = entry_id.decode()
            self._take(ear, fields.get(FIELD, b"").split(b"\n"), is_new=wait_s is not None)
        return bool(entries)

    def _take(self, ear: Ear, messages: Sequence[bytes], *, is_new: bool) -> None:
        """Take the messages of an entry; what was called before we came is not for us."""
        lines = [message[1:] for message in messages if message[:1] == b"+"]
        if lines:
            ear.heard(lines)
        for message in messages if is_new else ():
            if message[:1] == b"~":
                ear.noticed(message[1:])

    async def _write(self, client: Client) -> None:
        """Tell what there is to tell; what comes up meanwhile goes together."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            out, self._out = self._out, []
            if out:
                await client.xadd(LOG, {FIELD: b"\n".join(out)}, maxlen=MAX_ENTRIES)
            known, self._known = self._known, None
            if known is not None:
                await client.set(KNOWN, known, ex=KEPT_S)
                await client.expire(LOG, KEPT_S)

    async def _farewell(self, client: Client) -> None:
        with suppress(*_failures()):
            async with asyncio.timeout(LISTEN_S / 2):
                said = b"\n".join([*self._out, b"+" + self._will])
                await client.xadd(LOG, {FIELD: said}, maxlen=MAX_ENTRIES)

    def _client(self) -> Client:
        from redis.asyncio import Redis  # noqa: PLC0415  # likewise
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415

        made = Redis.from_url(
            self._url,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),  # what failed is told, and tried by `run`
            protocol=2,
        )
        return cast("Client", made)

    def _put(self, message: bytes) -> None:
        if self._is_live:
            self._out.append(message)
            self._wanted.set()

    def _back(self) -> None:
        """Note that all is well, and tell it if anything was not."""
        self._out, self._is_live, self.problem = [], True, None
        if self._said is not None:
            self._say(f"{self.place} keeps again what all know")
        self._said = None

    def _away(self, why: "_Why") -> None:
        """Note why nobody is heard, and tell it once."""
        self.problem = f"{self.place} {why.what}{why.reason}: {ALONE}"
        if why.what != self._said:
            self._said = why.what
            self._say(self.problem)


def _failures() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError  # noqa: PLC0415  # likewise

    return (RedisError, OSError, TimeoutError)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@dataclass(frozen=True, slots=True)
class _Why:
    """Why Redis does not keep the log; `reason` is what the system says of it, if it does."""

    what: str
    reason: str = ""


def _why(error: BaseException) -> _Why:
    """Return what a person is told of `error`."""
    from redis import exceptions  # noqa: PLC0415  # likewise

    match error:
        case exceptions.AuthenticationError() | exceptions.AuthorizationError():
            return _Why("refuses the user or the password that [routing] state has")
        case exceptions.TimeoutError() | TimeoutError():
            return _Why("does not answer in time")
        case exceptions.OutOfMemoryError():
            return _Why("is full, and takes nothing more")
        case exceptions.BusyLoadingError():
            return _Why("is still loading its data")
        case exceptions.ConnectionError() | OSError():
            cause = error.__cause__ or error.__context__ or error
            code = cause.errno if isinstance(cause, OSError) else None
            return _Why(
                "cannot be reached", "" if code is None else f" ({os.strerror(code).lower()})"
            )
        case _:
            return _Why(f"says {str(error)[:200]!r}")
