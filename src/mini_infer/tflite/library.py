"""`tflite-micro`: its schema of the file format, where it is installed."""

from typing import Any

from mini_infer.extras import needs


def schema() -> Any:
    """The module of generated classes, one for each table of the format.

    Raises
    ------
    MissingPackageError
        When `tflite-micro` is not installed.
    """
    with needs("a TFLite model"):
        from tflite_micro.tensorflow.lite.micro.python import schema_py_generated
    return schema_py_generated
