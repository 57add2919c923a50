"""Strike out what must not be written down; providers echo keys in their errors."""

from collections.abc import Iterable

import msgspec

from proxy.canonical import Told

STRUCK = "***"


def strike(text: str | None, secrets: Iterable[str]) -> str | None:
    """Return `text` with every one of `secrets` replaced."""
    if text is not None:
        for secret in secrets:
            text = text.replace(secret, STRUCK)
    return text


def struck(told: Told, secrets: Iterable[str]) -> Told:
    """Return `told` without `secrets` in any of its texts."""
    secrets = [secret for secret in secrets if secret]
    texts = {name: getattr(told, name) for name in Told.__struct_fields__}
    changed = {
        name: strike(text, secrets)
        for name, text in texts.items()
        if isinstance(text, str) and any(secret in text for secret in secrets)
    }
    return msgspec.structs.replace(told, **changed) if changed else told
