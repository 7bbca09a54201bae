"""What code is written for and what it costs there: a value, never a look at the host."""

from mini_infer.machine.machine import Machine
from mini_infer.machine.presets import GENERIC, MACHINES, machine_for
from mini_infer.machine.rates import Pipeline, Rates

__all__ = ["GENERIC", "MACHINES", "Machine", "Pipeline", "Rates", "machine_for"]
