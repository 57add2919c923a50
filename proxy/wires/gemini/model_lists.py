"""Lists of models."""

from collections.abc import Sequence

import msgspec

from proxy.canonical.models import Model
from proxy.codec import ModelLists
from proxy.wire import decoded

PREFIX = "models/"
METHODS = ("generateContent", "countTokens")


class ModelJson(msgspec.Struct, rename="camel", omit_defaults=True):
    """One of them; its name has a prefix that no request's model has."""

    name: str
    display_name: str | None = None
    input_token_limit: int | None = None
    output_token_limit: int | None = None
    supported_generation_methods: list[str] = []


class ModelsJson(msgspec.Struct):
    """All of them."""

    models: list[ModelJson]


_list = msgspec.json.Decoder(ModelsJson)


def read_models(body: bytes) -> tuple[Model, ...] | None:
    """Read those of a list that answer in words; `None` if it is none."""
    read = decoded(_list, body)
    if read is None:
        return None
    return tuple(_model(one) for one in read.models if _answers(one))


def _answers(one: ModelJson) -> bool:
    methods = one.supported_generation_methods
    return not methods or METHODS[0] in methods


def _model(one: ModelJson) -> Model:
    return Model(
        id=one.name.removeprefix(PREFIX),
        title=one.display_name,
        max_input_tokens=one.input_token_limit,
        max_output_tokens=one.output_token_limit,
    )


def write_models(models: Sequence[Model]) -> bytes:
    """Write a list that has no second page."""
    return msgspec.json.encode(ModelsJson([_json(model) for model in models]))


def write_model(model: Model) -> bytes:
    """Write one."""
    return msgspec.json.encode(_json(model))


def _json(model: Model) -> ModelJson:
    return ModelJson(
        f"{PREFIX}{model.id}",
        model.title or model.id,
        model.max_input_tokens,
        model.max_output_tokens,
        [*METHODS],
    )


MODELS = ModelLists(
    "/v1beta/models",
    raw_query="pageSize=1000",
    read=read_models,
    write=write_models,
    write_one=write_model,
)
