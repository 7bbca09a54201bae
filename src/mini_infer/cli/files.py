"""Arrays from files: `.npy`, `.npz`, raw binary, PGM, and PNG and JPEG where pillow is installed."""

import math
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mini_infer.errors import InputError, UsageError
from mini_infer.files import open_regular, read_regular
from mini_infer.ir import Dim, TensorType
from mini_infer.ir.dims import at, shown

FORMATS = ".npy, .npz, .pgm, .png, .jpg, or raw bytes in .bin or .raw"
PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""Suffixes of images that pillow reads → its name of the format."""
RAW_SUFFIXES = {".bin", ".raw"}
IMAGE_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""Pillow's name of an 8-bit image with that many channels."""
ARCHIVED = 1 << 30
"""Bytes that an array in an archive may have: it is unpacked into memory, and may take a thousandth of that in it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds; an image's integers are pixels, which become the model's floats."""

    array: NDArray[Any]
    is_image: bool = False


@dataclass(frozen=True, slots=True)
class Fitting:
    """How an image is made what the model reads.

    Parameters
    ----------
    resize
        Whether it is scaled, bilinearly, to the model's height and width, the typical ones where these are open;
        otherwise it must have them, or be in their range.
    bgr
        Whether colors are blue, green, red; otherwise they are red, green, blue.
    """

    resize: bool = False
    bgr: bool = False


def read(
    path: Path,
    tensor: TensorType,
    *,
    name: str = "",
    key: str = "",
    dtype: str | None = None,
    fitting: Fitting = Fitting(),
) -> Content:
    """The array in a file, in the format that its suffix names.

    Parameters
    ----------
    path
        A file; one with another suffix is raw bytes when `dtype` is given.
    tensor
        What the model expects: raw bytes are read as whole tensors of its shape, images in its number of channels.
    name
        The model's input: which array of an `.npz` to take when no `key` says it.
    key
        Which array of an `.npz` to take.
    dtype
        Element type of raw bytes, row-major in this machine's byte order; the model's when not given.
    fitting
        What is done to a PNG or JPEG.

    Raises
    ------
    InputError
        When the file is missing, truncated or not what its suffix says.
    UsageError
        When the suffix names no format, or a PNG or JPEG is given and pillow is not installed.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".npy":
            return Content(read_array(path))
        if suffix == ".npz":
            return Content(_read_archive(path, key or name, any_single=not key))
        if suffix == ".pgm":
            return Content(parse_pgm(read_regular(path)), is_image=True)
        if suffix in PICTURES:
            return Content(_read_picture(path, tensor, fitting), is_image=True)
        if suffix in RAW_SUFFIXES or dtype is not None:
            return Content(_parse_raw(_mapped(path), tensor, dtype))
    except (InputError, UsageError) as error:
        if str(error).startswith(f"{path}: "):
            raise
        raise type(error)(f"{path}: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001  NumPy, zipfile and zlib refuse foreign bytes in a dozen ways
        raise InputError(f"{path}: not a readable {suffix} file: {' '.join(str(error).split())}") from None
    raise UsageError(f"{path}: unknown format {suffix!r}; expected {FORMATS}, or give --dtype to read raw bytes")


def images_in(folder: Path) -> list[Path]:
    """The images in a folder, in the order of their names.

    Raises
    ------
    InputError
        When there are none, or the folder cannot be read.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".pgm", *PICTURES})
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror or error}") from None
    if not found:
        raise InputError(f"{folder} cannot be read: a folder without images ({', '.join(('.pgm', *PICTURES))})")
    return found


def read_array(path: Path) -> NDArray[Any]:
    """The array in an `.npy` file: mapped, so that nothing is read of one that does not fit.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    open_regular(path).close()
    try:
        return np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except Exception as error:  # noqa: BLE001  NumPy refuses foreign bytes in a dozen ways
        raise InputError(f"{path}: not a readable .npy file: {' '.join(str(error).split())}") from None


def _mapped(path: Path) -> NDArray[np.uint8]:
    with open_regular(path) as stream:
        return np.asarray(np.memmap(stream, np.uint8, "r")) if stream.seek(0, 2) else np.empty(0, np.uint8)


def _read_archive(path: Path, key: str, *, any_single: bool) -> NDArray[Any]:
    """One array of an `.npz`: the one called `key`, or the only one where `any_single` allows it."""
    with open_regular(path) as stream, np.load(stream, allow_pickle=False) as archive:
        names: list[str] = archive.files
        chosen = key if key in names else names[0] if any_single and len(names) == 1 else None
        if chosen is None:
            raise InputError(f"no array {key!r} among {', '.join(names) or 'none'}; name one with {path.name}:NAME")
        size = max((part.file_size for part in archive.zip.infolist() if part.filename.startswith(chosen)), default=0)
        if size > ARCHIVED:
            raise InputError(f"array {chosen!r} has {size} bytes, more than {ARCHIVED}: save it as .npy")
        return np.asarray(archive[chosen])


def parse_pgm(data: bytes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """One grey image, plain (P2) or binary (P5): shape (height, width), uint8, or uint16 above 255 grey levels.

    The values are the file's, not scaled. Source: netpbm's pgm(5).

    Raises
    ------
    InputError
        When it is no PGM, its numbers make no sense, or it has fewer or more pixels than it says.
    """
    space = rb"(?:\s|#[^\n]*\n)+"
    header = re.match(rb"(P[25])" + (space + rb"(\d{1,9})") * 3 + rb"(?:[ \t]*#[^\n]*)?\s", data)
    if header is None:
        raise InputError("not a PGM image: it does not begin with P2 or P5, width, height and the largest grey value")
    width, height, largest = (int(header[group]) for group in (2, 3, 4))
    if not (width and height and 0 < largest < 1 << 16):
        raise InputError(f"a PGM image of {width}x{height} pixels up to {largest} makes no sense")
    kind: np.dtype[Any] = np.dtype(np.uint8 if largest < 1 << 8 else np.uint16)
    body = data[header.end() :]
    if header[1] == b"P5":
        values = np.frombuffer(body[: len(body) // kind.itemsize * kind.itemsize], kind.newbyteorder(">"))
    else:
        tokens = re.sub(rb"#[^\n]*", b"", body).split()
        if not all(token.isdigit() and len(token) < 10 for token in tokens):  # noqa: PLR2004  what int64 surely holds
            raise InputError("a plain PGM image has pixels that are not numbers")
        values = np.array([int(token) for token in tokens], np.int64)
    if values.size != width * height:
        raise InputError(f"a PGM image of {width}x{height} needs {width * height} pixels, the file has {values.size}")
    if values.max() > largest:
        raise InputError(f"a PGM pixel is {values.max()}, above the largest grey value {largest} that the file states")
    return values.astype(kind).reshape(height, width)


def _parse_raw(data: NDArray[np.uint8], tensor: TensorType, dtype: str | None) -> NDArray[Any]:
    """Whole tensors of the model's shape, one after another: shape (N, *shape)."""
    try:
        kind = tensor.dtype.numpy if dtype is None else np.dtype(dtype)
    except TypeError:
        raise UsageError(f"--dtype {dtype}: no such element type; NumPy's names are meant, such as uint8") from None
    if tensor.is_open:
        tensor = _of_bytes(tensor, len(data) // kind.itemsize)
    size = tensor.elements * kind.itemsize
    if kind.kind not in "biuf" or not size:
        raise UsageError(f"raw bytes cannot be read as {kind} {shape_text(tensor.shape)}")
    if not data.size or len(data) % size:
        raise InputError(
            f"{len(data)} bytes are not a whole number of {kind} tensors of {shape_text(tensor.shape)}, "
            f"{size} bytes each; --dtype says what the bytes are"
        )
    return np.frombuffer(data, kind).reshape(-1, *tensor.shape)


def _of_bytes(tensor: TensorType, elements: int) -> TensorType:
    """The tensor that so many elements are; of one open dimension that says its size.

    Raises
    ------
    UsageError
        When several dimensions are open.
    """
    axes = [axis for axis, dim in enumerate(tensor.shape) if isinstance(dim, Dim)]
    rest = math.prod(dim for axis, dim in enumerate(tensor.shape) if axis not in axes)
    if len(axes) > 1 or not rest:
        raise UsageError(f"raw bytes do not say which {shape_text(tensor.shape)} they are: give an .npy file")
    return TensorType(tensor.dtype, (*tensor.shape[: axes[0]], elements // rest, *tensor.shape[axes[0] + 1 :]))


def _read_picture(path: Path, tensor: TensorType, fitting: Fitting) -> NDArray[Any]:
    """An image in the model's number of channels: shape (H, W), or (C, H, W) or (H, W, C) as the model has them."""
    try:
        from PIL import Image
    except ImportError:
        raise UsageError("reading PNG and JPEG needs pillow: pip install pillow") from None
    axes = tensor.shape[-3:]
    if len(axes) < 2:  # noqa: PLR2004  height and width are two
        raise UsageError(f"the model reads no images: {shape_text(tensor.shape)}")
    channels_first = len(axes) > 2 and axes[0] in IMAGE_MODES  # noqa: PLR2004
    channels_last = len(axes) > 2 and axes[-1] in IMAGE_MODES and not channels_first  # noqa: PLR2004
    channels = axes[0] if channels_first else axes[-1] if channels_last else 1
    height, width = axes[-3:-1] if channels_last else axes[-2:]
    if fitting.bgr and channels != len("bgr"):
        raise UsageError(f"--bgr is for three colors, the model reads {shape_text(tensor.shape)}")
    with open_regular(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # too many pixels for the bytes that hold them
        opened = Image.open(stream, formats=[PICTURES[path.suffix.lower()]])
        deep_grey = channels == 1 and opened.mode.startswith("I")  # 16 bits, which "L" would clip
        image = opened if deep_grey else opened.convert(IMAGE_MODES[channels])
        size = at((width, height))
        pixels = np.asarray(image.resize(size, Image.Resampling.BILINEAR) if fitting.resize else image)
    if fitting.bgr:
        pixels = pixels[..., ::-1]
    return pixels.transpose(2, 0, 1) if channels > 1 and channels_first else pixels


def shape_text(shape: tuple[int, ...]) -> str:
    """1x1x28x28, or "scalar"."""
    return "x".join(map(shown, shape)) or "scalar"
