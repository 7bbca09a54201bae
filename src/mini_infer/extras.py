"""What is not installed with the base package: which extra brings a library, and what to say where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from mini_infer.errors import MissingPackageError

NAME = "mini-infer-engine"
"""What pip calls this package."""

EXTRAS = {
    "numpy": "",
    "onnx": "compile",
    "numba": "compile",
    "llvmlite": "compile",
    "ml_dtypes": "compile",
    "ziglang": "native",
    "onnxruntime": "verify",
    "sympy": "quantize",
    "torch": "torch",
    "onnxscript": "torch",
    "apache_beam": "beam",
    "pyspark": "spark",
    "executorch": "executorch",
    "tflite_micro": "tflite",
    "starlette": "serve",
    "uvicorn": "serve",
    "prometheus_client": "serve",
    "matplotlib": "report",
    "networkx": "report",
    "PIL": "report",
}
"""Library → the extra that brings it; empty: the package itself does."""


def pip_line(library: str) -> str:
    """The command that installs what brings a library: a word of `EXTRAS`, or numpy."""
    extra = EXTRAS.get(library)
    return f'pip install "{NAME}[{extra}]"' if extra else f"pip install {NAME}"


def missing(error: ModuleNotFoundError, purpose: str) -> MissingPackageError | None:
    """What to say of an import that failed, if what it lacks is one of `EXTRAS`.

    Parameters
    ----------
    error
        The failure.
    purpose
        What the library is needed for, as the beginning of a sentence.
    """
    library = (error.name or "").partition(".")[0]
    if library not in EXTRAS:
        return None
    return MissingPackageError(f"{purpose} needs {library}, which is not installed: {pip_line(library)}")


@contextmanager
def needs(purpose: str) -> Iterator[None]:
    """Imports that may lack an extra.

    Raises
    ------
    MissingPackageError
        When one does; it says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing(error, purpose) or error from None
