"""`tflite-micro`: its schema of the file format, where it is installed."""

from typing import Any

from mini_infer.errors import UsageError


def schema() -> Any:
    """The module of generated classes, one for each table of the format.

    Raises
    ------
    UsageError
        When `tflite-micro` is not installed.
    """
    try:
        from tflite_micro.tensorflow.lite.micro.python import schema_py_generated
    except ImportError:
        raise UsageError(
            "TFLite models need tflite-micro, which is not installed: pip install --pre tflite-micro"
        ) from None
    return schema_py_generated
