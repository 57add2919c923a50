"""A model that a provider offers."""

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a list of models, under the name by which it is asked for.

    `created_s` counts from 1970, UTC; the limits are tokens.
    """

    id: str
    title: str | None = None
    owner: str | None = None
    created_s: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
