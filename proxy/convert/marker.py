"""What clients say in the name of a model besides the model: how much it reads, and that it thinks.

Sources: `facts/clients.md`, section 1.3; `facts/existing-systems.md`.
"""

import msgspec

from proxy.canonical.request import Request
from proxy.convert.effort import with_thinking_suffix

LONG_CONTEXT = "[1m]"


def without_markers(request: Request, model: str | None) -> Request:
    """Return `request` with what the name of its model says said in its own fields.

    Args:
        request: As it was read.
        model: What to ask for instead; of its name, only the mark of a long context is cut, which
            no provider knows. The client's own name has said what it says all the same.
    """
    request = with_thinking_suffix(_with_long_context(request))
    if model is None:
        return request
    return _with_long_context(msgspec.structs.replace(request, model=model))


def _with_long_context(request: Request) -> Request:
    """Return `request` without `[1m]` at the end of its model: with a context of a million."""
    model = request.model
    if not model.lower().endswith(LONG_CONTEXT):
        return request
    name = model[: -len(LONG_CONTEXT)].rstrip()
    return msgspec.structs.replace(request, model=name, long_context=True)
