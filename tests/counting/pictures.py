"""Pictures as files begin, each of a given size."""

import base64
import struct
import zlib

from proxy.canonical.parts import Media


def png(width: int, height: int) -> bytes:
    """Return a whole picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def jpeg(width: int, height: int, *before: bytes, frame: int = 0xC0) -> bytes:
    """Return the head of a picture, with segments `before` its size."""
    segments = b"".join(
        b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content for content in before
    )
    size = struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + segments + b"\xff" + bytes([frame]) + size + b"\xff\xda"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def webp_lossy(width: int, height: int) -> bytes:
    scaled = 1 << 14  # two bits that are no part of the size
    frame = b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width | scaled, height)
    return _riff(b"VP8 ", frame)


def webp_lossless(width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14 | 1 << 28
    return _riff(b"VP8L", b"\x2f" + struct.pack("<I", bits))


def webp_extended(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _riff(b"VP8X", bytes(4) + size)


def image(content: bytes, detail: str | None = None) -> Media:
    """Return a picture as it stands in a request."""
    data = base64.b64encode(content).decode()
    return Media(kind="image", media_type="image/png", data=data, detail=detail)


def _riff(kind: bytes, content: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk
