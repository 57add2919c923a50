"""What notebooks are made of: they ask one question each, and define nothing themselves.

`opened` takes a notebook's parameters; one module a notebook has its answer, the numbers that it
rests on and the figures of its own; `showing` and `charts` are how those look; `running` executes
a notebook, and `rendering` makes a page of it.
"""

from analysis.notebook.opening import Page, opened

__all__ = ["Page", "opened"]
