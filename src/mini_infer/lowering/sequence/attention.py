"""Attention and RotaryEmbedding."""

import math
from collections.abc import Sequence

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import greatest
from mini_infer.lowering.attributes import integer, number
from mini_infer.lowering.builder import Builder, NotNativeError, StridedError
from mini_infer.lowering.sequence.tiled_attention import tiled
from mini_infer.lowering.shapes import broadcast_strides
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, View
from mini_infer.program.kernels.sequence.attention import Attention, RotaryEmbedding, Rows

_RANK = 4
"""Axes of a tensor whose heads have one of their own."""
_STRIDED = frozenset({"q", "k", "v", "past_k", "past_v", "present_k", "present_v"})
"""What may lie in another tensor, with gaps between its rows; elements of a row are neighbors."""
_INPUTS = ("q", "k", "v", "mask", "past_k", "past_v", "valid")
_OUTPUTS = ("y", "present_k", "present_v", "scores")


def lower_attention(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `Attention`: the caches first, then one kernel."""
    given, made = (
        {
            key: build.strided(name) if key in _STRIDED else build.view(name)
            for key, name in zip(keys, names, strict=False)
            if name
        }
        for keys, names in ((_INPUTS, node.inputs), (_OUTPUTS, node.outputs))
    )
    y, dtype = made["y"], given["q"].type.dtype
    if {given["k"].type.dtype, given["v"].type.dtype} != {dtype}:
        raise NotNativeError(f"no native code for {node.op} of {', '.join(given[k].type.dtype.value for k in 'qkv')}")
    if 0 in y.type.shape:
        raise NotNativeError(f"no native code for keys without a result, which is {y.type}")
    q = _by_head(given["q"], integer(node, "q_num_heads"))
    calls: list[Call] = []
    cached = []
    for key in ("k", "v"):
        window = _by_head(given[key], integer(node, "kv_num_heads"))
        window, copies = _with_past(window, given.get(f"past_{key}"), made.get(f"present_{key}"), build)
        calls += copies
        cached.append(window)
    k, v = cached
    result = _by_head(y, q.shape[1])
    batch, heads, queries, size = q.shape
    past = given["past_k"].type.shape[2] if "past_k" in given else 0
    most = queries + k.shape[2]  # a wider window sees no more, and its ends need no wider integers
    before, after = (min(integer(node, f"{side}_window_size", -1), greatest(most)) for side in ("left", "right"))
    mask_rows, mask_keys = _mask(given.get("mask"), (batch, heads, queries, k.shape[2]))
    kernel = Attention(
        batch=batch,
        heads=heads,
        queries=queries,
        keys=k.shape[2],
        qk_dim=size,
        v_dim=v.shape[3],
        q_per_kv=heads // k.shape[1],
        q=_rows(q),
        k=_rows(k),
        v=_rows(v),
        y=_rows(result),
        dtype=dtype,
        scale=number(node, "scale", 1 / math.sqrt(size)),
        softcap=number(node, "softcap", 0.0),
        mask=given["mask"].type.dtype if "mask" in given else None,
        mask_rows=mask_rows,
        mask_keys=mask_keys,
        has_kv_lengths="valid" in given,
        window_left=before,
        window_right=0 if integer(node, "is_causal") else after,
        offset=past,
        scores=integer(node, "qk_matmul_output_mode") if "scores" in made else -1,
    )
    by_tile = tiled(kernel, build.machine)
    if by_tile is not None:
        scratch = build.workspace(TensorType(dtype, (build.threads, by_tile.scratch)))
        masks = [given["mask"]] if "mask" in given else []
        return [*calls, Call(by_tile, (q.view, k.view, v.view, *masks, scratch, y))]
    real = DType.FLOAT64 if dtype is DType.FLOAT64 else DType.FLOAT32
    scratch = build.workspace(TensorType(real, (kernel.scratch,)))
    optional = [given[key] for key in ("mask", "valid") if key in given]
    scores = [made["scores"]] if "scores" in made else []
    return [*calls, Call(kernel, (q.view, k.view, v.view, *optional, scratch, y, *scores))]


def lower_rotary_embedding(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `RotaryEmbedding`."""
    x = build.strided(node.inputs[0])
    others = [build.view(name) for name in node.inputs[1:] if name]
    y = build.view(node.outputs[0])
    window, result = (_by_head(view, integer(node, "num_heads")) for view in (x, y))
    if window.strides[-1] != 1:
        raise StridedError(node.inputs[0])
    batch, heads, rows, size = window.shape
    table = others[0].type.shape[0] if len(others) > 2 else 0  # noqa: PLR2004 - cosines, sines, positions
    kernel = RotaryEmbedding(
        batch=batch,
        heads=heads,
        rows=rows,
        size=size,
        x=_rows(window),
        y=None if result.strides == window.strides else _rows(result),
        pairs=(integer(node, "rotary_embedding_dim") or size) // 2,
        interleaved=bool(integer(node, "interleaved")),
        table=table,
        dtype=x.type.dtype,
    )
    return (Call(kernel, (x, *others, y)),)


def _by_head(view: View, heads: int) -> Window:
    """A tensor as `[batch, heads, rows, size]`; one of rank 3 has its heads within its rows."""
    if len(view.type.shape) == _RANK:
        return Window.of(view)
    together = view.type.shape[2]
    return Window.of(view).split(2, (heads, together // heads)).permute((0, 2, 1, 3))


def _rows(window: Window) -> Rows:
    return Rows(*window.strides[:3])


def _with_past(window: Window, past: View | None, present: View | None, build: Builder) -> tuple[Window, list[Call]]:
    """Keys or values after those of the past, and the calls that put them there."""
    if past is None and present is None:
        return window, []
    before = past.type.shape[2] if past is not None else 0
    batch, heads, rows, size = window.shape
    if present is None:
        present = build.workspace(TensorType(window.view.type.dtype, (batch, heads, before + rows, size)))
    target = Window.of(present)
    calls = [*copy(window, target.slice(2, before, rows))]
    if past is not None:
        calls += copy(Window.of(past), target.slice(2, 0, before))
    return target, calls


def _mask(mask: View | None, shape: Sequence[int]) -> tuple[Rows, int]:
    """How a mask lies against scores of a shape, and how many keys it knows."""
    if mask is None:
        return Rows(0, 0, 0), 0
    keys = mask.type.shape[-1]
    return Rows(*broadcast_strides(mask.type.shape, (*shape[:-1], keys))[:3]), min(keys, shape[-1])
