"""Recurrent layers."""

from collections.abc import Mapping

from mini_infer.frontend.rules.claims import Claim, choice, length, ranks, shaped, vector
from mini_infer.frontend.rules.operands import Operands

_ACTIVATIONS = "relu tanh sigmoid affine leakyrelu thresholdedrelu scaledtanh hardsigmoid elu softsign softplus".split()


def _directions(o: Operands) -> int:
    return 2 if o.attribute("direction") == "bidirectional" else 1


def _hidden(o: Operands) -> int:
    """Elements of the state: what the recurrent weights are made for, and the attribute says."""
    hidden = o.size(2, 2)
    if o.integer("hidden_size", hidden) != hidden:
        raise o.wrong(f"attribute hidden_size is {o.attribute('hidden_size')}, but {o.say(2)}")
    return hidden


def _batch(o: Operands) -> int:
    return o.size(0, 0 if o.integer("layout", 0) else 1)


def _state(o: Operands) -> tuple[int, ...]:
    directions, batch = _directions(o), _batch(o)
    return (batch, directions, _hidden(o)) if o.integer("layout", 0) else (directions, batch, _hidden(o))


def _known_activations(o: Operands) -> None:
    given = o.attribute("activations")
    unknown = [name for name in given if _text(name).lower() not in _ACTIVATIONS] if isinstance(given, tuple) else []
    if unknown:
        raise o.wrong(f"attribute activations has {_text(unknown[0])!r}, which no recurrent layer knows")


def _text(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _recurrent(gates: int, activations: int, biases: int = 2) -> tuple[Claim, ...]:
    """What all three are given: so many gates, in so many activations, and so many biases for each gate."""
    return (
        choice("direction", "forward", "reverse", "bidirectional"),
        choice("layout", 0, 1),
        ranks(0, 3),
        ranks(1, 3),
        ranks(2, 3),
        shaped(1, lambda o: (_directions(o), gates * _hidden(o), o.size(0, 2))),
        shaped(2, lambda o: (_directions(o), gates * _hidden(o), _hidden(o))),
        shaped(3, lambda o: (_directions(o), biases * gates * _hidden(o))),
        vector(4, _batch),
        shaped(5, _state),
        length("activations", lambda o: activations * _directions(o) if o.attribute("activations") else 0),
        _known_activations,
    )


RULES: Mapping[str, tuple[Claim, ...]] = {
    "GRU": _recurrent(3, 2),
    "LSTM": (*_recurrent(4, 3), shaped(6, _state), shaped(7, lambda o: (_directions(o), 3 * _hidden(o)))),
    "RNN": _recurrent(1, 1),
}
"""Operator → what must be so."""
