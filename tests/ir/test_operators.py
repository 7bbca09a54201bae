"""The table of operators against onnx, and against whatever says the same."""

import numpy as np
import pytest
from onnx import defs

from mini_infer.interpreter import evaluate
from mini_infer.ir import Node
from mini_infer.ir.operators import OPERATORS, core, is_random, traits
from mini_infer.lowering.expression import OPERATORS as EXPRESSIONS
from mini_infer.passes.layout.transpose_rules import TRANSPOSE_RULES

LATEST: dict[str, defs.OpSchema] = {}
for _schema in defs.get_all_schemas_with_history():
    if _schema.domain == "" and _schema.since_version > getattr(LATEST.get(_schema.name), "since_version", 0):
        LATEST[_schema.name] = _schema

OPTIONAL = defs.OpSchema.FormalParameterOption.Optional
VARIADIC = defs.OpSchema.FormalParameterOption.Variadic


def listed(trait: str) -> list[str]:
    return sorted(op for op, found in OPERATORS.items() if getattr(found, trait))


def first_optional_output(schema: defs.OpSchema) -> int | None:
    return next((place for place, output in enumerate(schema.outputs) if output.option is OPTIONAL), None)


def test_every_operator_is_onnx_s():
    assert OPERATORS.keys() <= LATEST.keys()
    assert list(OPERATORS) == sorted(OPERATORS)


def test_optional_outputs_are_those_of_onnx():
    """One that is forgotten here would be computed and stored though nobody reads it."""
    wanted = {op: first_optional_output(schema) for op, schema in LATEST.items()}
    listed = {op: OPERATORS[op].optional_outputs if op in OPERATORS else None for op in LATEST}
    assert listed == wanted


def test_variadic_operators_are_those_of_onnx():
    others = {"Einsum", "Scan", "SequenceConstruct"}
    wanted = {op for op, schema in LATEST.items() if [each.option for each in schema.inputs] == [VARIADIC]}
    assert {*listed("variadic")} == wanted - others


@pytest.mark.parametrize("op", listed("variadic"))
def test_variadic_operators_give_back_a_single_input(op):
    x = np.array([-0.0, 1.5, np.inf], np.float32)
    node = Node("n", op, ("x",), ("y",), {"axis": 0} if op == "Concat" else {}, version=LATEST[op].since_version)
    (y,) = evaluate(node, [x])
    np.testing.assert_array_equal(y, x)


def test_random_operators_are_those_of_onnx():
    seeded = {op for op, schema in LATEST.items() if "seed" in schema.attributes and op != "Dropout"}
    assert {*listed("random")} == seeded


@pytest.mark.parametrize("op", listed("elementwise"))
def test_elementwise_operators_have_native_code(op):
    assert op in EXPRESSIONS


@pytest.mark.parametrize("op", listed("activation"))
def test_activations_are_elementwise_in_one_tensor(op):
    assert OPERATORS[op].elementwise
    required = [each for each in LATEST[op].inputs if each.option not in {OPTIONAL, VARIADIC}]
    assert len(required) == 1


@pytest.mark.parametrize("op", listed("keeps_axes"))
def test_a_transpose_passes_what_keeps_axes(op):
    assert OPERATORS[op].elementwise or op == "Concat" or ("", op) in TRANSPOSE_RULES


@pytest.mark.parametrize("op", listed("commutative"))
def test_inputs_of_commutative_operators_change_places(op):
    floats = [np.array([1.5, -0.0, 0.1, 3e38, 2.0], np.float32), np.array([-2.25, 0.0, 0.7, 1.0, 2.0], np.float32)]
    whole = [np.array([1, -7, 5, 0, 2], np.int32), np.array([3, 9, -5, 0, 2], np.int32)]
    inputs = {"B": whole, "A": [x > 0 for x in floats], "O": [x > 0 for x in floats], "X": [x > 0 for x in floats]}
    x, y = floats if op == "Add" else inputs.get(op[0], floats)
    node = Node("n", op, ("x", "y"), ("z",), version=LATEST[op].since_version)
    (one,), (other,) = evaluate(node, [x, y]), evaluate(node, [y, x])
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("op", listed("monotone"))
def test_monotone_operators_never_fall(op):
    bounds = [np.float32(-0.5), np.float32(2)] if op == "Clip" else []
    x = np.sort(np.random.default_rng(0).normal(0, 4, 4096).astype(np.float32))
    node = Node("n", op, ("x", "low", "high")[: 1 + len(bounds)], ("y",), version=LATEST[op].since_version)
    (y,) = evaluate(node, [x, *map(np.asarray, bounds)])
    assert np.all(np.diff(y) >= 0)


def test_traits_are_of_onnx_s_operators_only():
    assert traits(Node("n", "Relu", ("x",), ("y",))).activation
    assert not traits(Node("n", "Relu", ("x",), ("y",), domain="com.example")).activation
    fused = Node("n", "Conv", ("x", "w"), ("y",), domain="mini_infer", body=(Node("n", "Conv", ("x", "w"), ("y",)),))
    assert core(fused).contraction
    assert not traits(fused).contraction


def test_dropout_is_random_where_it_may_train():
    assert not is_random(Node("n", "Dropout", ("x",), ("y",)))
    assert not is_random(Node("n", "Dropout", ("x", "ratio", ""), ("y",)))
    assert is_random(Node("n", "Dropout", ("x", "", "training"), ("y",)))
