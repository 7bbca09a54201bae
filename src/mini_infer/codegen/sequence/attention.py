"""C of `Attention` and `RotaryEmbedding`."""

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain, sum_type
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import Block, For, Statement, text
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.ir.dims import greatest
from mini_infer.machine import Machine
from mini_infer.program.kernels.sequence.attention import Attention, RotaryEmbedding, Rows


def emit_attention(kernel: Attention, machine: Machine) -> Body:
    """Write the function of an `Attention`: an item is one head, which takes one query after the other.

    The scores of a query lie in scratch memory, `s`; the row of y is summed there too, and rounded once.
    """
    kind = C_TYPES[kernel.dtype]
    real = DType.FLOAT64 if kernel.dtype is DType.FLOAT64 else DType.FLOAT32
    wide = C_TYPES[real]
    query = [*_scores(kernel, real), *_softmax(kernel, real, machine), *_weigh(kernel, kind, wide)]
    head: list[Statement] = [
        f"const long n = item / {kernel.heads}, h = item % {kernel.heads};",
        f"const {kind} *const kh = k + {start_of(kernel.k, f'h / {kernel.q_per_kv}')};",
        f"const {kind} *const vh = v + {start_of(kernel.v, f'h / {kernel.q_per_kv}')};",
        f"{wide} *const s = scratch + item * {kernel.keys + kernel.v_dim};",
        f"{wide} *const sum = s + {kernel.keys};",
        *_count(kernel),
        For("i", kernel.queries, query),
    ]
    items = kernel.batch * kernel.heads
    return Body("attention", each_item(*head), items, (_dot(kernel, machine),), can_fail=kernel.has_kv_lengths)


def start_of(rows: Rows, head: str) -> str:
    """Where the rows of a head begin."""
    return f"(n * {rows.batch} + {head} * {rows.head})"


def _count(kernel: Attention) -> list[str]:
    """How many keys are valid, and where the first query is among them, as far as the kernel asks."""
    lines = []
    if kernel.has_kv_lengths:
        lines += ["const int64_t valid = counts[n];", f"if (valid < 0 || valid > {kernel.keys}) return 2;"]
    if kernel.window_left >= 0 or kernel.window_right >= 0:
        first = f"valid - {kernel.queries}" if kernel.has_kv_lengths else str(kernel.offset)
        lines.append(f"const int64_t first = {first};")
    return lines


def _scores(kernel: Attention, real: DType) -> list[Statement]:
    """The masked scores of query `i`, their greatest, and whether any key is seen."""
    kind, wide, infinite = C_TYPES[kernel.dtype], C_TYPES[real], "__builtin_inff()"
    suffix = "" if real is DType.FLOAT64 else "f"
    seen = ["j < valid"] if kernel.has_kv_lengths else []
    seen += [f"j >= first + i - {kernel.window_left}"] if kernel.window_left >= 0 else []
    seen += [f"j <= first + i + {kernel.window_right}"] if kernel.window_right >= 0 else []
    add = ""
    if kernel.mask:
        seen += [f"j < {kernel.mask_keys}"] if kernel.mask_keys < kernel.keys else []
        seen += [f"m[j] != -{infinite}"] if kernel.mask.is_float else []
        seen += ["m[j] != 0"] if kernel.mask is DType.BOOL else []
        add = "" if kernel.mask is DType.BOOL else f" + ({wide})m[j]"
    row = f"(item * {kernel.queries} + i) * {kernel.keys}"
    dot = f"mi_dot_{kind}_{kernel.qk_dim}(qi, kh + j * {kernel.k.row})"
    scaled = [f"{wide} score = {dot} * {literal(kernel.scale, real)};"]
    cap = literal(kernel.softcap, real)
    bounded = [f"score = {cap} * __builtin_tanh{suffix}(score / {cap});"] if kernel.softcap > 0 else []
    masked = [f"s[j] = seen ? score{add} : -{infinite};"]
    lines = []
    for stage, (step, value) in enumerate(((scaled, "score"), (bounded, "score"), (masked, "s[j]"))):
        lines += [*step, f"scores[{row} + j] = ({kind}){value};"] if kernel.scores == stage else step
    lines.append("greatest = s[j] > greatest || s[j] != s[j] ? s[j] : greatest;")
    stored = f"scores[{row} + j] = -{infinite}; " if kernel.scores == 2 else ""  # noqa: PLR2004 - ONNX's number
    hidden = [] if 0 <= kernel.scores <= 1 else [f"if (!seen) {{ s[j] = -{infinite}; {stored}continue; }}"]
    rows = [f"const {kind} *const qi = q + {start_of(kernel.q, 'h')} + i * {kernel.q.row};"]
    if kernel.mask:
        place = f"{start_of(kernel.mask_rows, 'h')} + i * {kernel.mask_rows.row}"
        rows.append(f"const {C_TYPES[kernel.mask]} *const m = mask + {place};")
    return [
        *rows,
        f"{wide} greatest = -{infinite};",
        "int any = 0;",
        For("j", kernel.keys, [f"const int seen = {' && '.join(seen) or '1'};", *hidden, "any |= seen;", *lines]),
    ]


def _softmax(kernel: Attention, real: DType, machine: Machine) -> list[Statement]:
    """Scores to weights; all 0 where no key is seen."""
    wide = C_TYPES[real]
    exponential = "__builtin_exp" if real is DType.FLOAT64 else "mi_exp1"
    lines: list[Statement] = [f"{wide} total = 0;"]
    vectors, lanes = real is DType.FLOAT32 and machine.has_vectors, machine.lanes
    first = kernel.keys - kernel.keys % lanes if vectors else 0
    one_by_one = f"for (long j = {first}; j < {kernel.keys}; ++j) total += s[j] = {exponential}(s[j] - greatest);"
    if vectors:
        weight = "mi_exp(mi_load(s + j) - top)"
        lines += ["const vf top = mi_set1(greatest);", "vf totals = {0};"]
        lines += [*exponentials(first // lanes, lanes, weight, "totals"), one_by_one, "total += mi_sum(totals);"]
    else:
        lines.append(one_by_one)
    lines.append(f"const {wide} share = any && greatest > -__builtin_inff() ? 1 / total : 0;")
    lines.append(f"for (long j = 0; j < {kernel.keys}; ++j) s[j] = share != 0 ? s[j] * share : 0;")
    if kernel.scores == 3:  # noqa: PLR2004 - ONNX's number
        row = f"(item * {kernel.queries} + i) * {kernel.keys}"
        kind = C_TYPES[kernel.dtype]
        lines.append(f"for (long j = 0; j < {kernel.keys}; ++j) scores[{row} + j] = ({kind})s[j];")
    return lines


def exponentials(vectors: int, lanes: int, weight: str, total: str) -> list[Statement]:
    """C that stores so many vectors of weights to `s + j` and adds them to a total."""

    def weights(name: str) -> Nest:
        lines = (f"const vf weight = {weight};", f"{name} += weight;", "mi_store(s + j, weight);")
        return Loop("j", greatest(vectors), Term(lines), "0", str(vectors * lanes), lanes)

    return add_up(weights, total, "vf")


def _weigh(kernel: Attention, kind: str, wide: str) -> list[Statement]:
    """The weighted sum of the values."""

    def products(name: str) -> Nest:
        lines = (
            f"const {kind} *const vj = vh + j * {kernel.v.row};",
            f"const {wide} weight = s[j];",
            "if (weight == 0) continue;",
            f"for (long d = 0; d < {kernel.v_dim}; ++d) {name}[d] += weight * ({wide})vj[d];",
        )
        return Loop.of("j", kernel.keys, Term(lines))

    return [
        f"for (long d = 0; d < {kernel.v_dim}; ++d) sum[d] = 0;",
        *add_up(products, "sum", wide, count=kernel.v_dim, longest=longest_chain(kernel.dtype)),
        f"{kind} *const yi = y + {start_of(kernel.y, 'h')} + i * {kernel.y.row};",
        f"for (long d = 0; d < {kernel.v_dim}; ++d) yi[d] = ({kind})sum[d];",
    ]


def _dot(kernel: Attention, machine: Machine) -> str:
    """A C function: the product of a row of q and one of k."""
    kind, size, lanes = C_TYPES[kernel.dtype], kernel.qk_dim, machine.lanes
    vector = kernel.dtype is DType.FLOAT32 and machine.has_vectors
    wide = sum_type(kernel.dtype)
    whole = size // lanes * lanes if vector else 0

    def vectors(name: str) -> Nest:
        return Loop("i", size // lanes, Term((f"{name} += mi_load(a + i) * mi_load(b + i);",)), "0", str(whole), lanes)

    def scalars(name: str) -> Nest:
        return Loop("i", size - whole, Term((f"{name} += ({wide})a[i] * ({wide})b[i];",)), str(whole), str(size))

    lines: list[Statement] = [f"{wide} sum = 0;"]
    if size > whole:
        lines += add_up(scalars, "sum", wide, longest=longest_chain(kernel.dtype))
    if whole:
        lines += ["vf sums = {0};", *add_up(vectors, "sums", "vf"), "sum += mi_sum(sums);"]
    body = text([Block([*lines, "return sum;"])])
    return f"static inline {wide} mi_dot_{kind}_{size}(const {kind} *a, const {kind} *b) {body}\n"


def emit_rotary_embedding(kernel: RotaryEmbedding, _machine: Machine) -> Body:
    """Write the function of a `RotaryEmbedding`: an item is a row of all heads."""
    kind, pairs = C_TYPES[kernel.dtype], kernel.pairs
    wide = sum_type(kernel.dtype)
    first, second = ("2 * j", "2 * j + 1") if kernel.interleaved else ("j", f"j + {pairs}")
    position = [f"const long angle = item * {pairs};"]
    if kernel.table:
        position = [
            "const int64_t position = positions[item];",
            f"if (position < -{kernel.table} || position >= {kernel.table}) return 1;",
            f"const long angle = (long)(position < 0 ? position + {kernel.table} : position) * {pairs};",
        ]
    to = "to" if kernel.y else "at"
    turn = [
        f"const {wide} c = ({wide})cosines[angle + j], s = ({wide})sines[angle + j];",
        f"const {wide} a = ({wide})x[at + {first}], b = ({wide})x[at + {second}];",
        f"y[{to} + {first}] = ({kind})(c * a - s * b);",
        f"y[{to} + {second}] = ({kind})(s * a + c * b);",
    ]

    def where(rows: Rows) -> str:
        return f"item / {kernel.rows} * {rows.batch} + item % {kernel.rows} * {rows.row} + h * {rows.head}"

    head: list[Statement] = [
        f"const long at = {where(kernel.x)};",
        *([f"const long to = {where(kernel.y)};"] if kernel.y else []),
        For("j", pairs, turn),
        f"for (long j = {2 * pairs}; j < {kernel.size}; ++j) y[{to} + j] = x[at + j];",
    ]
    body = each_item(*position, For("h", kernel.heads, head))
    return Body("rotation", body, kernel.batch * kernel.rows, can_fail=bool(kernel.table))
