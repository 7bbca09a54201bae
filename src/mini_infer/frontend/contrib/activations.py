"""Activations, and additions around them, of onnxruntime's own operators."""

from collections.abc import Sequence

from mini_infer.frontend.composer import Composer


def activate(c: Composer, x: str, kind: str, parameters: Sequence[float] = ()) -> str:
    """An activation that is named in an attribute; no name means none.

    Raises
    ------
    UnsupportedError
        When the name is unknown.
    """
    match kind, list(parameters):
        case ("", _):
            return x
        case (("Relu" | "Sigmoid" | "Tanh" | "Softplus" | "Softsign" | "HardSwish") as op, _):
            return c(op, x)
        case (("LeakyRelu" | "Elu" | "ThresholdedRelu") as op, [alpha, *_]):
            return c(op, x, alpha=alpha)
        case (("LeakyRelu" | "Elu" | "ThresholdedRelu" | "HardSigmoid") as op, []):
            return c(op, x)
        case ("HardSigmoid", [alpha, beta, *_]):
            return c("HardSigmoid", x, alpha=alpha, beta=beta)
        case ("Clip", [low, high, *_]):
            return c("Clip", x, c.like(low, x), c.like(high, x))
    raise c.refusal(f"has the activation {kind!r}, which is not known")


def gelu(c: Composer) -> Sequence[str]:
    """`Gelu`, exact."""
    return [c("Gelu", c.input(0))]


def bias_gelu(c: Composer) -> Sequence[str]:
    """`BiasGelu`: of a sum, exact."""
    return [c("Gelu", c("Add", c.input(0), c.input(1)))]


def fast_gelu(c: Composer) -> Sequence[str]:
    """`FastGelu`: of a sum, if there is a bias, by tanh."""
    x = c("Add", c.input(0), c.input(1)) if c.input(1) else c.input(0)
    return [c("Gelu", x, approximate="tanh")]


def quick_gelu(c: Composer) -> Sequence[str]:
    """`QuickGelu`: x · sigmoid(alpha · x)."""
    x = c.input(0)
    return [c("Mul", x, c("Sigmoid", c("Mul", x, c.like(c.attribute("alpha", 1.702), x))))]


def bias_add(c: Composer) -> Sequence[str]:
    """`BiasAdd`: x + bias + skip."""
    return [c("Add", c("Add", c.input(0), c.input(1)), c.input(2))]


def bias_split_gelu(c: Composer) -> Sequence[str]:
    """`BiasSplitGelu`: the first half of x + bias times the GELU of the second."""
    left, right = c.several("Split", [c("Add", c.input(0), c.input(1))], 2, axis=-1, num_outputs=2)
    return [c("Mul", left, c("Gelu", right))]
