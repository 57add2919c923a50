"""Lists of models as two wires of one vendor spell them: `{"object": "list", "data": [...]}`."""

from collections.abc import Sequence

import msgspec

from proxy.canonical.models import Model
from proxy.codec import ModelLists
from proxy.wire import decoded


class ModelJson(msgspec.Struct):
    """One of them."""

    id: str
    created: int = 0
    owned_by: str = "unknown"
    object: str = "model"


class ModelsJson(msgspec.Struct):
    """All of them."""

    data: list[ModelJson]
    object: str = "list"


_list = msgspec.json.Decoder(ModelsJson)


def read_models(body: bytes) -> tuple[Model, ...] | None:
    """Read a list; `None` if it is none."""
    read = decoded(_list, body)
    if read is None:
        return None
    return tuple(
        Model(id=one.id, owner=one.owned_by, created_s=one.created or None) for one in read.data
    )


def write_models(models: Sequence[Model]) -> bytes:
    """Write a list."""
    return msgspec.json.encode(ModelsJson([_json(model) for model in models]))


def write_model(model: Model) -> bytes:
    """Write one."""
    return msgspec.json.encode(_json(model))


def _json(model: Model) -> ModelJson:
    return ModelJson(model.id, model.created_s or 0, model.owner or "unknown")


OPENAI_LISTS = ModelLists("/v1/models", read=read_models, write=write_models, write_one=write_model)
