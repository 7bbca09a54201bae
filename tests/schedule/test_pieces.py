from hypothesis import given
from order_problems import chain, problems, two_branches

from mini_infer.schedule.pieces import Cutter, cuts, segments


def ancestors(problem):
    found = []
    for node in range(problem.nodes):
        before = set(problem.predecessors[node])
        found.append(before.union(*(found[earlier] for earlier in before)))
    return found


@given(problem=problems(most=12))
def test_cuts_are_comparable_with_every_other_node(problem):
    before = ancestors(problem)
    comparable = [
        all(other == node or other in before[node] or node in before[other] for other in range(problem.nodes))
        for node in range(problem.nodes)
    ]
    assert cuts(problem) == [node for node in range(problem.nodes) if comparable[node]]


@given(problem=problems(most=12))
def test_a_piece_takes_what_its_steps_take(problem):
    cutter = Cutter(problem, problem.exported)
    for start in range(problem.nodes):
        for end in range(start + 1, problem.nodes + 1):
            piece = cutter.cut(start, end)
            assert piece.problem.trace(piece.problem.exported)[1] == cutter.during[start:end]


def test_nodes_without_company_are_no_segment():
    assert segments(chain(5)) == []
    assert segments(two_branches()) == [range(1, 6)]
