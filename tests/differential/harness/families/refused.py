"""What no kernel takes, each for a reason of its own: interpreted, and right."""

from onnx import TensorProto

from harness.draw import Draw
from harness.instance import Instance

_BRAIN = "bfloat16"


def types(i: Instance, d: Draw) -> None:
    """Element types that kernels have none of, or not together."""
    quarter = i.given(0.25, "float32")
    made = (
        lambda: i.node(
            "DequantizeLinear",
            i.node("QuantizeLinear", i.input((9,), low=-3, high=3), quarter, _four(i)),
            quarter,
            _four(i),
        ),
        lambda: i.node("QuantizeLinear", i.input((9,), "int32", 0, 90), i.given(1, "int32"), i.given(0, "uint8")),
        lambda: i.unjudged(i.node("DequantizeLinear", i.input((9,), "int8", 0, 9), i.given(0.5, _BRAIN))),
        lambda: i.unjudged(
            i.node("QuantizeLinear", i.input((9,), _BRAIN, 0, 9), i.given(0.5, _BRAIN), i.given(0, "uint8"))
        ),
        lambda: i.unjudged(
            i.node(
                "QuantizeLinear",
                i.input((9,), "float16"),
                i.given(0.5, "float32"),
                i.given(0, "int8"),
                precision=TensorProto.FLOAT,
            )
        ),
        lambda: i.unjudged(_attention(i, mask=_BRAIN)),
        lambda: i.unjudged(_linear_attention(i, _BRAIN)),
        lambda: i.unjudged(_causal_conv(i, _BRAIN, 4)),
        lambda: i.unjudged(
            i.node("Relu", i.node("Conv", i.input((1, 2, 4, 4), _BRAIN), i.constant((2, 2, 1, 1), _BRAIN)))
        ),
        lambda: i.unjudged(_loss(i, _BRAIN)),
        lambda: i.unjudged(_deform_conv(i, 2, _BRAIN)),
        lambda: i.node("LayerNormalization", i.input((3, 5), "float64"), i.constant((5,), "float64", 1, 3), outputs=3),
        lambda: i.node("Cast", i.node("QLinearMatMul", *_eighths(i)), to=TensorProto.FLOAT),
        lambda: i.node("Cast", i.node("QLinearMatMul", *_eighths(i, "uint8")), to=TensorProto.FLOAT),
        lambda: _loss(i, "float32", ignored=2**62 + 1),
    )
    made = d.in_turn(made)()
    i.give(*(made if isinstance(made, list) else [made]))


def _four(i: Instance) -> str:
    """A zero point of four bits."""
    return i.given(1, "int4")


def _attention(i: Instance, mask: str) -> str:
    q, k, v = (i.input((1, 2, 5, 4), low=-2, high=2, step=0.5) for _ in range(3))
    return i.node("Attention", q, k, v, i.input((5, 5), mask))


def _linear_attention(i: Instance, dtype: str) -> str:
    q, k, v = (i.input((1, 3, 8), dtype, -2, 2, 0.25) for _ in range(3))
    return i.node("LinearAttention", q, k, v, outputs=2, q_num_heads=2, kv_num_heads=2, update_rule="linear")[0]


def _causal_conv(i: Instance, dtype: str, length: int) -> str:
    return i.node("CausalConvWithState", i.input((1, 2, length), dtype), i.constant((2, 1, 3), dtype), outputs=2)[0]


def _loss(i: Instance, dtype: str, ignored: int | None = None) -> str:
    x, target = i.input((3, 4), dtype), i.input((3,), "int64", 0, 3)
    return i.node("NegativeLogLikelihoodLoss", x, target, ignore_index=ignored)


def _eighths(i: Instance, kind: str = "float8_e4m3fn") -> list[str]:
    """Operands of a product whose result has floats of eight bits, as they have perhaps themselves."""
    one, zero = i.given(1.0, "float32"), i.given(0, kind)
    a, b = i.input((2, 4), kind, 0, 2), i.constant((4, 3), kind, 0, 2)
    return [a, one, zero, b, one, zero, one, i.given(0, "float8_e4m3fn")]


def forms(i: Instance, d: Draw) -> None:
    """Forms that kernels are not written for."""
    made = (
        lambda: i.node("BatchNormalization", i.input((4, 3, 5)), *_statistics(i), outputs=3, training_mode=1),
        lambda: i.node(
            "QuantizeLinear",
            i.input((2, 5)),
            i.constant((2, 3), low=1, high=2),
            i.constant((2, 3), "int8", 0, 3),
            axis=1,
            block_size=2,
        ),
        lambda: i.node("Pad", i.input((2, 2, 2, 2, 2)), i.ints(*[1] * 10), mode="reflect"),
        lambda: i.node("Pad", i.input((3,)), i.ints(0, 70_000), mode="wrap"),
        lambda: i.unjudged(i.node("GlobalAveragePool", i.input((1, 2, 0, 4)))),
        lambda: i.unjudged(
            i.node("MaxPool", i.input((1, 1, 1, 1)), kernel_shape=[2, 2], dilations=[2, 2], pads=[1] * 4)
        ),
        lambda: i.unjudged(
            i.node("RNN", i.input((2, 1, 0)), i.constant((1, 2, 0)), i.constant((1, 2, 2)), hidden_size=2, outputs=2)[0]
        ),
        lambda: i.unjudged(_causal_conv(i, "float32", 0)),
        lambda: i.unjudged(_linear_attention_of_nothing(i)),
        lambda: i.unjudged(_long_rows(i)),
        lambda: _deform_conv(i, 4),
        lambda: _deform_conv(i, 5),
        lambda: i.node("Conv", i.input((1, 2, 4, 4)), i.input((2, 2, 3, 3))),
    )
    made = d.in_turn(made)()
    i.give(*(made if isinstance(made, list) else [made]))


def _deform_conv(i: Instance, rank: int, dtype: str = "float32") -> str:
    """Windows of so many axes."""
    shapes = (1, 1, *[2] * rank), (1, 1, *[1] * rank), (1, rank, *[2] * rank)
    return i.node("DeformConv", *(i.input(shape, dtype) for shape in shapes))


def _statistics(i: Instance) -> list[str]:
    """Scale, bias, mean and variance of three channels."""
    return [i.constant((3,), low=low, high=high) for low, high in ((1, 3), (-3, 3), (-3, 3), (1, 4))]


def _long_rows(i: Instance) -> str:
    """Attention by a state whose rows are longer than native code is written for."""
    q, k = i.input((1, 2, 4)), i.input((1, 2, 4))
    v = i.input((1, 2, (1 << 16) + 4), low=-1, high=1)
    options = {"q_num_heads": 1, "kv_num_heads": 1, "update_rule": "linear"}
    return i.node("LinearAttention", q, k, v, outputs=2, **options)[0]


def _linear_attention_of_nothing(i: Instance) -> str:
    q, k, v = (i.input((1, 0, 8)) for _ in range(3))
    return i.node("LinearAttention", q, k, v, outputs=2, q_num_heads=2, kv_num_heads=2, update_rule="linear")[0]


FAMILIES = {"refused-types": types, "refused-forms": forms}
