"""From what a provider said to why it failed.

Sources: `facts/gateways.md` section 4 and `facts/existing-systems.md` section 1.2: the statuses
that no other provider would judge otherwise are the caller's, all others are worth another try.
"""

import re
from collections.abc import Mapping

from proxy.canonical import Told
from proxy.routing.types import Failure

BY_STATUS: Mapping[int, Failure] = {
    400: "caller_fault",
    401: "credential",
    402: "quota",
    403: "forbidden",
    405: "caller_fault",
    406: "caller_fault",
    411: "caller_fault",
    413: "caller_fault",
    414: "caller_fault",
    415: "caller_fault",
    422: "caller_fault",
    429: "rate_limited",
    501: "caller_fault",
    503: "overloaded",
    529: "overloaded",
}

BY_ERROR_TYPE: Mapping[str, Failure] = {
    "overloaded_error": "overloaded",
    "server_is_overloaded": "overloaded",
    "UNAVAILABLE": "overloaded",
    "rate_limit_error": "rate_limited",
    "rate_limit_exceeded": "rate_limited",
    "RESOURCE_EXHAUSTED": "rate_limited",
    "insufficient_quota": "quota",
    "authentication_error": "credential",
    "invalid_api_key": "credential",
}

_NAMES_A_KEY = re.compile(r"API key (?:not valid|not found|expired)|API_KEY_INVALID")
_NAMES_A_MODEL = re.compile(r"model", re.IGNORECASE)


def by_status(status: int, told: Told) -> Failure:
    """Return why an error `status` came.

    Gemini says 400 of a key that it does not know.
    A 404 is the caller's only if the provider says, in this wire's words, that something other
    than a model is missing; a bare 404 is a wrong base URL, which another provider need not have.
    """
    if status == 400 and _NAMES_A_KEY.search(told.error_message or ""):  # noqa: PLR2004
        return "credential"
    if status == 404:  # noqa: PLR2004
        said = f"{told.error_type} {told.error_message}"
        strange = told.error_type is None
        return "model_missing" if strange or _NAMES_A_MODEL.search(said) else "caller_fault"
    return BY_STATUS.get(status, "server_error")


def by_error_type(error_type: str | None) -> Failure:
    """Return why an answer with status 200 turned out to be an error."""
    return BY_ERROR_TYPE.get(error_type or "", "stream_fault")
