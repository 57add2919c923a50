"""What goes to a target: the client's bytes as they are, or a request in the target's dialect."""

import msgspec

from proxy.codec import Dialect
from proxy.exchange.call import Call, Route
from proxy.exchange.client import Client
from proxy.exchange.job import Job
from proxy.exchange.preparing import errand_for
from proxy.exchange.reading import Reading
from proxy.routing.types import Credential, Provider, Target
from proxy.wire import Location
from proxy.wires import WIRES

BODY = b'{"model": "claude-opus-5-5[1m]", "messages": [{"role":"user","content":"hi"}]}'
CALL = Call(
    route=Route(WIRES["chat"], "generate", "openai"),
    location=Location("/v1/chat/completions", {}),
    raw_query="",
    method="POST",
    headers={},
)


def target(wire: str) -> Target:
    dialect = Dialect(max_output_tokens=(("claude-*", 7),))
    provider = Provider("main", "https://x.test", (wire,), dialect=dialect)
    return Target(provider, Credential("k", "secret"))


def test_between_equal_wires_no_byte_changes() -> None:
    order, _, _ = prepare(CALL, BODY, target("chat"), 1.0)
    assert order.body == BODY


def test_a_converted_request_is_in_the_providers_dialect() -> None:
    order, _, _ = prepare(CALL, BODY, target("anthropic"), 1.0)
    body = msgspec.json.decode(order.body)
    assert (body["model"], body["max_tokens"]) == ("claude-opus-5-5", 7)
    assert (b"anthropic-beta", b"context-1m-2025-08-07") in order.headers
