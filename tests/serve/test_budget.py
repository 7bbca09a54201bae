import pytest

from mini_infer.errors import CapacityError
from mini_infer.serve.budget import Budget, Need, own_bytes, resident_bytes


def test_weights_count_once_arenas_for_each_worker():
    budget = Budget(None, workers=3, base=10)
    assert budget.planned([]) == 30
    assert budget.planned([Need("a", 100, 7), Need("b", 50, 9)]) == 150 + 3 * (9 + 10)


def test_who_leaves_is_who_was_not_used_for_longest():
    needs = [Need(name, 100, 10) for name in "abc"]
    budget = Budget(320, workers=1, base=10)
    assert budget.leaving(needs, Need("d", 100, 10), evict=True) == ["a"]
    assert budget.leaving(needs, Need("d", 290, 10), evict=True) == ["a", "b", "c"]
    assert budget.leaving(needs, Need("c", 100, 10), evict=True) == []


def test_what_does_not_fit_is_refused_with_the_numbers():
    budget = Budget(320, workers=2, base=10)
    with pytest.raises(
        CapacityError,
        match=r"^d does not fit into 320 bytes: 340 are needed, of them 300 for its weights, 2 x 10 for its arena "
        r"and 2 x 10 for the workers themselves$",
    ):
        budget.leaving([Need("a", 1, 1)], Need("d", 300, 10), evict=True)
    with pytest.raises(CapacityError, match=r"^d does not fit into 320 bytes beside a, b: "):
        budget.leaving([Need("a", 150, 1), Need("b", 50, 1)], Need("d", 100, 10), evict=False)
    assert budget.leaving([Need("a", 80, 10), Need("b", 100, 1)], Need("d", 100, 10), evict=False) == []


def test_a_process_knows_its_bytes():
    assert 0 < own_bytes() <= resident_bytes()
