"""What notebooks are made of: they ask one question each, and define nothing themselves.

`opened` takes a notebook's parameters; one module a notebook has its answer, the numbers that it
rests on and the figures of its own; `showing` and `charts` are how those look; `running` executes
a notebook, and `rendering` makes a page of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.notebook.opening import Page, opened

__all__ = ["Page", "opened"]


def __getattr__(name: str) -> Any:
    """Load what a notebook asks for: `pointsman --help` reads the verbs here, and must not wait."""
    if name in __all__:
        return getattr(import_module("analysis.notebook.opening"), name)
    raise AttributeError(name)
