"""LSTM, GRU and RNN whole: any direction, sequence lengths, activations, clipping, peepholes, both layouts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from mini_infer.errors import UnsupportedError
from mini_infer.interpreter.operators.values import Value, accumulator, attribute, padded
from mini_infer.ir import Node

Activation = Callable[[np.ndarray], np.ndarray]
Cell = Callable[[np.ndarray, tuple[np.ndarray, ...]], tuple[np.ndarray, ...]]
"""One step's input `[batch, input]` and the states `[batch, hidden]` → the next states, the output first."""


def lstm(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """ONNX LSTM: gates i, o, f, c; peepholes p_i, p_o, p_f."""
    x, w, r, b, lengths, h, c, p = padded(inputs, 8)

    def cell(direction: int, acts: Sequence[Activation]) -> Cell:
        hidden = r.shape[-1]
        bias = 0 if b is None else b[direction, : 4 * hidden] + b[direction, 4 * hidden :]
        peep_i, peep_o, peep_f = (0, 0, 0) if p is None else np.split(p[direction], 3)
        clip, couple = _clip(node), attribute(node, "input_forget", 0)
        f, g, last = acts

        def step(x_t: np.ndarray, state: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
            h_t, c_t = state
            i, o, forget, new = np.split(x_t @ w[direction].T + h_t @ r[direction].T + bias, 4, axis=-1)
            i = f(clip(i + peep_i * c_t))
            forget = 1 - i if couple else f(clip(forget + peep_f * c_t))
            c_t = forget * c_t + i * g(clip(new))
            return f(clip(o + peep_o * c_t)) * last(c_t), c_t

        return step

    return _run(node, (x, lengths, (h, c)), cell, ("Sigmoid", "Tanh", "Tanh"))


def gru(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """ONNX GRU: gates z, r, h."""
    x, w, r, b, lengths, h = padded(inputs, 6)

    def cell(direction: int, acts: Sequence[Activation]) -> Cell:
        hidden = r.shape[-1]
        biases = np.zeros(6 * hidden, w.dtype) if b is None else b[direction]
        b_w, b_r = np.split(biases, 2)
        clip, linear = _clip(node), attribute(node, "linear_before_reset", 0)
        f, g = acts
        r_h, b_h = r[direction, 2 * hidden :].T, b_r[2 * hidden :]

        def step(x_t: np.ndarray, state: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
            (h_t,) = state
            of_x = x_t @ w[direction].T + b_w
            of_h = h_t @ r[direction, : 2 * hidden].T + b_r[: 2 * hidden]
            z, reset = np.split(f(clip(of_x[:, : 2 * hidden] + of_h)), 2, axis=-1)
            recurrent = reset * (h_t @ r_h + b_h) if linear else (reset * h_t) @ r_h + b_h
            return ((1 - z) * g(clip(of_x[:, 2 * hidden :] + recurrent)) + z * h_t,)

        return step

    return _run(node, (x, lengths, (h,)), cell, ("Sigmoid", "Tanh"))


def rnn(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """ONNX RNN: one gate."""
    x, w, r, b, lengths, h = padded(inputs, 6)

    def cell(direction: int, acts: Sequence[Activation]) -> Cell:
        hidden = r.shape[-1]
        bias = 0 if b is None else b[direction, :hidden] + b[direction, hidden:]
        clip = _clip(node)

        def step(x_t: np.ndarray, state: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
            return (acts[0](clip(x_t @ w[direction].T + state[0] @ r[direction].T + bias)),)

        return step

    return _run(node, (x, lengths, (h,)), cell, ("Tanh",))


def _run(
    node: Node,
    data: tuple[np.ndarray, np.ndarray | None, tuple[np.ndarray | None, ...]],
    cell: Callable[[int, Sequence[Activation]], Cell],
    defaults: tuple[str, ...],
) -> list[np.ndarray]:
    """All directions over the whole sequence: `Y`, then the final states.

    `data` is x `[length, batch, input]`, the sequence lengths and the initial states `[directions, batch, hidden]`;
    with `layout` 1 the batch comes first in all of them and in the results.
    """
    x, lengths, initial = data
    batch_first = attribute(node, "layout", 0)
    if batch_first:
        x = x.swapaxes(0, 1)
        initial = tuple(None if state is None else state.swapaxes(0, 1) for state in initial)
    dtype = accumulator(x.dtype)
    way = attribute(node, "direction", "forward")
    backwards = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}[way]
    activations = list(_activations(node, defaults * len(backwards)))
    rows, finals = [], []
    for direction, back in enumerate(backwards):
        acts = activations[direction * len(defaults) : (direction + 1) * len(defaults)]
        shape = x.shape[1], attribute(node, "hidden_size")
        start = tuple(np.zeros(shape, dtype) if s is None else s[direction].astype(dtype) for s in initial)
        y, final = _sweep(x.astype(dtype), lengths, start, cell(direction, acts), back=back)
        rows.append(y)
        finals.append(final)
    outputs = [np.stack(rows, axis=1), *(np.stack(states) for states in zip(*finals, strict=True))]
    if batch_first:
        outputs = [outputs[0].transpose(2, 0, 1, 3), *(state.swapaxes(0, 1) for state in outputs[1:])]
    return [output.astype(x.dtype) for output in outputs[: len(node.outputs)]]


def _sweep(
    x: np.ndarray, lengths: np.ndarray | None, state: tuple[np.ndarray, ...], step: Cell, *, back: bool
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """One direction: the outputs `[length, batch, hidden]`, zero after a sequence's end, and the final states."""
    length, batch = x.shape[:2]
    ends = np.full(batch, length) if lengths is None else np.asarray(lengths)
    time = np.arange(length)[:, None]
    is_inside = time < ends
    order = np.where(is_inside, ends - 1 - time, time) if back else np.broadcast_to(time, is_inside.shape)
    columns = np.arange(batch)
    y = np.zeros((length, *state[0].shape), state[0].dtype)
    for t in range(length):
        new = step(x[order[t], columns], state)
        inside = is_inside[t][:, None]
        state = tuple(np.where(inside, after, before) for after, before in zip(new, state, strict=True))
        y[order[t], columns] = np.where(inside, new[0], 0)
    return y, state


def _clip(node: Node) -> Activation:
    limit = attribute(node, "clip")
    return (lambda x: x) if not limit else (lambda x: np.clip(x, -limit, limit))


def _activations(node: Node, defaults: tuple[str, ...]) -> Iterator[Activation]:
    """The activation functions in order; each takes the next alpha and beta if it has use for them."""
    names = attribute(node, "activations") or defaults
    alphas, betas = iter(attribute(node, "activation_alpha", ())), iter(attribute(node, "activation_beta", ()))
    for name in names:
        if name.lower() not in _ACTIVATIONS:
            raise UnsupportedError(f"node {node.name!r}: {node.op} has no activation {name!r}")
        function, *standard = _ACTIVATIONS[name.lower()]
        given = [next(values, value) for values, value in zip((alphas, betas), standard, strict=False)]
        yield partial(_apply, function, given)


def _apply(function: Callable[..., np.ndarray], parameters: Sequence[float], x: np.ndarray) -> np.ndarray:
    return function(x, *parameters)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


_ACTIVATIONS: Mapping[str, tuple[Any, ...]] = {
    "affine": (lambda x, a, b: a * x + b, 1.0, 0.0),
    "elu": (lambda x, a: np.where(x < 0, a * np.expm1(x), x), 1.0),
    "hardsigmoid": (lambda x, a, b: np.clip(a * x + b, 0, 1), 0.2, 0.5),
    "leakyrelu": (lambda x, a: np.where(x < 0, a * x, x), 0.01),
    "relu": (lambda x: np.maximum(x, 0),),
    "scaledtanh": (lambda x, a, b: a * np.tanh(b * x), 1.0, 1.0),
    "sigmoid": (_sigmoid,),
    "softplus": (lambda x: np.logaddexp(x, 0),),
    "softsign": (lambda x: x / (1 + np.abs(x)),),
    "tanh": (np.tanh,),
    "thresholdedrelu": (lambda x, a: np.where(x > a, x, 0), 1.0),
}
"""Name in lower case → the function, and the standard values of alpha and beta where it has them."""
