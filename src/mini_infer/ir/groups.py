"""Which axes a reshape merges and splits."""

from collections.abc import Sequence

Groups = list[tuple[range, range]]


def groups(given: Sequence[int], made: Sequence[int]) -> Groups | None:
    """The smallest runs of axes whose sizes have the same product, those of size 1 left out at their ends."""
    found: Groups = []
    i = j = 0
    while i < len(given) or j < len(made):
        if i < len(given) and given[i] == 1:
            i += 1
            continue
        if j < len(made) and made[j] == 1:
            j += 1
            continue
        if i == len(given) or j == len(made) or given[i] == 0 or made[j] == 0:
            return None
        first_i, first_j = i, j
        size_i, size_j = given[i], made[j]
        i, j = i + 1, j + 1
        while size_i != size_j:
            if size_i < size_j and i < len(given):
                size_i *= given[i]
                i += 1
            elif size_j < size_i and j < len(made):
                size_j *= made[j]
                j += 1
            else:
                return None
        found.append((range(first_i, i), range(first_j, j)))
    return found
