"""One body as it lies on disk: a frame of zstd, with another body as its dictionary or none.

The next request of a conversation repeats the last one but for a few bytes: with that one as its
dictionary it becomes a hundredth, where by itself it becomes a quarter.
"""

from hashlib import blake2b
from typing import Final

import zstandard

from proxy.errors import LedgerRefused

_LEVEL: Final = 3
_MIN_WINDOW, _MAX_WINDOW = 17, 27  # logarithms: a window must reach from the end to the dictionary
_PURPOSE: Final = b"body"  # no other hash under the same secret is one of these


def hashed(secret: bytes, content: bytes) -> str:
    """Name a body: nobody can look up whether a text was sent without the secret."""
    return blake2b(content, key=secret[:64], person=_PURPOSE, digest_size=16).hexdigest()


def packed(content: bytes, base: bytes | None) -> bytes:
    """Return `content` as a frame; `base` is needed to read it again."""
    reach = len(content) + len(base or b"")
    window = min(max(reach.bit_length(), _MIN_WINDOW), _MAX_WINDOW)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, enable_ldm=base is not None, write_checksum=True
    )
    compressor = zstandard.ZstdCompressor(
        dict_data=_dictionary(base), compression_params=parameters
    )
    return compressor.compress(content)


def unpacked(frame: bytes, base: bytes | None) -> bytes:
    """Return what `packed` was given.

    Raises:
        LedgerRefused: It is damaged, or `base` is not what it was.
    """
    reader = zstandard.ZstdDecompressor(
        dict_data=_dictionary(base), max_window_size=1 << _MAX_WINDOW
    )
    try:
        return reader.decompress(frame)
    except zstandard.ZstdError as error:
        raise LedgerRefused(f"a stored body is damaged: {error}") from error


def _dictionary(base: bytes | None) -> zstandard.ZstdCompressionDict | None:
    if base is None:
        return None
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
