"""Where commands keep what has to outlive them."""

from pathlib import Path

import platformdirs


def folder() -> Path:
    """Return the user's folder for state, there or not."""
    return platformdirs.user_state_path("pointsman", appauthor=False)
