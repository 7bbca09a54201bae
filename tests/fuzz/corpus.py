"""What is mutated, always the same: small models of every family, engines made of them, problems, plans, arrays."""

import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from models import chains, single_nodes, streams
from onnx import numpy_helper

import mini_infer
from mini_infer import memory
from mini_infer.demo import assets

_GOALS = {"chain": "balanced", "stream": "memory"}
"""What engines are made of, by how their names begin, and for which goal."""
DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"


@dataclass(frozen=True)
class Seed:
    """One unspoilt input. `kind` says what reads it: model, engine, problem, plan or array; `suffix`, in which form."""

    name: str
    kind: str
    suffix: str
    data: bytes


def corpus(*, node_cases: bool = False) -> list[Seed]:
    """Every seed, sorted by name; `node_cases` adds onnx's own, which take onnx some 20 s to make."""
    models = dict([*single_nodes(), *chains(), *streams(), *_converted(), *(_node_cases() if node_cases else ())])
    seeds = [Seed(name, "model", ".onnx", model.SerializeToString()) for name, model in models.items()]
    seeds.append(Seed("lenet5", "model", ".onnx", Path(str(assets.MODEL)).read_bytes()))
    seeds += [*_engines(models), *_problems(), *_arrays()]
    return sorted(seeds, key=lambda seed: (seed.kind, seed.suffix, seed.name))


def _converted() -> Iterator[tuple[str, onnx.ModelProto]]:
    """Models that come with onnx, as PyTorch once exported them; the large ones left out."""
    for path in sorted(DATA.glob("*/*/model.onnx")):
        if path.parts[-3] != "real" and path.stat().st_size < 1 << 18:
            yield f"{path.parts[-3]}/{path.parts[-2]}", onnx.load(path)


def _node_cases() -> Iterator[tuple[str, onnx.ModelProto]]:
    """onnx's cases of single nodes; inputs behind the first are initializers, because many must be known."""
    from onnx.backend.test.loader import load_model_tests

    for case in load_model_tests(kind="node"):
        model = onnx.ModelProto()
        model.CopyFrom(case.model)
        for info, value in list(zip(model.graph.input, case.data_sets[0][0], strict=False))[1:]:
            if isinstance(value, np.ndarray) and value.dtype != object:
                model.graph.initializer.append(numpy_helper.from_array(value, info.name))
        yield f"node/{case.name}", model


def _engines(models: dict[str, onnx.ModelProto]) -> Iterator[Seed]:
    with tempfile.TemporaryDirectory() as folder:
        for name, model in models.items():
            kind = name.partition("/")[0]
            if kind not in _GOALS:
                continue
            path = Path(folder) / "a.engine"
            mini_infer.compile(model, compiler="none", time_limit=0, optimize=_GOALS[kind]).save(path)
            yield Seed(f"{name}.engine", "engine", ".engine", path.read_bytes())


def _problems() -> Iterator[Seed]:
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for count, pools in ((3, ()), (12, ()), (8, ("sram", "dram"))):
            buffers = []
            for k in range(count):
                start = int(rng.integers(0, 9))
                end = start + int(rng.integers(2, 7))
                gaps = ((start + 1, start + 2),) if end - start > 3 and k % 3 == 0 else ()
                own = pools if k % 2 else ()
                buffers.append(
                    memory.Buffer(f"b{k}", int(rng.integers(0, 99)), start, end, 1 << k % 4, None, gaps, own)
                )
            places = tuple(memory.Pool(name, 999 * (k + 1)) for k, name in enumerate(pools))
            problem = memory.Problem(tuple(buffers), None if pools else 10_000, places)
            plan = memory.solve(problem, time_limit=0)
            for kind, what in (("problem", problem), ("plan", plan)):
                for suffix, write in ((".csv", memory.write_csv), (".json", memory.write_json)):
                    if suffix == ".csv" and pools:
                        continue  # the file alone does not say how large a pool is
                    path = Path(folder) / "a"
                    write(what, path)
                    yield Seed(f"{kind}{count}", kind, suffix, path.read_bytes())


def _arrays() -> Iterator[Seed]:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    saved = io.BytesIO()
    np.save(saved, x)
    yield Seed("array", "array", ".npy", saved.getvalue())
    saved = io.BytesIO()
    np.savez(saved, x=x)
    yield Seed("array", "array", ".npz", saved.getvalue())
    yield Seed("array", "array", ".json", json.dumps([[[[0.5] * 28] * 28]]).encode())
    yield Seed("array", "array", ".pgm", b"P5 4 3 255\n" + bytes(range(12)))
    yield Seed("array", "array", ".bin", x.tobytes())
