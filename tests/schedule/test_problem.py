import pytest
from order_problems import chain, two_branches

from mini_infer.schedule import OUTSIDE, OrderProblem


def test_a_step_takes_what_is_alive_and_what_it_writes():
    before, during = chain(4, sizes=(3, 1, 4)).trace(range(4))
    assert during == [3, 4, 5, 7]
    assert before == [0, 3, 1, 4, 0]


def test_inputs_live_until_read_and_kept_tensors_to_the_end():
    problem = OrderProblem(2, (5, 2, 1), (OUTSIDE, 0, 1), ((1,), (), ()), (False, True, True), held=10)
    before, during = problem.trace((0, 1))
    assert during == [17, 18]
    assert before == [15, 17, 13]


def test_an_input_that_nobody_reads_takes_nothing():
    assert OrderProblem(1, (5, 2), (OUTSIDE, 0), ((), ()), (False, False)).peak((0,)) == 2


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ((0, 1, 3, 2, 4, 5), None),
        ((0, 3, 1, 2, 4, 5), "node 3 runs before node 1"),
        ((0, 1, 1, 2, 4, 5), "node 1 runs twice"),
        ((0, 1, 2), "3 of 6 nodes"),
    ],
)
def test_an_order_is_checked(order, reason):
    if reason is None:
        assert two_branches().peak(order) == 12
    else:
        with pytest.raises(ValueError, match=reason):
            two_branches().peak(order)


def test_a_tensor_is_written_before_it_is_read():
    with pytest.raises(ValueError, match="tensor 0 is read by node 0 but written by node 1"):
        OrderProblem(2, (1,), (1,), ((0,),), (False,))
    with pytest.raises(ValueError, match="not one length"):
        OrderProblem(2, (1,), (1,), (), (False,))
