"""Matrix products, contractions, attention."""

import math

from harness import thresholds as at
from harness.draw import Draw
from harness.families.convolutions import activation
from harness.instance import Instance

_WORK = (100_000, at.SMALL, 4_000_000, 12_000_000)


def _sizes(d: Draw, most: int = 0) -> tuple[int, int, int]:
    """Rows, columns and depth at thresholds, of bounded work."""
    work = most or d.one_of(_WORK)
    depth = d.near(at.DEPTHS, 1, 2000) if d.maybe(0.6) else d.size(at.DEPTHS, 1, 200)
    columns = d.size(at.COLUMNS, 1, max(1, min(512, work // depth)))
    rows = d.size(at.ROWS, 1, max(1, min(400, work // (depth * columns))))
    return rows, columns, depth


def gemm(i: Instance, d: Draw) -> None:
    """Gemm: transposes, factors, a bias of any form, something behind."""
    rows, columns, depth = _sizes(d)
    dtype = d.pick("float32", "float32", "float32", "float32", "float64", "float16", "int32")
    if dtype != "float32":
        rows, columns, depth = min(rows, 40), min(columns, 130), min(depth, 300)
    turned_a, turned_b = int(d.maybe(0.3)), int(d.maybe(0.4))
    low, high = {"float64": (-(1 << 20), (1 << 20) + 1), "float16": (-1, 1)}.get(dtype, (-3, 3))
    a = i.input((depth, rows) if turned_a else (rows, depth), dtype, low, high)
    b = i.tensor((columns, depth) if turned_b else (depth, columns), dtype, -1 if dtype == "float16" else -3, 2)
    inputs = [a, b]
    if d.maybe(0.6):
        shape = d.pick((columns,), (columns,), (1, columns), (rows, columns), (rows, 1), (1,), (), (1, 1))
        inputs.append(i.tensor(shape, dtype, -8, 8))
        if dtype in {"float32", "float64", "float16"} and d.maybe(0.2):
            inputs[-1] = i.node("Relu", i.input(shape, dtype, -8, 8))
    options = {}
    if d.maybe(0.25):
        options = {"alpha": d.pick(1.0, 0.5, 2.0), "beta": d.pick(1.0, 0.5, 2.0, 0.0)}
        if dtype == "int32":
            options = {key: float(math.ceil(value)) for key, value in options.items()}
    y = i.node("Gemm", *inputs, transA=turned_a or None, transB=turned_b or None, **options)
    y = _behind(i, d, y, dtype)
    i.give(y)


def _behind(i: Instance, d: Draw, y: str, dtype: str) -> str:
    """A residual, something that broadcasts, an activation."""
    shape = i.shape(y)
    match d.index(6):
        case 1:
            y = i.node("Add", y, i.input(shape, dtype))
        case 2:
            y = i.node("Add", i.input(shape, dtype), y)
        case 3 if shape:
            y = i.node(
                d.pick("Add", "Mul", "Sub"), y, i.tensor(d.pick(shape[-1:], (1,), (*shape[:-1], 1)), dtype, 1, 2)
            )
        case 4 if dtype == "float32":
            y = activation(i, d, y)
        case 5:
            y = i.node("Relu", y) if dtype != "int32" else i.node("Abs", y)
    return y


def matmul(i: Instance, d: Draw) -> None:
    """MatMul: batches that broadcast, vectors, either side constant."""
    rows, columns, depth = _sizes(d)
    dtype = d.pick("float32", "float32", "float32", "float32", "float64", "float16", "int32", "int64")
    if dtype != "float32":
        rows, columns, depth = min(rows, 30), min(columns, 130), min(depth, 300)
    low, high = {"float64": (-(1 << 20), (1 << 20) + 1), "float16": (-1, 1)}.get(dtype, (-3, 3))
    batch = d.pick((), (), (2,), (3, 2), (2, 1, 3))
    if batch:
        rows, depth = min(rows, 40), min(depth, 300)
    a_batch, b_batch = batch, batch
    match d.index(4):
        case 1:
            b_batch = ()
        case 2:
            a_batch = ()
        case 3:
            b_batch = tuple(1 if d.maybe() else n for n in batch)
    a_shape, b_shape = (*a_batch, rows, depth), (*b_batch, depth, columns)
    match d.index(8):
        case 1 if not batch:
            a_shape = (depth,)
        case 2 if not batch:
            b_shape = (depth,)
        case 3:
            b_shape = (depth,)
    a = i.tensor(a_shape, dtype, low, high) if d.maybe(0.15) else i.input(a_shape, dtype, low, high)
    b = i.tensor(b_shape, dtype, -1 if dtype == "float16" else -3, 2)
    if d.maybe(0.2) and len(b_shape) >= 2:
        order = (*range(len(b_shape) - 2), len(b_shape) - 1, len(b_shape) - 2)
        b = i.node(
            "Transpose",
            i.tensor((*b_shape[:-2], columns, depth), dtype, -1 if dtype == "float16" else -3, 2),
            perm=order,
        )
    y = i.node("MatMul", a, b)
    i.give(_behind(i, d, y, dtype))


def scaled(i: Instance, d: Draw) -> None:
    """A product and constants that scale it, which passes fold into its weights; sizes that are equal, too."""
    rows, columns = d.integer(1, 9), d.integer(1, 9)
    depth = d.pick(rows, columns, 3, 8, 16)
    a = i.input(d.pick((rows, depth), (2, rows, depth), (depth,)))
    b = i.constant(d.pick((depth, columns), (depth, columns), (depth,), (2, depth, columns)), low=1, high=4)
    y = i.node("MatMul", a, b)
    for _ in range(d.integer(1, 3)):
        shape = i.shape(y)
        if not shape:
            break
        parts = [shape[-1:], (1,), (), shape, (*shape[:-1], 1), (1,) * len(shape), (*[1] * (len(shape) - 1), shape[-1])]
        constant = i.constant(d.one_of(parts), low=1, high=4, step=d.pick(1, 0.5))
        op = d.pick("Mul", "Div", "Add", "Sub")
        if op == "Div":
            constant = i.given([d.pick(0.5, 2.0, 4.0) for _ in range(shape[-1])], "float32")
        swapped = op in {"Add", "Mul"} and d.maybe(0.3)
        y = i.node(op, constant, y) if swapped else i.node(op, y, constant)
    if i.values[y].value.ndim >= 2 and d.maybe(0.3):
        y = normalized(i, d, y)
    i.give(y)


def normalized(i: Instance, d: Draw, x: str) -> str:
    """Batch normalization of statistics that are exact."""
    channels = i.shape(x)[1]
    scale, bias, mean = (i.constant((channels,), low=low, high=4) for low in (1, -4, -4))
    variance = i.given([d.pick(1.0, 4.0, 0.25, 16.0) for _ in range(channels)], "float32")
    return i.node("BatchNormalization", x, scale, bias, mean, variance, epsilon=0.0)


def strassen(i: Instance, d: Draw) -> None:
    """Products so large that Strassen's method is considered."""
    least, stretch, few = at.STRASSEN
    depth = d.pick(least, least - 2, least + 2, least + 64, stretch, 2 * stretch, 2 * stretch)
    columns = d.pick(least, least + 64, least + 128, least - 16, least + 2)
    rows = d.near([few, few + 1, 40], few - 1, 48)
    a = i.input((rows, depth), low=-2, high=2)
    turned = d.maybe(0.3)
    b = i.constant((columns, depth) if turned else (depth, columns), low=-1, high=1)
    if turned:
        y = i.node("Gemm", a, b, *([i.constant((columns,))] if d.maybe() else []), transB=1)
    else:
        y = i.node("MatMul", a, b)
        if d.maybe():
            y = i.node("Add", y, i.constant((columns,)))
    match d.in_turn(range(5)):
        case 1:
            y = i.node("Add", y, i.input((rows, columns)))
        case 2 | 4:
            y = i.node(d.pick("Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSwish"), y)
        case 3:
            y = i.node("Relu", i.node("Add", y, i.input((rows, columns))))
    i.give(y)


_EQUATIONS = (
    "ij,jk->ik",
    "bij,bjk->bik",
    "bhqd,bhkd->bhqk",
    "bqhd,bkhd->bhqk",
    "ij,kj->ik",
    "ij,ij->i",
    "ij,ij->",
    "ij->ji",
    "ii->i",
    "ii->",
    "ijk->kj",
    "i,j->ij",
    "ij,jk,kl->il",
    "...ij,...jk->...ik",
    "bi,bj->bij",
    "abc,acd->bd",
    "ij,jk",
    "ji,jk->ik",
    "...i->...",
    "iij,jk->ik",
    "abc,cd->dab",
)


def einsum(i: Instance, d: Draw) -> None:
    """Equations of every form; labels of size 1 on one side broadcast."""
    equation = d.in_turn(_EQUATIONS)
    dtype = d.pick("float32", "float32", "int32", "float64", "float16")
    terms = equation.partition("->")[0].split(",")
    labels = sorted({label for term in terms for label in term if label.isalpha()})
    sizes = {label: d.pick(3, 1, 2, 5, 8, 17) for label in labels}
    outer = d.pick((2,), (), (2, 3))
    names = []
    for term in terms:
        shape: list[int] = []
        rest = term
        if "..." in term:
            shape += outer if not names or d.maybe(0.7) else [1] * len(outer)
            rest = term.replace("...", "")
        shape += [1 if d.maybe(0.08) and rest.count(label) == 1 else sizes[label] for label in rest]
        names.append(i.tensor(shape, dtype, -2, 2))
    i.give(i.node("Einsum", *names, equation=equation))


def attention(i: Instance, d: Draw) -> None:
    """ONNX's Attention with whatever it takes."""
    dtype = d.pick("float32", "float32", "float32", "float64", "float16")
    queries = d.near([1, at.QUERIES, 8, 16, 30], 1, 40)
    keys = d.size([*at.SHORT, 8, 16, 32, 64], 1, 140)
    size, width = d.size([*at.SHORT, 8, 16, 32, 64], 1, 80), d.size([8, 16, 32], 1, 70)
    heads, shared, batch = d.pick(1, 2, 3), d.pick(1, 1, 2), d.pick(1, 2)
    flat = d.maybe(0.4)

    def tensor(count: int, rows: int, each: int) -> str:
        shape = (batch, rows, count * each) if flat else (batch, count, rows, each)
        return i.input(shape, dtype, -2, 2, 0.5)

    q, k, v = tensor(heads * shared, queries, size), tensor(heads, keys, size), tensor(heads, keys, width)
    inputs = [q, k, v]
    options: dict[str, object] = {}
    if flat:
        options |= {"q_num_heads": heads * shared, "kv_num_heads": heads}
    past = d.pick(0, 0, 3) if d.maybe(0.4) else 0
    total = keys + past
    if d.maybe(0.4):
        shape = d.pick(
            (queries, total), (1, queries, total), (batch, 1, queries, total), (batch, heads * shared, queries, total)
        )
        if d.maybe(0.6):
            inputs.append(i.tensor(shape, "bool"))
        else:
            inputs.append(i.tensor(shape, dtype, -3, 3))
    if d.maybe(0.3):
        options["is_causal"] = 1
    if d.maybe(0.3):
        options["scale"] = d.pick(0.25, 0.5, 0.1)
    if d.maybe(0.2):
        options["softcap"] = d.pick(2.0, 10.0)
    outputs = 1
    if past:
        inputs += [""] * (4 - len(inputs))
        inputs += [
            i.input((batch, heads, past, size), dtype, -2, 2, 0.5),
            i.input((batch, heads, past, width), dtype, -2, 2, 0.5),
        ]
        outputs = 3
    elif d.maybe(0.1) and i.version >= 24:
        inputs += [""] * (6 - len(inputs))
        inputs.append(i.given([d.integer(1, keys) for _ in range(batch)], "int64", constant=False))
    if d.maybe(0.3):
        options["qk_matmul_output_mode"] = d.pick(0, 1, 2, 3)
        outputs = 4
    names = i.node("Attention", *inputs, outputs=outputs, **options)
    names = [names] if isinstance(names, str) else names
    if outputs == 4 and not past:
        i.nodes[-1].output[1:3] = ["", ""]
        names = [names[0], names[3]]
    i.give(*names)


def written_attention(i: Instance, d: Draw) -> None:
    """Attention as exporters write it out, which a pass puts together."""
    batch, heads = d.pick(1, 2), d.pick(1, 2, 3)
    queries, keys = d.near([at.QUERIES, 8, 16, 30], 1, 40), d.size([*at.SHORT, 8, 16, 32, 64], 1, 140)
    size, width = d.size([*at.SHORT, 8, 16, 32], 1, 80), d.size([8, 16, 32], 1, 70)

    def split(rows: int, each: int, order: tuple[int, ...]) -> str:
        if d.maybe(0.5):
            x = i.input((batch, rows, heads * each), low=-2, high=2, step=0.5)
            x = i.node("Reshape", x, i.ints(*d.pick((0, 0, heads, each), (batch, rows, heads, -1))))
            return i.node("Transpose", x, perm=order)
        shape = (batch, heads, rows, each)
        x = i.input(shape, low=-2, high=2, step=0.5)
        return x if order == (0, 2, 1, 3) else i.node("Transpose", x, perm=(0, 1, 3, 2))

    q, k, v = split(queries, size, (0, 2, 1, 3)), split(keys, size, (0, 2, 3, 1)), split(keys, width, (0, 2, 1, 3))
    factor = i.given(d.pick(0.25, 2.0, 0.5), "float32")
    before = d.maybe(0.3)
    if before:
        q = i.node(d.pick("Mul", "Div"), q, factor)
    scores = i.node("MatMul", q, k)
    if not before and d.maybe(0.7):
        scores = i.node("Mul", factor, scores) if d.maybe(0.3) else i.node(d.pick("Div", "Mul"), scores, factor)
    shape = d.pick((batch, 1, 1, keys), (1, 1, queries, keys), (batch, heads, queries, keys), (queries, keys))
    match d.index(4):
        case 1:
            scores = i.node("Add", scores, i.tensor(shape, "float32", -3, 3))
        case 2:
            scores = i.node("Where", i.tensor(shape, "bool"), scores, i.given(d.pick(-1e4, -10.0), "float32"))
        case 3:
            scores = i.node("Where", i.tensor(shape, "bool"), i.given(d.pick(-1e4, -10.0), "float32"), scores)
    y = i.node("MatMul", i.node("Softmax", scores, axis=d.pick(-1, 3)), v)
    if d.maybe(0.6):
        y = i.node("Transpose", y, perm=(0, 2, 1, 3))
        if d.maybe(0.6):
            y = i.node("Reshape", y, i.ints(0, 0, heads * width))
    i.give(y)


def rotary(i: Instance, d: Draw) -> None:
    """Rotary embeddings of any form."""
    dtype = d.pick("float32", "float16")
    batch, heads, rows, size = d.pick(1, 2), d.pick(1, 2, 3), d.integer(1, 9), 2 * d.pick(2, 4, 8, 9)
    flat = d.maybe(0.4)
    x = i.input((batch, rows, heads * size) if flat else (batch, heads, rows, size), dtype)
    partial = d.pick(0, 0, size // 2 // 2 * 2)
    half = (partial or size) // 2
    inputs = [x]
    if d.maybe():
        inputs += [i.input((12, half), dtype, -2, 2), i.input((12, half), dtype, -2, 2)]
        inputs.append(i.tensor((batch, rows), "int64", 0, 11))
    else:
        inputs += [i.input((batch, rows, half), dtype, -2, 2), i.input((batch, rows, half), dtype, -2, 2)]
    i.give(
        i.node(
            "RotaryEmbedding",
            *inputs,
            interleaved=int(d.maybe()),
            num_heads=heads if flat else None,
            rotary_embedding_dim=partial or None,
        )
    )


def short(i: Instance, d: Draw) -> None:
    """One row or few, one vector of columns or few, of the depths at which sums are first cut into parts."""
    rows, columns, depth = d.integer(1, 3), d.size([4, 8, 16], 1, 33), d.near(at.SHORT, 1, 400) + d.integer(0, 7)
    a, b = i.input((rows, depth), low=-3, high=3), i.tensor((depth, columns), low=-3, high=3)
    if d.maybe():
        i.give(activation(i, d, i.node("Gemm", a, b, i.tensor((columns,), low=-8, high=8))))
    else:
        i.give(i.node("MatMul", a, b))


FAMILIES = {
    "gemm": gemm,
    "gemm-short": short,
    "matmul": matmul,
    "scaled": scaled,
    "strassen": strassen,
    "einsum": einsum,
    "attention": attention,
    "attention-written": written_attention,
    "rotary": rotary,
}
