"""What tables of the configuration file have in common: their pydantic base, and kinds of values.

A field's `Want` is what its error says. A table is checked against its surroundings through
pydantic's context, so that all problems are found in one reading. What may be left out is `None`
here where its default stands elsewhere: see `given`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from proxy.config import times, values
from proxy.config.problems import Key as Place
from proxy.config.problems import Problem, Want, Wrong, one_of, quoted
from proxy.config.settings import Listen
from proxy.config.variables import expanded

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True)
class Around:
    """What a table is checked against besides itself."""

    env: Mapping[str, str] = field(default_factory=dict)
    is_used: bool = True  # what is switched off may name variables that are not set
    listen: Listen | None = None  # where this proxy will listen, if that is known
    folder: Path = Path()  # of the file: what relative paths are relative to


class Table(BaseModel):
    """Nothing else may stand in a table, and nothing is made to fit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def given(self, *names: str) -> dict[str, Any]:
        """Return what stands in the file, of `names` only if there are any, by name of field."""
        return self.model_dump(exclude_none=True, include=set(names) or None)


def around(info: ValidationInfo) -> Around:
    """Return what a validator was told of the surroundings."""
    return info.context if isinstance(info.context, Around) else Around()


def known(names: Sequence[str]) -> Callable[[object], object]:
    """Return a check, to be made before that of the type, which tells slips in one of `names`."""

    def check(value: object) -> object:
        if isinstance(value, str) and value not in names:
            raise Wrong(quoted(value), one_of(names, value))
        return value

    return check


def distinct(names: list[Name]) -> list[Name]:
    """Return `names` if none is there twice."""
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise Wrong(f"{quoted(twice[0])} twice", "each name once")
    return names


def distinct_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return `headers` if none is there twice in different cases."""
    lower = [name.lower() for name in headers]
    twice = [name for name in lower if lower.count(name) > 1]
    if twice:
        raise Wrong(f"{quoted(twice[0])} twice", "each header once, whatever its case")
    return headers


def not_above(
    at: Place, table: Table, names: tuple[str, str], found: tuple[float, float]
) -> list[Problem]:
    """Say if the first of two values is above the second, at the one that stands in the file.

    Args:
        at: Key of the table.
        table: What stands there.
        names: Of the two fields.
        found: Their values, defaults included.
    """
    (low, high), (least, most) = names, found
    if least <= most:
        return []
    if low in table.given():
        return [Problem((*at, low), f"{least:.9g}", f"at most {high}, which is {most:.9g}")]
    return [Problem((*at, high), f"{most:.9g}", f"at least {low}, which is {least:.9g}")]


def _key(text: str, info: ValidationInfo) -> str:
    if around(info).is_used:
        try:
            values.key(expanded(text, around(info).env))
        except Wrong as wrong:
            raise _naming(text, wrong) from None
    return text


def _naming(text: str, wrong: Wrong) -> Wrong:
    """Say the variable instead of "an empty key" where the whole key is one."""
    if wrong.found == "an empty key" and text:
        return Wrong(f"{quoted(text)[1:-1]}, which is empty", "a key in that variable")
    return wrong


Label = Annotated[str, AfterValidator(values.label)]
Key = Annotated[str, AfterValidator(_key)]
ModelName = Annotated[str, AfterValidator(values.model)]
ModelPattern = Annotated[str, AfterValidator(values.model_pattern)]
ModelPatterns = Annotated[
    list[ModelPattern] | None,
    Field(min_length=1),
    Want('a list of names of models, as in ["claude-*"]', "the name of a model"),
]
Zone = Annotated[str, AfterValidator(times.zone), Want('a time zone, as in "Europe/Berlin"')]
Seconds = Annotated[
    float | None,
    Field(gt=0, le=86_400, allow_inf_nan=False),
    Want("a number of seconds, more than 0 and at most 86400"),
]
SecondsOrNone = Annotated[
    float | None,
    Field(ge=0, le=86_400, allow_inf_nan=False),
    Want("a number of seconds from 0 to 86400"),
]
ManySeconds = Annotated[
    float | None,
    Field(ge=0, le=2_592_000, allow_inf_nan=False),
    Want("a number of seconds from 0 to 2592000"),
]
Count = Annotated[int | None, Field(ge=1, le=2**31), Want("a whole number, at least 1")]
Tokens = Annotated[int | None, Field(ge=1, le=2**53), Want("a whole number of tokens, at least 1")]
Usd = Annotated[
    float | None,
    Field(gt=0, le=1e9, allow_inf_nan=False),
    Want("a number of USD above 0"),
]
Share = Annotated[
    float | None,
    Field(gt=0, le=1, allow_inf_nan=False),
    Want("a number above 0 and at most 1"),
]
YesOrNo = Annotated[bool, Want("true or false")]
YesOrNoOrDefault = Annotated[bool | None, Want("true or false")]
A_KEY = 'text, as in "${NAME}"'
KEYS = 'a table, as in { label = "${NAME}" }'


class AttemptSecondsTable(Table):
    """The fields of `proxy.routing.types.Limits` that are about one attempt."""

    connect_s: Seconds = None
    first_byte_s: Seconds = None
    first_content_s: Seconds = None
    idle_s: Seconds = None
    whole_s: Seconds = None


class SecondsTable(AttemptSecondsTable):
    """All of them: those of the request, whoever is asked, as well."""

    keepalive_s: Seconds = None
    total_s: Seconds = None
