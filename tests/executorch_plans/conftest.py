from executorch_fakes import planning

__all__ = ["planning"]
