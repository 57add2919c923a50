"""The JSON of a conversation as we write it, to a provider and to a client."""

import msgspec


class Blob(msgspec.Struct, rename="camel", omit_defaults=True):
    """Bytes, in standard base64."""

    mime_type: str
    data: str
    display_name: str | None = None


class FileData(msgspec.Struct, rename="camel", omit_defaults=True):
    """Bytes elsewhere."""

    file_uri: str
    mime_type: str | None = None
    display_name: str | None = None


class FunctionCall(msgspec.Struct, omit_defaults=True):
    """A call; `args` is an object."""

    name: str
    args: msgspec.Raw
    id: str | None = None


class Attached(msgspec.Struct, rename="camel", omit_defaults=True):
    """What a function gave back besides its response."""

    inline_data: Blob | None = None
    file_data: FileData | None = None


class FunctionResponse(msgspec.Struct, omit_defaults=True):
    """What a function gave back; `response` is an object."""

    name: str
    response: msgspec.Raw
    id: str | None = None
    parts: list[Attached] | None = None


class SpokenPart(msgspec.Struct, rename="camel", omit_defaults=True):
    """One part, with one of its kinds."""

    text: str | None = None
    thought: bool | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    thought_signature: str | None = None


class Spoken(msgspec.Struct, omit_defaults=True):
    """What one side said."""

    parts: list[SpokenPart]
    role: str | None = None


def json_object(text: str) -> bytes | None:
    """Return `text` on one line if it is a JSON object, its values untouched; else `None`."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return msgspec.json.format(text.encode(), indent=-1)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
