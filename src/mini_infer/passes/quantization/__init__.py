"""What a model means that says with QuantizeLinear and DequantizeLinear where it computes with integers.

::

    x ─ DequantizeLinear ─┐                                  x ─┐
                          ├─ Conv ─ QuantizeLinear ─ y   ─▶     ├─ ConvInteger ─ Requantize ─ y
    w ─ DequantizeLinear ─┘                                  w ─┘

Such a model means, as onnxruntime executes it by default, the operator on the integers themselves (`ir.quantized`), and
not the real operator between both.

Fires on

1. what `pairs`, `constants`, `unsigned` and `integers` fire on, one after the other; each of them says when.

Must not fire on

1. what these must not fire on, and graphs without a `DequantizeLinear`.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Graph
from mini_infer.passes.base import Evaluate, Needs, Pass, run
from mini_infer.passes.cleanup.dead import DeadCode
from mini_infer.passes.cleanup.fold import FoldConstants
from mini_infer.passes.cleanup.identities import Identities
from mini_infer.passes.fusion.pads import FoldPads
from mini_infer.passes.quantization.constants import QuantizeConstants
from mini_infer.passes.quantization.integers import Integers
from mini_infer.passes.quantization.pairs import MergePairs
from mini_infer.passes.quantization.unsigned import Unsigned
from mini_infer.passes.remarks import Remarks

_DEQUANTIZE = frozenset({"DequantizeLinear"})


@dataclass(frozen=True, slots=True)
class Quantization(Pass):
    """Computes with integers what lies between DequantizeLinear and QuantizeLinear.

    What is known is computed first, but not the weights that DequantizeLinear makes real: the integers are needed.

    Parameters
    ----------
    evaluate
        Computes a node from arrays.
    """

    evaluate: Evaluate
    name: ClassVar[str] = "quantization"
    needs: ClassVar[Needs] = (_DEQUANTIZE,)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with operators on integers."""
        if graph.operators.isdisjoint(_DEQUANTIZE):
            return graph
        known = (FoldConstants(self.evaluate, kept=_DEQUANTIZE), Identities(), FoldPads())
        meaning = (MergePairs(), QuantizeConstants(), Unsigned(), Integers(self.evaluate))
        return run(graph, (*known, *meaning, Identities(), DeadCode()), remarks)
