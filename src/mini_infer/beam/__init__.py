"""Apache Beam: a handler for its RunInference, whose workers share the weights of a machine.

::

    import apache_beam as beam
    from apache_beam.ml.inference.base import RunInference
    from mini_infer.beam import ModelHandler

    with beam.Pipeline(options=options) as pipeline:
        pipeline | beam.Create(images) | RunInference(ModelHandler("net.engine")) | beam.Map(print)

The package `apache-beam` is imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mini_infer.beam.handler import ModelHandler

__all__ = ["ModelHandler"]


def __getattr__(name: str) -> Any:
    """The handler is a class of Beam's, made when it is asked for."""
    if name != "ModelHandler":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mini_infer.extras import needs

    with needs("a handler for Beam"):
        from mini_infer.beam.handler import ModelHandler

    return ModelHandler
