from hypothesis import given
from order_problems import problems, two_branches

from mini_infer.schedule.limits import Budget
from mini_infer.schedule.windows import improve_windows


@given(problem=problems(most=12))
def test_windows_never_make_an_order_worse(problem):
    improved = improve_windows(problem, problem.exported, 0, Budget())
    assert problem.peak(improved) <= problem.peak(problem.exported)


def test_a_window_finds_the_better_order():
    assert two_branches().peak(improve_windows(two_branches(), (0, 1, 2, 3, 4, 5), 0, Budget())) == 12
