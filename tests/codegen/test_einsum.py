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


@pytest.mark.parametrize("equation", BROADCAST)
@pytest.mark.parametrize("turned", [False, True])
def test_an_axis_of_size_one_broadcasts_under_any_label(equation, turned):
    """The planned shape is the one that is written, whichever operand comes first: integers, as NumPy has them."""
    shapes = BROADCAST[equation]
    left, arrow, right = equation.partition("->")
    if turned:
        shapes, left = shapes[::-1], ",".join(left.split(",")[::-1])
    arrays = [np.arange(1.0, 1 + np.prod(shape), dtype=np.float32).reshape(shape) for shape in shapes]
    names = [f"x{index}" for index in range(len(arrays))]
    inputs = [helper.make_tensor_value_info(name, 1, shape) for name, shape in zip(names, shapes, strict=True)]
    node = helper.make_node("Einsum", names, ["y"], equation=left + arrow + right)
    graph = helper.make_graph([node], "g", inputs, [helper.make_tensor_value_info("y", 1, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)
    expected = np.einsum(left + arrow + right, *arrays)
    for compiler in (None, "none"):
        made = mini_infer.compile(model, compiler=compiler).create_context().run(dict(zip(names, arrays, strict=True)))
        np.testing.assert_array_equal(made["y"], expected, strict=True)


def test_an_equation_that_does_not_fit_is_refused_by_name():
    inputs = [helper.make_tensor_value_info(name, 1, [2, 3]) for name in "ab"]
    node = helper.make_node("Einsum", ["a", "b"], ["y"], name="product", equation="ij,jk->ik")
    graph = helper.make_graph([node], "g", inputs, [helper.make_tensor_value_info("y", 1, None)])
    with pytest.raises(mini_infer.errors.ModelError, match=r"'product'.*'j' of 'ij,jk->ik' is 3 and 2 long"):
        mini_infer.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8))
