"""A tournament tree over sorted buffers: the next one that lives within a niche, in O(log n)."""

import numpy as np

from mini_infer.memory.compiled.table import Int, Ints
from mini_infer.memory.tier import compiled

_GONE = np.int64(1) << 40  # beyond every section


@compiled
def new_tree(leaves: Ints) -> Ints:
    """Build the tree of minima over `leaves`; node 1 is the root."""
    width = 1
    while width <= len(leaves):
        width *= 2
    tree = np.full(2 * width, _GONE)
    for at in range(len(leaves)):
        tree[width + at] = leaves[at]
    for node in range(width - 1, 0, -1):
        tree[node] = min(tree[2 * node], tree[2 * node + 1])
    return tree


@compiled
def next_within(tree: Ints, at: Int, most: Int) -> Int:
    """Find the first leaf from `at` on that is at most `most`, or -1."""
    width = len(tree) // 2
    node = at + width
    if tree[node] <= most:
        return at
    while True:
        while node & 1:
            node >>= 1
        if node == 0:
            return np.int64(-1)
        node += 1
        if tree[node] <= most:
            break
    while node < width:
        node *= 2
        if tree[node] > most:
            node += 1
    return node - width


@compiled
def remove(tree: Ints, at: Int) -> None:
    """Take leaf `at` out."""
    node = at + len(tree) // 2
    tree[node] = _GONE
    node >>= 1
    while node > 0:
        least = min(tree[2 * node], tree[2 * node + 1])
        if tree[node] == least:
            break
        tree[node] = least
        node >>= 1


@compiled
def insert(tree: Ints, at: Int, leaf: Int) -> None:
    """Put leaf `at` back."""
    node = at + len(tree) // 2
    while node > 0 and tree[node] > leaf:
        tree[node] = leaf
        node >>= 1
