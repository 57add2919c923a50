"""Strike out what must not be written down; providers echo keys in their errors."""

from collections.abc import Iterable
from json import dumps

import msgspec

from proxy.canonical import Told

STRUCK = "***"
MIN_PART = 8  # what is shorter is no secret, nor does it tell much of one


def strike(text: str | None, secrets: Iterable[str]) -> str | None:
    """Return `text` with every one of `secrets` replaced."""
    if text is not None:
        for secret in secrets:
            text = text.replace(secret, STRUCK)
    return text


def struck(told: Told, secrets: Iterable[str]) -> Told:
    """Return `told` without `secrets` in any of its texts."""
    secrets = [secret for secret in secrets if secret]
    changed = {
        name: strike(text, secrets)
        for name in Told.__struct_fields__
        if isinstance(text := getattr(told, name), str) and any(map(text.__contains__, secrets))
    }
    return msgspec.structs.replace(told, **changed) if changed else told


def without_secrets(content: bytes, secrets: Iterable[bytes]) -> bytes:
    """Return a body with every one of `secrets` struck out, also one that is cut off at its end."""
    for secret in secrets:
        content = content.replace(secret, STRUCK.encode())
        for size in range(len(secret) - 1, MIN_PART - 1, -1):
            if content.endswith(secret[:size]):
                content = content[:-size] + STRUCK.encode()
                break
    return content


def as_bytes(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Return what to look for in bodies: each of `secrets`, and each as it stands in JSON.

    The longest come first, for one may be a part of another.
    """
    plain = {secret for secret in secrets if len(secret) >= MIN_PART}
    written = {form for one in plain for form in (one, dumps(one)[1:-1])}
    found = {form.encode() for form in written}
    found |= {dumps(one, ensure_ascii=False)[1:-1].encode() for one in plain}
    return tuple(sorted(found, key=lambda one: (-len(one), one)))
