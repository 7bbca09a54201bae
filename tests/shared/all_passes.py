"""The passes that the compiler applies, as one list."""

from mini_infer import passes
from mini_infer.interpreter import evaluate


def pipeline(*, optimize=True, size_threshold=None):
    """Those that every form of a model has in common, then those after them."""
    after = passes.arrangement(size_threshold=size_threshold) if optimize else ()
    return (*passes.simplification(evaluate, optimize=optimize), *after)
