"""TFLite files: read into objects and written again, with every buffer where its elements are aligned."""

import struct
from pathlib import Path
from typing import Any

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.files import read_regular
from mini_infer.tflite.library import schema

LIMIT = 2**31 - 1
"""Bytes of a file: offsets in a flatbuffer have 31 bits."""

IDENTIFIER = b"TFL3"
BUFFER_ALIGNMENT = 16
"""Of a buffer's bytes in the file: kernels read constants where they lie (`force_align` of the schema)."""


def read_content(path: Path) -> bytes:
    """The bytes of a file, in which `parsed` finds the model.

    Raises
    ------
    ModelError
        The file cannot be read.
    """
    return read_regular(path, limit=LIMIT, error=ModelError)


def parsed(content: bytes, name: str = "model") -> Any:
    """The model that a file's bytes are, as an object of the schema; errors begin with `name`.

    Raises
    ------
    ModelError
        They are no TFLite model.
    UnsupportedError
        Its constants lie outside the flatbuffer.
    """
    tables = schema()
    if content[4:8] != IDENTIFIER:
        raise ModelError(f"{name}: is no TFLite model: its bytes 4 to 8 are {content[4:8]!r} instead of {IDENTIFIER!r}")
    try:
        model = tables.ModelT.InitFromObj(tables.Model.GetRootAsModel(content, 0))
    except (struct.error, IndexError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise ModelError(f"{name}: is no TFLite model: it is cut off or damaged ({error})") from None
    if not model.subgraphs or model.buffers is None:
        raise ModelError(f"{name}: is no TFLite model that can be run: it has no subgraph or no buffers")
    if any(buffer.offset > 1 for buffer in model.buffers):
        raise UnsupportedError(f"{name}: has constants behind its flatbuffer, which TFLite Micro does not read")
    return model


def serialized(model: Any) -> bytes:
    """The file of a model.

    The library's own writer aligns buffers to single bytes, so a microcontroller could fault on the weights; here each
    begins at a multiple of `BUFFER_ALIGNMENT`.
    """
    import flatbuffers

    builder = flatbuffers.Builder(1 << 16)
    plain = model.buffers
    model.buffers = [_aligned(buffer) for buffer in plain]
    try:
        builder.Finish(model.Pack(builder), IDENTIFIER)
    finally:
        model.buffers = plain
    return bytes(builder.Output())


def _aligned(buffer: Any) -> Any:
    """A buffer that packs itself aligned."""
    base: Any = schema().BufferT

    class Aligned(base):  # type: ignore[misc] # the library has no types
        def Pack(self, builder: Any) -> Any:  # noqa: N802 - the library's name
            if self.data is not None:
                builder.Prep(BUFFER_ALIGNMENT, len(self.data))
            return super().Pack(builder)

    return Aligned(buffer.data, buffer.offset, buffer.size)
