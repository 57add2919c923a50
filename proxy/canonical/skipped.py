"""What the reader of one answer could not carry, each thing once, however many events say it."""

from proxy.canonical.request import Loss

NO_PLACE = "no place for it in other wires"
ONE_ANSWER = "one answer is all that is carried"
UNKNOWN_SHAPE = "its shape is not known"
UNREADABLE = "it cannot be read"
NEVER_BEGAN = "what it belongs to never began"
NO_TEXT = "there is no text that it could belong to"

_LONGEST_NAME = 64


class Skipped:
    """Appends to `losses`; a loss that is there already is the same thing, met again."""

    def __init__(self, losses: list[Loss]) -> None:
        self._losses = losses
        self._noted: set[Loss] = set()

    def note(self, path: str, what: str, why: str = NO_PLACE) -> None:
        """Note that `what`, which stood at `path`, is lost; a provider chose its name."""
        loss = Loss(path, what[:_LONGEST_NAME], why)
        if loss not in self._noted:
            self._noted.add(loss)
            self._losses.append(loss)
