"""Rewrites that keep a graph's meaning: one per file, in the order of the list below."""

from mini_infer.ir import DType
from mini_infer.passes.base import Evaluate, Pass, run
from mini_infer.passes.cleanup.concats import MergeConcats
from mini_infer.passes.cleanup.dead import DeadCode
from mini_infer.passes.cleanup.duplicates import RemoveDuplicates
from mini_infer.passes.cleanup.fold import FoldConstants
from mini_infer.passes.cleanup.identities import Identities
from mini_infer.passes.cleanup.nested import RewriteNested
from mini_infer.passes.fusion.activations import RecognizeActivations
from mini_infer.passes.fusion.affine import FoldAffine
from mini_infer.passes.fusion.attention import FuseAttention
from mini_infer.passes.fusion.bias import FuseBias
from mini_infer.passes.fusion.elementwise import FuseElementwise
from mini_infer.passes.fusion.epilogue import FuseEpilogues
from mini_infer.passes.fusion.heads import HeadBlocks
from mini_infer.passes.fusion.integers import FuseIntegers
from mini_infer.passes.fusion.normalizations import RecognizeNormalizations
from mini_infer.passes.fusion.outer import OuterProducts
from mini_infer.passes.fusion.pads import FoldPads
from mini_infer.passes.fusion.sums import SumsOfConvolutions
from mini_infer.passes.fusion.tables import FuseTables
from mini_infer.passes.fusion.weave import Weave
from mini_infer.passes.halves import RoundWeights
from mini_infer.passes.layout.channels_last import ChannelsLast
from mini_infer.passes.layout.depth_to_space import DepthToSpace
from mini_infer.passes.layout.flat_heads import FlatHeads
from mini_infer.passes.layout.transposes import Transposes
from mini_infer.passes.layout.views import Views
from mini_infer.passes.quantization import Quantization
from mini_infer.passes.quantization.few_bits import FewBits
from mini_infer.passes.recompute import Recompute
from mini_infer.passes.remarks import Remark, Remarks

__all__ = ["Evaluate", "Pass", "Remark", "Remarks", "arrangement", "run", "simplification"]


def simplification(
    evaluate: Evaluate, *, optimize: bool = True, in_integers: bool = True, half: DType | None = None
) -> tuple[Pass, ...]:
    """The passes that every form of a model has in common: they compute what is known, and recognize what is meant.

    Parameters
    ----------
    evaluate
        Computes a node from arrays: the interpreter's.
    optimize
        Without it, only what a run needs: shapes known at build time are computed, what nobody reads is dropped.
    in_integers
        What lies between DequantizeLinear and QuantizeLinear means the operator on integers (`Quantization`); without
        it, the real one.
    half
        The type of 16 bits that weights are rounded to (`RoundWeights`); none: they are not.
    """
    rounding = () if half is None else (RoundWeights(half),)
    meaning = (Quantization(evaluate),) if in_integers else ()
    if not optimize:
        fold = FoldConstants(evaluate)
        return (RewriteNested((*meaning, fold, DeadCode())), *meaning, fold, *rounding, DeadCode())
    return (
        RewriteNested((*meaning, FewBits(), FoldConstants(evaluate), Identities(), RemoveDuplicates(), DeadCode())),
        *meaning,
        FewBits(),
        FoldConstants(evaluate),
        Identities(),
        FuseTables(evaluate),
        RemoveDuplicates(),
        DeadCode(),
        RecognizeActivations(),
        RecognizeNormalizations(),
        OuterProducts(),
        FlatHeads(),
        FuseAttention(),
        DepthToSpace(),
        Transposes(final=False),
        Views(),
        FoldPads(),
        FoldAffine(),
        *rounding,
    )


def arrangement(*, size_threshold: int | None = None, twice: int = 0) -> tuple[Pass, ...]:
    """The passes after `simplification`: fusion and layouts, and what is made in blocks.

    Parameters
    ----------
    size_threshold
        Values of more bytes than this are computed in blocks, where they can be; absent: none are.
    twice
        How many of the tensors that wait for their mean are made twice (`Recompute`).
    """
    limits = () if size_threshold is None else (size_threshold,)
    return (
        *(SumsOfConvolutions(limit) for limit in limits),
        FuseBias(),
        FuseEpilogues(),
        FuseIntegers(),
        ChannelsLast(),
        Transposes(),
        Identities(),
        MergeConcats(),
        FuseElementwise(size_threshold=size_threshold),
        Weave(),
        *(HeadBlocks(limit) for limit in limits),
        *(Recompute(count) for count in (twice,) if count),
        DeadCode(),
    )
