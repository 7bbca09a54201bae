"""Arrays as C: what a compiler reads is every bit of what the array holds."""

import textwrap

import numpy as np

_WIDTH = 118
_C_TYPES = {
    np.dtype(name): f"{name}_t" for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
} | {np.dtype("float32"): "float", np.dtype("float64"): "double", np.dtype("bool"): "uint8_t"}


def element_type(dtype: "np.dtype[np.generic]") -> str:
    """The C type of an array's elements; of those that C has no type for, integers of their size."""
    return _C_TYPES.get(dtype, f"uint{8 * dtype.itemsize}_t")


def elements(array: np.ndarray) -> tuple[str, str]:
    """The type of the elements, and their values between commas, some in each line; a zero for an empty array.

    Floats are hexadecimal, which loses nothing. An array that has a NaN or an infinity, for which C has no constant, is
    one of integers with the same bits.
    """
    flat = _flat(array)
    kind = element_type(flat.dtype)
    if not flat.size:
        return kind, "    0"
    return kind, textwrap.indent("\n".join(_lines(_texts(flat))), "    ")


def array_type(array: np.ndarray) -> str:
    """The type of the elements in C."""
    return element_type(_flat(array).dtype)


def _flat(array: np.ndarray) -> np.ndarray:
    """The elements in order, of a type that C has constants for."""
    flat = np.ascontiguousarray(array).reshape(-1)
    if flat.dtype not in _C_TYPES or (flat.dtype.kind == "f" and not np.isfinite(flat).all()):
        return flat.view(np.dtype(f"uint{8 * flat.dtype.itemsize}"))
    return flat


def _texts(flat: np.ndarray) -> list[str]:
    """Each number as a constant of C."""
    if flat.dtype.kind == "f":
        suffix = "f" if flat.dtype.itemsize == 4 else ""  # noqa: PLR2004 - float
        return [_hexadecimal(number) + suffix for number in flat.tolist()]
    if flat.dtype == np.int64:
        return [f"{number}LL" if number != -(1 << 63) else "INT64_MIN" for number in flat.tolist()]
    if flat.dtype == np.int32:
        return [str(number) if number != -(1 << 31) else "INT32_MIN" for number in flat.tolist()]
    suffix = {"uint32": "u", "uint64": "ull"}.get(flat.dtype.name, "")
    return [f"{int(number)}{suffix}" for number in flat.tolist()]


def _hexadecimal(number: float) -> str:
    """A float without the zeros at its end: `0x1.8p+1`."""
    mantissa, exponent = number.hex().split("p")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short if short not in ('0x', '-0x') else mantissa}p{exponent}"


def _lines(texts: list[str]) -> list[str]:
    """The texts between commas, in lines that are as full as possible."""
    lines: list[str] = []
    line: list[str] = []
    width = 0
    for text in texts:
        if line and width + len(text) + 2 > _WIDTH - 4:
            lines.append(", ".join(line) + ",")
            line, width = [], 0
        line.append(text)
        width += len(text) + 2
    return [*lines, ", ".join(line)]
