"""Headers that another tool sets on every request, as far as ours may."""

import re
from collections.abc import Iterable
from typing import Final

from proxy.formats.document import Node
from proxy.formats.secret import Style, secret_of
from proxy.formats.setup import Loss, Secret
from proxy.formats.table import text_of

_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
_OURS: Final = re.compile(
    r"authorization|proxy-authorization|x-api-key|x-goog-api-key|host|accept-encoding|connection"
    r"|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|content-.*|expect",
    re.IGNORECASE,
)


def headers_of(
    pairs: Iterable[tuple[str, Node]], style: Style, losses: list[Loss]
) -> dict[str, Secret]:
    """Return headers with their values; those that the proxy sets itself are told as losses.

    Raises:
        Malformed: A value is no text.
    """
    found: dict[str, Secret] = {}
    for name, node in pairs:
        text = text_of(node)
        if not _NAME.fullmatch(name) or _OURS.fullmatch(name):
            losses.append(Loss(node.at, node.line, "not carried: the proxy sets it itself"))
        elif not all(" " <= letter <= "~" for letter in text):
            losses.append(Loss(node.at, node.line, "not carried: it has letters outside ASCII"))
        elif name.lower() not in {one.lower() for one in found}:
            found[name] = secret_of(text, style)
    return found
