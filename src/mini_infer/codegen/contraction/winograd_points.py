"""The polynomials of Winograd's method in C: evaluated at the points, and put together from the products there."""

from collections.abc import Sequence

from mini_infer.program.kernels.contraction.winograd import WinogradShape
from mini_infer.program.winograd import PAIRS


def forward(shape: WinogradShape, x: Sequence[str], name: str) -> list[str]:
    """C that evaluates the inputs' polynomial: B^T x, to the variables `<name>0`, `<name>1` and so on."""
    pairs = PAIRS[shape.stride][shape.size]
    if shape.stride == 1:
        first = f"const vf {name}0 = {_chain(x[0::2], _squares(pairs))};"
        return [first, *_evaluate(pairs, x[1:], name, 1)]
    odd = [f"const vf {name}{shape.size + 1 + k} = {value};" for k, value in enumerate(x[1::2])]
    return [*_evaluate(pairs, x[0::2], name, 0), *odd]


def _evaluate(pairs: Sequence[float], x: Sequence[str], name: str, number: int) -> list[str]:
    """The points of the pairs and infinity, counted from `number` on."""
    lines = []
    for point in pairs:
        others = _squares([other for other in pairs if other != point])
        even, odd = f"{name}{number}_even", f"{name}{number}_odd"
        lines += [
            f"const vf {even} = {_chain(x[1::2], others)}, {odd} = {_chain(x[0::2], others)};",
            f"const vf {name}{number} = {even} + {_times(point, odd)};",
            f"const vf {name}{number + 1} = {even} - {_times(point, odd)};",
        ]
        number += 2
    return [*lines, f"const vf {name}{number} = {_chain(x[0::2], _squares(pairs))};"]


def backward(shape: WinogradShape, products: Sequence[str], name: str) -> list[str]:
    """C that puts the products together: A^T m, to the variables `<name>0`, `<name>1` and so on."""
    size, pairs = shape.size, PAIRS[shape.stride][shape.size]
    zero = shape.stride == 1
    ends = [""] * size
    if zero:
        ends[0] = f"{products[0]} + "
        infinity = products[-1]
    else:
        infinity = products[size]
        ends = [f"{product} + " for product in products[size + 1 :]]
    ends[-1] += f"{infinity} + "
    lines = []
    for number in range(len(pairs)):
        plus, minus = f"{name}{2 * number}_plus", f"{name}{2 * number}_minus"
        lines += [
            f"const vf {plus} = {products[2 * number + zero]}, {minus} = {products[2 * number + 1 + zero]};",
            f"const vf {name}even{number} = {plus} + {minus}, {name}odd{number} = {plus} - {minus};",
        ]
    for power in range(size):
        parity = "odd" if power % 2 else "even"
        first = pairs[0]
        # The first point's power stands outside, so that no sum has two products.
        inner = " + ".join(
            _times((point / first) ** power, f"{name}{parity}{number}") for number, point in enumerate(pairs)
        )
        outer = _times(first**power, f"({inner})")
        lines.append(f"vf {name}{power} = {ends[power]}{outer};")
    return lines


def _squares(pairs: Sequence[float]) -> list[float]:
    """Coefficients of the product of z - point^2, from the constant on; the last is 1."""
    coefficients = [1.0]
    for point in pairs:
        shifted, scaled = [0.0, *coefficients], [-point * point * c for c in coefficients] + [0.0]
        coefficients = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return coefficients


def _chain(names: Sequence[str], coefficients: Sequence[float]) -> str:
    """The sum of coefficient times name; the last coefficient is 1. Each addition has one product for operand."""
    text = names[len(coefficients) - 1]
    for name, coefficient in zip(names, coefficients[:-1], strict=False):
        text = f"({text} {'-' if coefficient < 0 else '+'} {_times(abs(coefficient), name)})"
    return text


def _times(factor: float, name: str) -> str:
    return name if factor == 1 else f"{factor!r}f * {name}"
