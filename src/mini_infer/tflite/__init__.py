"""Plans of activations for TFLite Micro, written into the model: its interpreter then places nothing itself.

The interpreter takes whatever offsets the metadata `OfflineMemoryAllocation` holds and checks none of them; these are
proved by the planner's validator before they are written. The package `tflite-micro` brings the file format and the
interpreter, and is imported when it is first used.
"""

from mini_infer.tflite.planning import Outcome, check, plan

__all__ = ["Outcome", "check", "plan"]
