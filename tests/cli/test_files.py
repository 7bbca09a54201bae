import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.cli.files import Fitting, parse_pgm, read
from mini_infer.errors import InputError, UsageError
from mini_infer.ir import DType, TensorType

GREY = TensorType(DType.FLOAT32, (1, 1, 2, 3))
PIXELS = np.array([[0, 1, 2], [253, 254, 255]], np.uint8)


def test_npy(tmp_path):
    np.save(tmp_path / "x.npy", PIXELS)
    content = read(tmp_path / "x.npy", GREY)
    np.testing.assert_array_equal(content.array, PIXELS)
    assert not content.is_image


def test_npz_takes_the_key_the_name_or_the_only_array(tmp_path):
    np.savez(tmp_path / "two.npz", x=PIXELS, y=PIXELS + 1)
    np.savez(tmp_path / "one.npz", other=PIXELS + 2)
    assert read(tmp_path / "two.npz", GREY, name="x").array[0, 0] == 0
    assert read(tmp_path / "two.npz", GREY, name="x", key="y").array[0, 0] == 1
    assert read(tmp_path / "one.npz", GREY, name="x").array[0, 0] == 2
    with pytest.raises(InputError, match=r"two.npz: no array 'z' among x, y; name one with two.npz:NAME"):
        read(tmp_path / "two.npz", GREY, name="z")
    with pytest.raises(InputError, match="no array 'x' among other"):
        read(tmp_path / "one.npz", GREY, key="x")


def test_raw_bytes_are_whole_tensors_of_the_models_shape(tmp_path):
    (tmp_path / "x.bin").write_bytes(PIXELS.tobytes() * 2)
    array = read(tmp_path / "x.bin", GREY, dtype="uint8").array
    assert array.shape == (2, 1, 1, 2, 3)
    np.testing.assert_array_equal(array[1, 0, 0], PIXELS)
    (tmp_path / "x.raw").write_bytes(PIXELS.astype(np.float32).tobytes())
    np.testing.assert_array_equal(read(tmp_path / "x.raw", GREY).array[0, 0, 0], PIXELS)
    (tmp_path / "x.idx").write_bytes(PIXELS.tobytes())
    assert read(tmp_path / "x.idx", GREY, dtype="uint8").array.shape == (1, 1, 1, 2, 3)


@pytest.mark.parametrize(
    ("data", "dtype", "error", "message"),
    [
        (b"12345", "uint8", InputError, "5 bytes are not a whole number of uint8 tensors of 1x1x2x3, 6 bytes each"),
        (b"", None, InputError, "0 bytes are not a whole number of float32 tensors"),
        (b"123456", "uint7", UsageError, "--dtype uint7: no such element type"),
        (b"123456", "object", UsageError, "cannot be read as object"),
    ],
)
def test_raw_bytes_that_do_not_fit(tmp_path, data, dtype, error, message):
    (tmp_path / "x.bin").write_bytes(data)
    with pytest.raises(error, match=message):
        read(tmp_path / "x.bin", GREY, dtype=dtype)


@pytest.mark.parametrize(
    "data",
    [
        b"P5 3 2 255\n" + PIXELS.tobytes(),
        b"P5\n# a comment\n3 2\n# another\n255\n" + PIXELS.tobytes(),
        b"P2\n3 2 255\n0 1 2\n253 254 255\n",
        b"P2 3 2 # size\n255 0 1 2 # first row\n253 254 255",
    ],
)
def test_pgm(data, tmp_path):
    (tmp_path / "x.pgm").write_bytes(data)
    content = read(tmp_path / "x.pgm", GREY)
    assert content.is_image
    assert content.array.dtype == np.uint8
    np.testing.assert_array_equal(content.array, PIXELS)


def test_pgm_of_sixteen_bits():
    deep = PIXELS.astype(np.uint16) * 200
    for data in (
        b"P5 3 2 65535\n" + deep.astype(">u2").tobytes(),
        b"P2 3 2 65535\n" + b" ".join(b"%d" % value for value in deep.ravel().tolist()),
    ):
        array = parse_pgm(data)
        assert array.dtype == np.uint16
        np.testing.assert_array_equal(array, deep)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"P6 1 1 255\n000", "not a PGM"),
        (b"P5 3 2", "not a PGM"),
        (b"P5 3 2 255\n12345", "3x2 needs 6 pixels, the file has 5"),
        (b"P5 3 2 255\n1234567", "3x2 needs 6 pixels, the file has 7"),
        (b"P5 1 2 65535\n123", "1x2 needs 2 pixels, the file has 1"),
        (b"P5 0 2 255\n", "0x2 pixels up to 255 makes no sense"),
        (b"P5 1 1 65536\n1", "up to 65536 makes no sense"),
        (b"P5 1 1 100\n\xff", "a PGM pixel is 255, above the largest grey value 100"),
        (b"P2 2 1 255\n1 -2", "not numbers"),
        (b"P2 999999999 999999999 255\n1", "needs 999999998000000001 pixels, the file has 1"),
    ],
)
def test_broken_pgm(data, message):
    with pytest.raises(InputError, match=message):
        parse_pgm(data)


@given(st.binary(max_size=40), st.sampled_from([b"", b"P2 ", b"P5 ", b"P5 2 2 255\n", b"P2 1 3 9 "]))
def test_any_bytes_are_a_pgm_or_an_input_error(tail, head):
    try:
        array = parse_pgm(head + tail)
    except InputError:
        return
    assert array.ndim == 2


@pytest.mark.parametrize(
    ("mode", "shape", "expected_shape"),
    [
        ("L", (1, 1, 2, 3), (2, 3)),
        ("L", (2, 3), (2, 3)),
        ("RGB", (1, 3, 2, 3), (3, 2, 3)),
        ("RGB", (1, 2, 3, 3), (2, 3, 3)),
        ("RGBA", (4, 2, 3), (4, 2, 3)),
    ],
)
def test_png_has_the_models_channels(tmp_path, mode, shape, expected_shape):
    image_module = pytest.importorskip("PIL.Image")
    channels = {"L": 1, "RGB": 3, "RGBA": 4}[mode]
    pixels = np.arange(6 * channels, dtype=np.uint8).reshape(2, 3, channels)
    image_module.fromarray(pixels[:, :, 0] if channels == 1 else pixels).save(tmp_path / "x.png")
    content = read(tmp_path / "x.png", TensorType(DType.FLOAT32, shape))
    assert content.is_image
    assert content.array.shape == expected_shape
    if channels > 1 and expected_shape[0] == channels:
        np.testing.assert_array_equal(content.array, pixels.transpose(2, 0, 1))
    else:
        np.testing.assert_array_equal(content.array.reshape(pixels.shape), pixels)


def test_png_of_sixteen_bits_keeps_them(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    deep = PIXELS.astype(np.uint16) * 200
    image_module.fromarray(deep).save(tmp_path / "x.png")
    np.testing.assert_array_equal(read(tmp_path / "x.png", GREY).array, deep)


def test_png_without_pillow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    (tmp_path / "x.png").write_bytes(b"")
    with pytest.raises(UsageError, match="pip install pillow"):
        read(tmp_path / "x.png", GREY)


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".png", ".pgm"])
@pytest.mark.parametrize("data", [b"", b"not what it says", b"\x93NUMPY\x01\x00", b"PK\x03\x04\x00\x00", b"P5 9 9 9\n"])
def test_foreign_bytes_are_one_line_that_names_the_file(tmp_path, suffix, data):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(path, GREY)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_truncated_and_flipped_archives(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", x=np.arange(600, dtype=np.float32))
    data = (tmp_path / "x.npz").read_bytes()
    for length in range(0, len(data), 37):
        (tmp_path / "cut.npz").write_bytes(data[:length])
        with pytest.raises(InputError):
            read(tmp_path / "cut.npz", GREY, name="x")


def test_pickles_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"Python objects|allow_pickle=False"):
        read(tmp_path / "x.npy", GREY)


def test_an_array_larger_than_memory_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros(10, np.float32))
    data = (tmp_path / "x.npy").read_bytes().replace(b"(10,), }          ", b"(9999999999999999,)")
    (tmp_path / "x.npy").write_bytes(data)
    with pytest.raises(InputError):
        read(tmp_path / "x.npy", GREY)


def test_missing_file_folder_and_unknown_format(tmp_path):
    with pytest.raises(InputError, match=r"none\.npy: cannot be read: No such file"):
        read(tmp_path / "none.npy", GREY)
    (tmp_path / "folder.npy").mkdir()
    with pytest.raises(InputError, match=r"it is a folder|Permission denied"):
        read(tmp_path / "folder.npy", GREY)
    (tmp_path / "x.gif").write_bytes(b"")
    with pytest.raises(UsageError, match=r"unknown format '\.gif'; expected \.npy, \.npz"):
        read(tmp_path / "x.gif", GREY)


COLORS = {"red": (200, 30, 10), "blue": (20, 40, 220)}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
@pytest.mark.parametrize("shape", [(1, 3, 8, 12), (1, 8, 12, 3)])
@pytest.mark.parametrize("bgr", [False, True])
def test_pictures_are_scaled_and_their_colors_turned(tmp_path, suffix, shape, bgr):
    image_module = pytest.importorskip("PIL.Image")
    left, right = (np.full((32, 24, 3), color, np.uint8) for color in COLORS.values())
    path = tmp_path / f"x{suffix}"
    image_module.fromarray(np.concatenate([left, right], 1)).save(path, quality=95)
    content = read(path, TensorType(DType.FLOAT32, shape), fitting=Fitting(resize=True, bgr=bgr))
    assert content.is_image
    assert content.array.shape == shape[1:]
    pixels = content.array if shape[1] != 3 else content.array.transpose(1, 2, 0)
    for column, color in ((0, COLORS["red"]), (-1, COLORS["blue"])):
        wanted = color[::-1] if bgr else color
        assert np.abs(pixels[:, column].astype(int) - wanted).max() <= 4  # JPEG loses some


def test_a_picture_of_other_sizes_is_left_alone_unless_asked(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    image_module.fromarray(np.zeros((5, 7), np.uint8)).save(tmp_path / "x.png")
    assert read(tmp_path / "x.png", GREY).array.shape == (5, 7)


@pytest.mark.parametrize(
    ("shape", "fitting", "said"),
    [((1, 1, 4, 4), Fitting(bgr=True), "--bgr is for three colors"), ((10,), Fitting(resize=True), "reads no images")],
)
def test_what_cannot_be_done_to_a_picture(tmp_path, shape, fitting, said):
    image_module = pytest.importorskip("PIL.Image")
    image_module.fromarray(np.zeros((5, 7), np.uint8)).save(tmp_path / "x.png")
    with pytest.raises(UsageError, match=said):
        read(tmp_path / "x.png", TensorType(DType.FLOAT32, shape), fitting=fitting)
