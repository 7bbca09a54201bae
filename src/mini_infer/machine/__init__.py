"""What code is written for and what it costs there: a value, never a look at the host."""

from mini_infer.machine.cost import Cost
from mini_infer.machine.machine import FLOAT_BYTES, Machine
from mini_infer.machine.presets import GENERIC, MACHINES, machine_for
from mini_infer.machine.rates import Pipeline, Rates

__all__ = ["FLOAT_BYTES", "GENERIC", "MACHINES", "Cost", "Machine", "Pipeline", "Rates", "machine_for"]
