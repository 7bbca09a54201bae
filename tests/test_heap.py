"""Freed memory goes back to the system."""

from mini_infer import heap


def test_memory_is_given_back_after_so_many_bytes(monkeypatch):
    calls = []
    monkeypatch.setattr(heap, "give_back", lambda: calls.append(1))
    leftovers = heap.Leftovers()
    for _ in range(65):
        leftovers.add(1 << 20)
    assert len(calls) == 8
    assert leftovers.size == 1 << 20


def test_giving_back_is_harmless_whatever_the_allocator():
    heap.give_back()
