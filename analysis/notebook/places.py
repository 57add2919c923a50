"""Where things are: the notebooks, the demo ledger and its sample."""

from pathlib import Path
from typing import Final

from analysis.errors import NoNotebook

_PACKAGE: Final = Path(__file__).parent
_CHECKOUT: Final = _PACKAGE.parent.parent
_SHIPPED: Final = _PACKAGE / "shipped"  # in a wheel

FOLDER: Final = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT / "notebooks"
DEMO: Final = _CHECKOUT / "build" / "demo-ledger"
SAMPLE: Final = FOLDER / "sample"
BENCHMARKS: Final = _CHECKOUT / "build" / "benchmarks"


def names() -> list[str]:
    """Return the name of each notebook, in the order in which they are read."""
    return sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.ipynb"))


def found(name: str) -> Path:
    """Return the notebook that is meant: by its name, its number or the rest of its name.

    Raises:
        NoNotebook: None is, or several are.
    """
    fitting = [one for one in names() if name in {one, one[:2], one[3:]}]
    if len(fitting) != 1:
        raise NoNotebook(f'there is no notebook "{name}": want one of {", ".join(names())}')
    return FOLDER / f"{fitting[0]}.ipynb"


def demo() -> Path:
    """Return the demo ledger: as `make demo-ledger` made it, or the sample that comes along."""
    return DEMO if (DEMO / "commits.jsonl").exists() else SAMPLE
