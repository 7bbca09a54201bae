"""How many examples a property is tried on."""

from hypothesis import settings


def examples(count: int) -> settings:
    """So many in the normal run; as many times more as the profile has more than a hundred."""
    return settings(max_examples=max(1, settings.default.max_examples * count // 100))
