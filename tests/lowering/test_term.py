from mini_infer.ir import DType
from mini_infer.lowering.term import Term, linearize
from mini_infer.program.kernels import Operation

FLOAT = DType.FLOAT32


def test_equal_terms_are_computed_once():
    x, y = Term(FLOAT), Term(FLOAT)
    expression = linearize((x + y) * (x + y), [x, y])
    assert expression == (Operation("Add", (0, 1), FLOAT), Operation("Mul", (2, 2), FLOAT))


def test_numbers_become_constants_of_the_terms_type():
    x = Term(DType.INT32)
    expression = linearize(x - 3, [x])
    assert expression == (
        Operation("Constant", (), DType.INT32, (3,)),
        Operation("Sub", (0, 1), DType.INT32),
    )


def test_comparisons_give_truth_values():
    x = Term(FLOAT)
    choice = (x > 0).where(x, 0)
    assert (x > 0).dtype is DType.BOOL
    assert choice.dtype is FLOAT


def test_an_input_alone_is_an_identity():
    x = Term(FLOAT)
    assert linearize(x, [x]) == (Operation("Identity", (0,), FLOAT),)


def test_the_result_comes_last():
    x, y = Term(FLOAT), Term(FLOAT)
    first = x + y
    assert linearize(first.apply("Exp") * first, [x, y])[-1].name == "Mul"


def test_a_cast_to_the_same_type_is_nothing():
    x = Term(FLOAT)
    assert x.cast(FLOAT) is x
    assert x.cast(DType.INT8).dtype is DType.INT8


def test_leaves_of_a_deep_term_are_found_once_each():
    x, y = Term(FLOAT), Term(FLOAT)
    term = x
    for _ in range(200):
        term = term * term + y
    assert term.leaves() == {x, y}
    assert len(linearize(term, [x, y])) == 400


def test_a_sum_of_thousands_is_written_without_recursion():
    inputs = [Term(DType.FLOAT32) for _ in range(5000)]
    total = inputs[0]
    for term in inputs[1:]:
        total = total + term
    expression = linearize(total, inputs)
    assert len(expression) == 4999
    assert expression[0].arguments == (0, 1)
    assert expression[-1].arguments == (len(inputs) + 4997, 4999)
