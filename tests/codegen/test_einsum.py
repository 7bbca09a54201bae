import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check
from hypothesis import given

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
