"""Lists of models."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from proxy.canonical.models import Model
from proxy.codec import ModelLists
from proxy.wire import decoded


class ModelJson(msgspec.Struct, omit_defaults=True):
    """One of them."""

    id: str
    type: str = "model"
    display_name: str | None = None
    created_at: str | None = None
    max_input_tokens: int | None = None
    max_tokens: int | None = None


class _List(msgspec.Struct):
    data: list[ModelJson]


_list = msgspec.json.Decoder(_List)


def read_models(body: bytes) -> tuple[Model, ...] | None:
    """Read a list; `None` if it is none."""
    read = decoded(_list, body)
    return None if read is None else tuple(_model(one) for one in read.data)


def _model(one: ModelJson) -> Model:
    return Model(
        id=one.id,
        title=one.display_name,
        created_s=_seconds(one.created_at),
        max_input_tokens=one.max_input_tokens,
        max_output_tokens=one.max_tokens,
    )


def _seconds(text: str | None) -> int | None:
    try:
        return None if text is None else round(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None


def write_models(models: Sequence[Model]) -> bytes:
    """Write a list that has no second page."""
    ids = [model.id for model in models]
    told = {
        "data": [_json(model) for model in models],
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }
    return msgspec.json.encode(told)


def write_model(model: Model) -> bytes:
    """Write one."""
    return msgspec.json.encode(_json(model))


def _json(model: Model) -> dict[str, object]:
    created = datetime.fromtimestamp(model.created_s or 0, UTC)  # the field must be there
    told: dict[str, object] = {
        "type": "model",
        "id": model.id,
        "display_name": model.title or model.id,
        "created_at": created.isoformat().replace("+00:00", "Z"),
    }
    limits = {"max_input_tokens": model.max_input_tokens, "max_tokens": model.max_output_tokens}
    return told | {name: limit for name, limit in limits.items() if limit is not None}


MODELS = ModelLists(
    path="/v1/models",
    raw_query="limit=1000",
    headers=((b"anthropic-version", b"2023-06-01"),),
    read=read_models,
    write=write_models,
    write_one=write_model,
)
