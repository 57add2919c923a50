"""What a person tells the running proxy: whom to ask first, what to forget, to read its file."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.clock import World
from proxy.commands import (
    RELOAD,
    RESET,
    SWITCH,
    ConfigState,
    Forgotten,
    Refusal,
    ReloadOrder,
    ResetOrder,
    SwitchOrder,
)
from proxy.endpoints.status import answered
from proxy.errors import ClientError, ClientLeft
from proxy.exchange.body import check_json, read_body
from proxy.routing import board as boards
from proxy.routing.types import App
from proxy.steering import Steering, looking
from proxy.steering.standing import standing
from proxy.steering.view import APPS

MAX_BYTES = 64 * 1024
MAX_SWITCH_S = 366 * 86_400.0

Order = TypeVar("Order", bound=msgspec.Struct)
Handler = Callable[[Request], Awaitable[Response]]


class Config(Protocol):
    """The configuration in force, and how to have a newer one: see `proxy.reload`."""

    @property
    def state(self) -> ConfigState:
        """What is in force."""
        ...

    async def reload(self) -> ConfigState:
        """Read the file, and return what is in force then."""
        ...


@dataclass(frozen=True, slots=True)
class Control:
    """What the endpoints act upon.

    `keep` makes what was ordered outlive the process, `happened` writes it down, and
    `reload_others` has the other workers read their configuration, if there are any.
    """

    steering: Steering
    config: Config
    world: World
    keep: Callable[[], Awaitable[None]]
    happened: Callable[..., None]
    reload_others: Callable[[], Awaitable[None]] | None = None

    async def switch(self, request: Request) -> Response:
        """Ask another provider first, from the next request on."""
        order = await _order(request, SwitchOrder)
        app = _app(self.steering, order.app)
        until_us = None
        if order.for_s is not None:
            if not 0 < order.for_s <= MAX_SWITCH_S:
                raise ClientError(400, f"for_s is {order.for_s:g}: give seconds, at most a year.")
            until_us = self.world.wall_us() + round(order.for_s * 1e6)
        if order.provider is not None:
            _check_provider(self.steering, app, order.provider)
        self.happened(*self.steering.switch(app, order.provider, until_us))
        await self.keep()
        views = looking.apps(self.steering, self.world.wall_us())
        return answered(next(view for view in views if view.app == app))

    async def reset(self, request: Request) -> Response:
        """Forget breakers, cooldowns and quotas."""
        key = _key(self.steering, (await _order(request, ResetOrder)).key)
        resets = self.steering.reset(key)
        self.happened(*resets)
        await self.keep()
        board, now_us = self.steering.memory.board, self.world.wall_us()
        wider = (standing(board, one, now_us) for one in _above(key))
        still = tuple(one for one in wider if one.breaker == "open" or one.cooling_s is not None)
        return answered(Forgotten(key=key, known=bool(resets), still=still))

    async def reload(self, request: Request) -> Response:
        """Read the configuration file."""
        await _order(request, ReloadOrder)
        state = await self.config.reload()
        if self.reload_others is not None:
            await self.reload_others()
        if state.last_error is not None:
            raise ClientError(400, state.last_error)
        return answered(state)

    def routes(self) -> list[Route]:
        """Return the routes of all three."""
        paths = {SWITCH: self.switch, RESET: self.reset, RELOAD: self.reload}
        return [Route(path, _told(handler), methods=["POST"]) for path, handler in paths.items()]


def _told(handler: Handler) -> Handler:
    """Return `handler` with what the caller did wrong as an answer."""

    async def handled(request: Request) -> Response:
        try:
            return await handler(request)
        except ClientError as error:
            return answered(Refusal(error.message), error.status)
        except ClientLeft:
            return Response(status_code=400)  # nobody reads it

    return handled


async def _order(request: Request, shape: type[Order]) -> Order:
    """Return the body; one that is empty has no fields.

    Raises:
        ClientError: 400, 413 or 415.
    """
    check_json(dict(request.scope["headers"]))
    if int(request.headers.get("content-length", "0")) > MAX_BYTES:
        raise ClientError(413, f"The body is larger than {MAX_BYTES} bytes: no command is.")
    body = await read_body(request.receive, MAX_BYTES)
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientError(400, f"The body cannot be used: {error}.") from error


def _app(steering: Steering, name: str) -> App:
    served = [app for app in APPS if app in steering.network.queues]
    found = next((app for app in served if app == name), None)
    if found is None:
        raise ClientError(400, f"There is no queue for the app {name!r}: {_one_of(served)}.")
    return found


def _check_provider(steering: Steering, app: App, name: str) -> None:
    queue = steering.network.queues[app]
    names = dict.fromkeys(one.provider for one in queue.candidates if one.enabled)
    if name not in names:
        raise ClientError(400, f"The queue of {app} has no enabled {name!r}: {_one_of(names)}.")


def _key(steering: Steering, text: str) -> str:
    """Return the key of the board that `text` names."""
    provider, _, rest = text.partition("/")
    label, _, model = rest.partition("/")
    network = steering.network
    if provider not in network.providers:
        known = _one_of(network.providers)
        raise ClientError(400, f"There is no provider {provider!r}: {known}.")
    account = f"{provider}/{label}"
    if "/" in text and account not in network.credentials:
        labels = [name for name in network.credentials if boards.is_at(name, provider)]
        raise ClientError(400, f"There is no key {account!r}: {_one_of(labels)}.")
    if model:
        return f"{account}/{model[: boards.MAX_MODEL_CHARS]}"
    return account if "/" in text else provider


def _above(key: str) -> list[str]:
    parts = key.split("/", 2)
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _one_of(names: Iterable[str]) -> str:
    return "there is " + (", ".join(names) or "none")
