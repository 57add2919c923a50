"""Turns and constants that tests of requests share."""

from proxy.canonical.parts import Part, Text
from proxy.canonical.request import (
    Turn,
)
from proxy.wire import Location

HERE = Location("/v1/responses", {})
COUNT = Location("/v1/responses/input_tokens", {})
SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}}}'
LARK = '{"type":"grammar","definition":"start: /.+/","syntax":"lark"}'


def user(*parts: Part) -> Turn:
    return Turn(role="user", parts=parts)


def model(*parts: Part) -> Turn:
    return Turn(role="assistant", parts=parts)


def system(*parts: Part) -> Turn:
    return Turn(role="system", parts=parts)


HI = Text(text="hi")
