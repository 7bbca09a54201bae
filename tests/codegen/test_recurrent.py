import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check, meaning, model, run
from hypothesis import given

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
OTHERS = ("Relu", "HardSigmoid", "LeakyRelu", "Affine", "Elu", "ScaledTanh", "Softsign", "Softplus", "ThresholdedRelu")


def some_case(rng, op, *, dtype="float32", constant=True, sizes=None, scale=0.5, **attributes):
    length, batch, depth, hidden = sizes or (int(rng.integers(1, n)) for n in (6, 4, 20, 40))
    direction = str(rng.choice(["forward", "reverse", "bidirectional"]))
    ways, gates = 1 + (direction == "bidirectional"), GATES[op]
    layout = int(rng.integers(0, 2))

    def real(*shape):
        return (rng.standard_normal(shape) * scale).astype(dtype)

    def state():
        return real(batch, ways, hidden) if layout else real(ways, batch, hidden)

    def maybe(value):
        return value if rng.random() < 0.5 else None

    x = real(batch, length, depth) if layout else real(length, batch, depth)
    inputs = [x, real(ways, gates * hidden, depth), real(ways, gates * hidden, hidden)]
    inputs += [maybe(real(ways, 2 * gates * hidden)), maybe(rng.integers(0, length + 1, batch).astype(np.int32))]
    inputs.append(maybe(state()))
    if op == "LSTM":
        inputs += [maybe(state()), maybe(real(ways, 3 * hidden))]
    attributes = {"hidden_size": hidden, "direction": direction, "layout": layout, **attributes}
    constants = frozenset({1, 2, 3} if constant else ())
    return Case(op, inputs, attributes, 22, constants, outputs=3 if op == "LSTM" else 2)


@FEW
@given(seed=SEEDS)
@pytest.mark.parametrize("op", GATES)
def test_directions_states_lengths_and_layouts(op, seed):
    rng = np.random.default_rng(seed)
    cases = [some_case(rng, op, constant=k % 2 == 0) for k in range(5)]
    cases.append(some_case(rng, op, dtype="float64"))
    check(cases, expected=[meaning(case) for case in cases], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_options_and_other_activations(seed):
    rng = np.random.default_rng(seed)
    cases = [some_case(rng, "GRU", linear_before_reset=1, clip=float(rng.choice([0.0, 0.3]))) for _ in range(3)]
    cases += [some_case(rng, "LSTM", input_forget=1, clip=0.4) for _ in range(2)]
    for op, count in {"LSTM": 3, "GRU": 2, "RNN": 1}.items():
        for _ in range(2):
            names = rng.choice(OTHERS, 2 * count).tolist()
            case = some_case(rng, op, sizes=(3, 2, 5, 11), scale=0.2)
            if case.attributes["direction"] != "bidirectional":
                names = names[:count]
            case.attributes["activations"] = names
            if names[0] in ("LeakyRelu", "Affine"):
                case.attributes["activation_alpha"] = [0.3]
            cases.append(case)
    check(cases, expected=[meaning(case) for case in cases], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("machine", MACHINES)
def test_against_onnxruntime_at_every_width(machine):
    onnxruntime = pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(5)
    cases = [some_case(rng, op, sizes=(7, 2, 24, 48)) for op in GATES]
    expected = []
    for case in cases:
        case.attributes["layout"] = 0
        ways = case.inputs[1].shape[0]
        case.inputs[0] = case.inputs[0].reshape(7, 2, 24)
        for k in (5, 6):
            if len(case.inputs) > k and case.inputs[k] is not None:
                case.inputs[k] = case.inputs[k].reshape(ways, 2, 48)
        session = onnxruntime.InferenceSession(model(case).SerializeToString(), providers=["CPUExecutionProvider"])
        expected.append(session.run(None, {f"x{i}": x for i, x in enumerate(case.inputs) if x is not None}))
    check(cases, expected=expected, rtol=1e-4, atol=1e-5, machine=machine)


def test_a_length_beyond_the_sequence_is_an_error():
    rng = np.random.default_rng(0)
    case = some_case(rng, "RNN", sizes=(3, 1, 2, 2))
    case.inputs[4] = np.array([4], np.int32)
    case.inputs[5] = None
    ways = case.inputs[1].shape[0]
    with pytest.raises(AssertionError, match="failed with code 2"):
        run([case], [[np.zeros((3, ways, 1, 2), np.float32), np.zeros((ways, 1, 2), np.float32)]])
