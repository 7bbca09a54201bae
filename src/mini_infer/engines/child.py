"""Compile in a process of its own: what it imports and what memory it takes is gone with it."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mini_infer import errors
from mini_infer.options import Options
from mini_infer.runtime import Artifact, Engine
from mini_infer.toolchain import cache

_START = "from mini_infer.engines import child; child.main()"


def compile_to(path: Path, model: Path | bytes, options: Options) -> Sequence[Path]:
    """Compile a model to an engine file, and put its native code into the cache.

    Returns
    -------
    The files of external data that the model is made of.

    Raises
    ------
    MiniInferError
        What compiling raises, as if it had been done here; its ``__cause__`` is lost.
    """
    if not sys.executable:
        raise errors.ToolchainError("this program has no Python of its own to compile in: use mini_infer.compile")
    with cache.writing(path.parent), tempfile.TemporaryDirectory(dir=path.parent) as folder:
        if isinstance(model, bytes):
            source = Path(folder, "model.onnx")
            source.write_bytes(model)
        else:
            source = model.absolute()
        job = pickle.dumps((str(source), options, str(path)))
        done = subprocess.run(  # noqa: S603 - this Python
            [sys.executable, "-c", _START], input=job, stdout=subprocess.PIPE, env=_environment(), check=False
        )
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            raise errors.ToolchainError(
                f"the process that compiled {source.name} ended with exit code {done.returncode} and no answer"
            ) from None
    if "error" in answer:
        kind = getattr(errors, answer["error"], errors.ToolchainError)
        raise kind(answer["message"])
    return [Path(each) for each in answer["files"]]


def _environment() -> dict[str, str]:
    """The environment of this process, in which a child finds the same packages."""
    here = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, *(entry for entry in sys.path if entry)])}


def main() -> None:
    """The child: read a job from standard input, do it, and say on standard output what came of it."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever is printed is no answer
    source, options, path = pickle.load(sys.stdin.buffer)  # noqa: S301 - the parent's, of this program
    try:
        answer: dict[str, object] = {"files": _compile(Path(source), options, Path(path))}
    except errors.MiniInferError as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    with out:
        json.dump(answer, out)


def _compile(source: Path, options: Options, path: Path) -> list[str]:
    from mini_infer.extras import needs

    with needs("compiling a model"):
        from mini_infer import compiler
        from mini_infer.frontend import external_files
    artifact: Artifact = compiler.build(source, options=options)
    if artifact.runs_here:
        artifact = Engine.from_artifact(artifact, compiler=options.compiler)
    artifact.save(path)
    return [str(each) for each in external_files(source)]
