import itertools

import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check
from hypothesis import given
from onnx import helper

import mini_infer

EQUATIONS = """
    ij,jk->ik ij,jk->ki bij,bjk->bik bhqd,bhkd->bhqk bhqk,bhkd->bqhd ij->ji ii->i ii-> ij-> ij->j i,i-> i,j->ij
    ...ij,...jk->...ik i...->... ij,jk bij,jk->bik abc,cd,de->abe ij,ij->ij ij,kj->ik biij,jk->bki ab,cd->
    bqhd,bkhd->bhqk ijkl,klmn->ijmn i...j,j...k->...ik
""".split()
SIZES = dict(zip("abcdehijklmnq", (2, 3, 2, 5, 4, 2, 3, 4, 6, 2, 3, 5, 4), strict=True))


@FEW
@given(seed=SEEDS)
def test_einsum(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for equation in EQUATIONS:
        dtype = str(rng.choice(["float32", "float32", "float64", "int32", "int64"]))
        inputs = []
        for term in equation.partition("->")[0].split(","):
            before, dots, behind = term.partition("...")
            shape = [SIZES[label] for label in before] + [2, 3] * bool(dots) + [SIZES[label] for label in behind]
            inputs.append((rng.standard_normal(shape) * 3).astype(dtype))
        constants = frozenset({1}) if len(inputs) > 1 and rng.random() < 0.3 else frozenset()
        cases.append(Case("Einsum", inputs, {"equation": equation}, constants=constants))
    check(cases, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shapes", [((1, 2, 4), (3, 4, 5)), ((2, 3, 4), (1, 4, 5))])
def test_an_ellipsis_broadcasts(shapes):
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    check([Case("Einsum", inputs, {"equation": "...ij,...jk->...ik"})])


BROADCAST = {
    "bij,bjk->bik": ((1, 2, 3), (4, 3, 5)),
    "bij,bjk->ibk": ((4, 2, 1), (1, 3, 5)),
    "ij,ij->i": ((1, 3), (2, 1)),
    "ij,ij,j": ((1, 3), (2, 1), (3,)),
    "...i,...i": ((2, 1, 3), (4, 1)),
    "b...,b...->...b": ((1, 2, 1), (3, 1, 4)),
    "ii,i->i": ((3, 3), (1,)),
}
TURNED = (False, True)


def broadcast(equation, turned):
    """The equation with its operands in this order or the other, and the operands: integers."""
    left, arrow, right = equation.partition("->")
    arrays = [np.arange(1.0, 1 + np.prod(shape), dtype=np.float32).reshape(shape) for shape in BROADCAST[equation]]
    if turned:
        arrays, left = arrays[::-1], ",".join(left.split(",")[::-1])
    return left + arrow + right, arrays


@pytest.fixture(scope="module")
def made():
    """What all of them give, in one model: compiled, and interpreted."""
    nodes, given = [], {}
    for equation, turned in itertools.product(BROADCAST, TURNED):
        written, arrays = broadcast(equation, turned)
        names = [f"x{len(given) + index}" for index in range(len(arrays))]
        given |= dict(zip(names, arrays, strict=True))
        nodes.append(helper.make_node("Einsum", names, [f"{equation} {turned}"], equation=written))
    inputs = [helper.make_tensor_value_info(name, 1, array.shape) for name, array in given.items()]
    outputs = [helper.make_tensor_value_info(node.output[0], 1, None) for node in nodes]
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)
    return [mini_infer.compile(model, compiler=each).create_context().run(given) for each in (None, "none")]


@pytest.mark.parametrize("equation", BROADCAST)
@pytest.mark.parametrize("turned", TURNED)
def test_an_axis_of_size_one_broadcasts_under_any_label(made, equation, turned):
    """The planned shape is the one that is written, whichever operand comes first: integers, as NumPy has them."""
    written, arrays = broadcast(equation, turned)
    for results in made:
        np.testing.assert_array_equal(results[f"{equation} {turned}"], np.einsum(written, *arrays), strict=True)


def test_an_equation_that_does_not_fit_is_refused_by_name():
    inputs = [helper.make_tensor_value_info(name, 1, [2, 3]) for name in "ab"]
    node = helper.make_node("Einsum", ["a", "b"], ["y"], name="product", equation="ij,jk->ik")
    graph = helper.make_graph([node], "g", inputs, [helper.make_tensor_value_info("y", 1, None)])
    with pytest.raises(mini_infer.errors.ModelError, match=r"'product'.*'j' of 'ij,jk->ik' is 3 and 2 long"):
        mini_infer.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8))
