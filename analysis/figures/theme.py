"""How every figure looks: one template, dark or light, and a colour for each meaning.

Colours are those of Okabe and Ito, which people who see few colours tell apart.
"""

from typing import Final, Literal

from plotly import graph_objects as go

Mode = Literal["light", "dark"]

COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
GOOD: Final = "#009e73"
BAD: Final = "#d55e00"
WAITING: Final = "#e69f00"
MUTED: Final = "#8a8f98"

_INK: Final = {"light": "#1b1f24", "dark": "#e6e8eb"}
_PAPER: Final = {"light": "#ffffff", "dark": "#14171a"}
_GRID: Final = {"light": "#e4e7eb", "dark": "#2b3036"}


def template(mode: Mode) -> go.layout.Template:
    """Return the template of a mode."""
    axis = {"gridcolor": _GRID[mode], "linecolor": _GRID[mode], "zeroline": False}
    return go.layout.Template(
        layout={
            "colorway": list(COLOURS),
            "font": {"family": "system-ui, sans-serif", "size": 13, "color": _INK[mode]},
            "paper_bgcolor": _PAPER[mode],
            "plot_bgcolor": _PAPER[mode],
            "xaxis": axis,
            "yaxis": {**axis, "automargin": True},
            "margin": {"l": 60, "r": 20, "t": 60, "b": 50},
            "legend": {"orientation": "h", "y": -0.2},
            "hovermode": "closest",
        }
    )
