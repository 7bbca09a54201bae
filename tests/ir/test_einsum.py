"""Equations, against NumPy, whose rules they follow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from mini_infer.ir.einsum import Einsum


@st.composite
def equations(draw):
    """Equations of up to three operands, right and wrong ones."""
    sizes = {label: draw(st.integers(1, 3)) for label in "abAB"}
    behind = draw(st.lists(st.integers(1, 3), max_size=2))
    terms, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        labels = draw(st.lists(st.sampled_from("abAB"), max_size=3))
        at = draw(st.integers(-2, len(labels)))
        kept = behind[draw(st.integers(0, len(behind))) :] if at >= 0 else []
        shape = [sizes[label] if draw(st.integers(0, 3)) else 1 for label in labels]
        if at >= 0:
            shape[at:at] = [size if draw(st.booleans()) else 1 for size in kept]
            labels[at:at] = ["..."]
        if draw(st.integers(0, 15)) == 0:
            shape.append(2)
        terms.append("".join(labels))
        shapes.append(tuple(shape))
    right = ""
    if draw(st.booleans()):
        found = sorted({label for term in terms for label in term} - {"."})
        right = "->" + "..." * any("..." in term for term in terms)
        right += "".join(draw(st.lists(st.sampled_from(found), max_size=3)) if found else [])
    return ",".join(terms) + right, shapes


@examples(500)
@given(equations())
def test_shapes_and_refusals_are_those_of_numpy(case):
    equation, shapes = case
    try:
        expected = np.einsum(equation, *map(np.ones, shapes)).shape
    except ValueError:
        expected = None
    if expected is None:
        with pytest.raises(ValueError, match=r"is no equation|another number|long|must have|leaves out|terms for"):
            Einsum.of(equation, shapes)
    else:
        assert Einsum.of(equation, shapes).shape == expected


@pytest.mark.parametrize(
    ("equation", "shapes", "reason"),
    [
        ("i+j", [(2,)], "is no equation"),
        ("..i", [(2,)], "is no equation"),
        ("i,j->ij->i", [(2,), (2,)], "is no equation"),
        ("i,j", [(2,)], "2 terms for 1 operands"),
        ("ij", [(2,)], r"another number of axes than \[2\]"),
        ("ij,jk", [(2, 3), (4, 5)], "'j' of 'ij,jk' is 3 and 4 long"),
        ("ii", [(1, 3)], "'i' of 'ii' is 1 and 3 long"),
        ("...,...", [(2,), (3,)], "an axis of the ellipsis of '...,...' is 2 and 3 long"),
        ("i->j", [(2,)], "'j' once in its result"),
        ("i->ii", [(2,)], "'i' once in its result"),
        ("...i->i", [(2, 3)], "leaves out the ellipsis of 1 axes"),
    ],
)
def test_what_is_wrong_is_said(equation, shapes, reason):
    with pytest.raises(ValueError, match=reason):
        Einsum.of(equation, shapes)
