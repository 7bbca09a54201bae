"""Tiles that were measured are kept, taken, and checked when they are read."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mini_infer import compiler
from mini_infer.candidates import timed_machine
from mini_infer.compiler import Options
from mini_infer.demo import assets
from mini_infer.errors import InputError, UsageError
from mini_infer.lowering.contraction import tiles, timings
from mini_infer.program.kernels import Tile, TiledContraction
from mini_infer.toolchain import find
from mini_infer.tuning import tune

needs_compiler = pytest.mark.skipif(find() is None, reason="needs a C compiler")
WORK = tiles.Work(12, 16, 30)


def kernels(options):
    program = compiler.lower(assets.MODEL, options).program
    return [call.kernel for step in program.steps for call in step.calls if isinstance(call.kernel, TiledContraction)]


@pytest.mark.slow
@needs_compiler
def test_what_was_measured_is_kept_and_taken(tmp_path):
    options = Options(timings=tmp_path / "timings.json")
    works = {tiles.work_of(kernel) for kernel in kernels(Options())}
    assert tune(assets.MODEL, options) == len(works)
    machine = timed_machine(options)
    assert timings.read(options.timings)[machine].keys() == works
    assert tune(assets.MODEL, options) == 0
    assert [kernel.tile for kernel in kernels(options)] == [
        timings.read(options.timings)[machine][tiles.work_of(kernel)] for kernel in kernels(options)
    ]


@needs_compiler
def test_any_tile_gives_the_same_answers(tmp_path):
    machine = Options().built_for.machine
    worst = {tiles.work_of(kernel): tiles.ranked(tiles.work_of(kernel), machine)[-1] for kernel in kernels(Options())}
    options = Options(timings=tmp_path / "timings.json")
    timings.write(options.timings, {timed_machine(options): worst})
    assert [kernel.tile for kernel in kernels(options)] != [kernel.tile for kernel in kernels(Options())]
    digit = {"input": assets.load_digits().inputs[:1].reshape(1, 1, 28, 28)}
    first, second = (
        compiler.compile(assets.MODEL, options=each).create_context().run(digit) for each in (options, Options())
    )
    np.testing.assert_allclose(first["logits"], second["logits"], rtol=0, atol=1e-5)


def test_another_machines_tiles_are_left_alone(tmp_path):
    path = tmp_path / "timings.json"
    timings.write(path, {"pdp11": {work: Tile(work.multiple, 1, 4) for work in map(tiles.work_of, kernels(Options()))}})
    assert kernels(Options(timings=path)) == kernels(Options())


def test_what_a_former_version_measured_does_not_count(tmp_path):
    path = tmp_path / "timings.json"
    tile = {"rows": 14, "vectors": 2, "lanes": 8}
    entry = {"rows": 56, "columns": 64, "depth": 576, "multiple": 1, "tile": tile}
    path.write_text(json.dumps({"schema": "mini-infer/timings/1", "machines": {"m": [entry]}}))
    assert timings.read(path) == {}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "is no JSON"),
        ("[]", "is no file of timings"),
        ({"schema": "mini-infer/plan/1"}, "is no file of timings"),
        ({"schema": timings.SCHEMA}, "malformed"),
        ({"schema": timings.SCHEMA, "machines": {"m": [{"rows": 1}]}}, "malformed"),
        ({"schema": timings.SCHEMA, "machines": {"m": [{"tile": 3}]}}, "malformed"),
    ],
)
def test_other_files_are_refused(tmp_path, content, what):
    path = tmp_path / "timings.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=what):
        timings.read(path)


@pytest.mark.parametrize("tile", [Tile(28, 8, 4), Tile(1, 1, 3), Tile(13, 1, 8)])
def test_a_tile_that_no_kernel_can_have_is_refused(tmp_path, tile):
    path = tmp_path / "timings.json"
    timings.write(path, {"m": {WORK: tile}})
    with pytest.raises(InputError, match="is no tile"):
        timings.read(path)


def test_tuning_needs_a_file_and_this_machine(tmp_path):
    with pytest.raises(UsageError, match="--timings"):
        tune(assets.MODEL, Options())
    options = Options(timings=tmp_path / "timings.json")
    with pytest.raises(UsageError, match="C compiler"):
        tune(assets.MODEL, replace(options, compiler="none"))
