"""Operators on boxes in images."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, attribute, padded
from mini_infer.ir import Node


def non_max_suppression(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`boxes [batch, N, 4]`, `scores [batch, classes, N]` → `[selected, 3]`: batch, class and box, best first.

    Limits and thresholds may be scalars (`onnx.reference` wants one element in one axis).
    """
    boxes, scores, *limits = padded(inputs, 5)
    most, overlap, least = (None if each is None else np.asarray(each).item() for each in limits)
    found = []
    for sample, of_class in np.ndindex(*scores.shape[:2]):
        corners = _corners(boxes[sample], centered=bool(attribute(node, "center_point_box", 0)))
        score = scores[sample, of_class]
        waiting = np.argsort(-score, kind="stable")
        if least is not None:
            waiting = waiting[score[waiting] > least]
        chosen = 0
        while waiting.size and chosen < (most or 0):
            best, waiting = waiting[0], waiting[1:]
            found.append((sample, of_class, best))
            chosen += 1
            waiting = waiting[_overlaps(corners[best], corners[waiting]) <= (overlap or 0)]
    return [np.array(found, np.int64).reshape(-1, 3)]


def _corners(boxes: np.ndarray, *, centered: bool) -> np.ndarray:
    """`[N, 4]`: the two lower coordinates, then the two higher ones."""
    if centered:
        middle, size = boxes[:, :2], boxes[:, 2:]
        return np.concatenate([middle - size / 2, middle + size / 2], axis=1)
    ends = boxes.reshape(-1, 2, 2)
    return np.concatenate([ends.min(axis=1), ends.max(axis=1)], axis=1)


def _overlaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    common = np.clip(sides, 0, None).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0))


def max_roi_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, H, W]`, `rois [R, 5]` (sample, left, top, right, bottom) → maxima `[R, C, *pooled_shape]`.

    An empty bin is zero (R. Girshick, "Fast R-CNN", 2015).
    """
    x, rois = inputs
    bins = attribute(node, "pooled_shape")
    y = np.zeros((len(rois), x.shape[1], *bins), x.dtype)
    for index, (sample, *edges) in enumerate(rois):
        left, top, right, bottom = (int(np.floor(edge * attribute(node, "spatial_scale", 1.0) + 0.5)) for edge in edges)
        rows = _bins(top, bottom, bins[0], x.shape[2])
        columns = _bins(left, right, bins[1], x.shape[3])
        for position in np.ndindex(*bins):
            patch = x[int(sample), :, rows[position[0]], columns[position[1]]]
            if patch.size:
                y[(index, slice(None), *position)] = patch.max(axis=(1, 2))
    return [y]


def _bins(first: int, last: int, count: int, size: int) -> list[slice]:
    """The stretches of `[0, size)` into which `[first, last]` is divided; neighbors may overlap by one."""
    width = max(last - first + 1, 1) / count
    starts = [first + int(np.floor(i * width)) for i in range(count)]
    ends = [first + int(np.ceil((i + 1) * width)) for i in range(count)]
    return [slice(min(max(s, 0), size), min(max(e, 0), size)) for s, e in zip(starts, ends, strict=True)]
