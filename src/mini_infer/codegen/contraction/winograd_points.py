"""The polynomials of Winograd's method in C: evaluated at the points, and put together from the products there."""

from collections.abc import Callable, Sequence

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
            f"const vf {name}{number} = {_added(even, point, odd)};",
            f"const vf {name}{number + 1} = {_added(even, -point, odd)};",
        ]
        number += 2
    return [*lines, f"const vf {name}{number} = {_chain(x[0::2], _squares(pairs))};"]


def backward(shape: WinogradShape, name: str, product: Callable[[int, int], str]) -> list[str]:
    """C that puts the products together: A^T m A, to the variables `<name><row>_<column>`.

    Parameters
    ----------
    name
        How the variables begin.
    product
        (row, column of a point) → C.

    A number that is nothing but a product is left without its factor, which all numbers of a row of A^T m have in
    common, until all is added up: no sum has two products.
    """
    lines: list[str] = []
    for column in range(shape.side):
        lines += _put_together(shape, [product(row, column) for row in range(shape.side)], f"c{column}_")
    powers = _powers(shape)
    for row in range(shape.size):
        lines += _put_together(shape, [f"c{column}_{row}" for column in range(shape.side)], f"{name}{row}_")
        factors = [powers[row] * power for power in powers]
        lines += [f"{name}{row}_{column} *= {factor!r}f;" for column, factor in enumerate(factors) if factor != 1]
    return lines


def _ends(shape: WinogradShape) -> list[tuple[int, ...]]:
    """For each output along one axis, the points that count once: 0, infinity, and those of the middle weight."""
    size, zero = shape.size, shape.stride == 1
    ends: list[tuple[int, ...]] = [(0,) if zero and number == 0 else () for number in range(size)]
    if not zero:
        ends = [(size + 1 + number,) for number in range(size)]
    ends[-1] += (shape.side - 1 if zero else size,)
    return ends


def _powers(shape: WinogradShape) -> list[float]:
    """What each output that has no such points is multiplied by at the end."""
    first = PAIRS[shape.stride][shape.size][0]
    return [1.0 if ends else first**power for power, ends in enumerate(_ends(shape))]


def _put_together(shape: WinogradShape, products: Sequence[str], name: str) -> list[str]:
    """A^T m along one axis, but for the factors of `_powers`."""
    pairs, zero = PAIRS[shape.stride][shape.size], shape.stride == 1
    lines = []
    for number in range(len(pairs)):
        plus, minus = f"{name}{2 * number}_plus", f"{name}{2 * number}_minus"
        lines += [
            f"const vf {plus} = {products[2 * number + zero]}, {minus} = {products[2 * number + 1 + zero]};",
            f"const vf {name}even{number} = {plus} + {minus}, {name}odd{number} = {plus} - {minus};",
        ]
    for power, ends in enumerate(_ends(shape)):
        parity = "odd" if power % 2 else "even"
        first = pairs[0]
        inner, *others = (f"{name}{parity}{number}" for number in range(len(pairs)))
        for point, other in zip(pairs[1:], others, strict=True):
            inner = _added(inner, (point / first) ** power, other)
        whole = _added(" + ".join(products[end] for end in ends), first**power, inner) if ends else inner
        lines.append(f"vf {name}{power} = {whole};")
    return lines


def _squares(pairs: Sequence[float]) -> list[float]:
    """Coefficients of the product of z - point^2, from the constant on; the last is 1."""
    coefficients = [1.0]
    for point in pairs:
        shifted, scaled = [0.0, *coefficients], [-point * point * c for c in coefficients] + [0.0]
        coefficients = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return coefficients


def _chain(names: Sequence[str], coefficients: Sequence[float]) -> str:
    """The sum of coefficient times name; the last coefficient is 1."""
    text = names[len(coefficients) - 1]
    for name, coefficient in zip(names, coefficients[:-1], strict=False):
        text = _added(text, coefficient, name)
    return text


def _added(value: str, factor: float, name: str) -> str:
    """A value plus a factor times another, fused."""
    if abs(factor) == 1:
        return f"({value} {'+' if factor > 0 else '-'} {name})"
    return f"mi_fma(mi_set1({factor!r}f), {name}, {value})"
