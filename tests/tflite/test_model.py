import struct

import numpy as np
import pytest

pytest.importorskip("tflite_micro")

from tflite_models import diamonds

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.tflite.library import schema
from mini_infer.tflite.model import BUFFER_ALIGNMENT, parsed, serialized


def tree(thing):
    """An object of the schema as plain values."""
    if isinstance(thing, np.ndarray):
        return thing.tolist()
    if isinstance(thing, list):
        return [tree(each) for each in thing]
    if isinstance(thing, bytes):
        return thing.decode()
    return {name: tree(each) for name, each in vars(thing).items()} if hasattr(thing, "__dict__") else thing


def test_a_file_is_read_and_written_without_loss():
    made = diamonds()
    once = serialized(made)
    again = parsed(once)
    assert tree(again) == tree(parsed(serialized(again)))
    assert serialized(again) == serialized(parsed(serialized(again)))
    assert np.frombuffer(again.buffers[1].data.tobytes(), np.float32).tolist() == [2.5] * 5


def test_every_buffer_is_aligned_in_the_file():
    made = diamonds()
    for size in (1, 3, 16, 17, 1000):
        made.buffers.append(schema().BufferT(np.arange(size, dtype=np.uint64).astype(np.uint8)))
    content = serialized(made)
    for buffer in parsed(content).buffers:
        if buffer.data is not None:
            assert (buffer.data.ctypes.data - np.frombuffer(content, np.uint8).ctypes.data) % BUFFER_ALIGNMENT == 0


@pytest.mark.parametrize("length", [0, 5, 8, 40, 200])
def test_what_is_cut_off_is_refused(length):
    with pytest.raises(ModelError, match=r"^net: is no TFLite model"):
        parsed(serialized(diamonds())[:length], "net")


def test_damaged_files_are_refused_or_read_but_never_break():
    content = serialized(diamonds())
    for position in range(0, len(content) - 4, 4):
        damaged = content[:position] + struct.pack("<I", 0x7FFFFFF0) + content[position + 4 :]
        try:
            parsed(damaged)
        except (ModelError, UnsupportedError):
            continue


def test_constants_elsewhere_are_refused():
    made = diamonds()
    made.buffers[1].offset = 4096
    with pytest.raises(UnsupportedError, match="has constants behind its flatbuffer"):
        parsed(serialized(made))
