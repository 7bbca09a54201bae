"""What is done with one mutated input, in a process of its own: read, compile, run; every refusal must be ours."""

import contextlib
import io
import shutil
import traceback
from pathlib import Path
from random import Random

import numpy as np
from guarded import Guarded

import mini_infer
from mini_infer import memory
from mini_infer.cli.inputs import read_samples
from mini_infer.cli.parser import build
from mini_infer.demo import assets
from mini_infer.errors import EngineError, MiniInferError, PlanError, ProgramError, ToolchainError
from mini_infer.ir import DType, TensorType
from mini_infer.runtime import Engine

LARGEST = 64 << 20
"""Bytes of arrays that the harness itself allocates for one run."""
HERE = Path(mini_infer.__file__).parent


class FaultError(Exception):
    """Something that must not be: what it is, and where."""


def tried(kind: str, path: Path, random: Random, *, native: bool) -> str:
    """Do all that can be done with a file; say how far it came."""
    compiler = ("gcc" if shutil.which("gcc") else None) if native else "none"
    try:
        return {"model": _model, "engine": _engine, "problem": _problem, "plan": _plan, "array": _array}[kind](
            path, random, compiler
        )
    except (PlanError, ProgramError, ToolchainError) as error:
        if isinstance(error, PlanError) and kind == "plan":
            return "refused"
        raise FaultError(f"{type(error).__name__}: {error}", _place(error)) from error
    except FaultError:
        raise
    except MiniInferError:
        return "refused"
    except Exception as error:
        raise FaultError(f"{type(error).__name__}: {error}", _place(error)) from error


def _place(error: BaseException) -> str:
    """The innermost of our lines in the traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if str(HERE) in frame.filename]
    if not frames:
        return "outside mini_infer"
    return f"{Path(frames[-1].filename).relative_to(HERE)}:{frames[-1].lineno} {frames[-1].name}"


def _model(path: Path, random: Random, compiler: str | None) -> str:
    if random.random() < 0.15:
        return _command(random.choice(("plan", "inspect", "doctor")), path)
    options = {"time_limit": 0, "optimize": random.choice(("memory", "balanced", "balanced", "speed"))}
    engine = mini_infer.compile(path.read_bytes(), compiler=compiler, **options)
    return _run(engine, random)


def _engine(path: Path, random: Random, compiler: str | None) -> str:
    try:
        engine = Engine.load(path, compiler=compiler)
    except ToolchainError:
        raise
    except MiniInferError as error:
        if not isinstance(error, EngineError):
            raise FaultError(f"refused by {type(error).__name__}, not EngineError: {error}", _place(error)) from error
        return "refused"
    return _run(engine, random)


def _run(engine: Engine, random: Random) -> str:
    """Run between guarded arrays, in a guarded arena: nothing beside them may be read or written."""
    program = engine.program
    ports = [*program.inputs, *program.outputs]
    if not all(isinstance(port.type, TensorType) for port in ports):
        return "compiled"
    sizes = [int(np.prod(port.type.shape, dtype=object)) * port.type.dtype.numpy.itemsize for port in ports]
    if sum(sizes) + engine.arena_bytes > LARGEST or any(port.type.dtype.numpy.hasobject for port in ports):
        return "compiled"
    behind = random.random() < 0.7
    arrays = {id(port): Guarded(port.type.shape, port.type.dtype.numpy, behind=behind) for port in ports}
    rng = np.random.default_rng(random.randrange(2**32))
    for port in program.inputs:
        _fill(arrays[id(port)].array, rng)
    arena = Guarded((engine.arena_bytes,), np.dtype(np.uint8), alignment=64, behind=behind)
    constants = bytes(engine.constants) if engine.constants.size < LARGEST else b""
    context = engine.create_context(arena.bytes)
    inputs, outputs = (
        {port.name: arrays[id(port)].array for port in some} for some in (program.inputs, program.outputs)
    )
    before = {name: array.tobytes() for name, array in inputs.items()}
    try:
        context.run_into(inputs, outputs)
    except (PlanError, ProgramError, ToolchainError) as error:
        raise FaultError(f"{type(error).__name__} at run time: {error}", _place(error)) from error
    except MiniInferError:
        return "run refused"
    finally:
        ops = "/".join(sorted({step.node.op for step in program.steps})[:4])
        for what, guard in (("the arena", arena), *((f"{port.name!r}", arrays[id(port)]) for port in ports)):
            if side := guard.broken():
                raise FaultError(f"wrote {side} {what}", f"run of {ops}")
        if any(array.tobytes() != before[name] for name, array in inputs.items()):
            raise FaultError("wrote into an input", f"run of {ops}")
        if constants and bytes(engine.constants) != constants:
            raise FaultError("wrote into the constants", f"run of {ops}")
    return "run"


def _fill(array: np.ndarray, rng: np.random.Generator) -> None:
    """Ordinary numbers, and now and then what breaks kernels."""
    kind = array.dtype.kind
    wild = rng.random() < 0.3
    if kind in "iu":
        limits = np.iinfo(array.dtype)
        chosen = (limits.min, limits.max, -1 if kind == "i" else 255, 0, 1, 100) if wild else (0, 1, 1, 2)
        array[...] = rng.choice(np.array(chosen, array.dtype), array.shape)
    elif kind == "b":
        array[...] = rng.integers(0, 2, array.shape)
    else:
        with np.errstate(all="ignore"):
            array[...] = rng.standard_normal(array.shape)
            if wild and array.size:
                array.flat[rng.integers(array.size)] = rng.choice([np.nan, np.inf, 1e38, -1e30, 0.0])


def _command(*words: object) -> str:
    """A command line, but for its last resort, which hides what is unforeseen."""
    try:
        args = build().parse_args([str(word) for word in words])
    except SystemExit:
        return "refused"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        args.run(args)
    return f"{words[0]} ran"


def _problem(path: Path, _random: Random, _compiler: str | None) -> str:
    problem = memory.read_csv(path) if path.suffix == ".csv" else memory.read_json(path)
    memory.validate(memory.solve(problem, time_limit=0.2))
    return "solved"


def _plan(path: Path, random: Random, _compiler: str | None) -> str:
    if random.random() < 0.2:
        return _command("check", path)
    if path.suffix == ".json" and random.random() < 0.2:
        return _command("compare", path, path)
    plan = memory.read_csv_plan(path) if path.suffix == ".csv" else memory.read_json_plan(path)
    memory.validate(plan)
    return "valid"


def _array(path: Path, random: Random, _compiler: str | None) -> str:
    if path.suffix == ".json":  # a value on the command line
        text = path.read_bytes().decode(errors="surrogateescape")
        return _command("plan", assets.MODEL, "--time-limit=0", f"--fix=input={text}")
    kind = TensorType(DType.of(np.dtype(random.choice(("float32", "float32", "uint8")))), (3, 4))
    read_samples([f"x={path}"], {"x": kind})
    return "read"
