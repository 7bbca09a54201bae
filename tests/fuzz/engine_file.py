"""Engine files taken apart and put together again, with right checksums whatever was changed in between.

It knows the layout on its own, so that a change of it is noticed here and not only where engines are written.
"""

import hashlib
import json
from typing import Any

PREFIX = 48
"""Bytes in front of the header: magic, length, digest."""


def taken_apart(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The header and the sections by name."""
    length = int.from_bytes(data[8:16], "little")
    header = json.loads(data[PREFIX : PREFIX + length])
    base = -(-(PREFIX + length) // 64) * 64
    return header, {name: data[base + place["start"] :][: place["size"]] for name, place in header["sections"].items()}


def places(sections: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Where each section lies, and its checksum."""
    found, end = {}, 0
    for name, content in sections.items():
        start = -(-end // 64) * 64
        end = start + len(content)
        found[name] = {"start": start, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return found


def put_together(header: dict[str, Any], sections: dict[str, bytes]) -> bytes:
    """The file. The header is written as it is: `places` says what belongs into its sections."""
    text = dumps(header)
    prefix = b"MINIINFR" + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
    return b"".join(each + bytes(-len(each) % 64) for each in (prefix, *sections.values()))


def dumps(value: object) -> bytes:
    """JSON as engines have it."""
    return json.dumps(value, separators=(",", ":")).encode()
