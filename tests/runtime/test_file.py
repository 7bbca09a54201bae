"""Engine files: the same bytes every time, every byte under a checksum, nothing but data."""

import subprocess
import sys

import numpy as np
import pytest

import mini_infer as mi
from mini_infer.errors import EngineError, InputError
from mini_infer.runtime import file
from mini_infer.toolchain import Target


@pytest.fixture(scope="module")
def engine(model):
    return mi.compile(model, compiler="none")


@pytest.fixture
def path(engine, tmp_path):
    engine.save(tmp_path / "small.engine")
    return tmp_path / "small.engine"


def test_a_loaded_engine_gives_the_same_answers(engine, path, x):
    for compiler in (None, "none"):
        loaded = mi.Engine.load(path, compiler=compiler)
        assert (loaded.plan.offsets, loaded.plan.lower_bound) == (engine.plan.offsets, engine.plan.lower_bound)
        wanted, got = engine.create_context().run({"x": x}), loaded.create_context().run({"x": x})
        for name in wanted:
            np.testing.assert_allclose(got[name], wanted[name], rtol=1e-6, atol=1e-6)


def test_saving_is_deterministic(model, path, tmp_path):
    mi.compile(model, compiler="none").save(tmp_path / "again.engine")
    assert (tmp_path / "again.engine").read_bytes() == path.read_bytes()
    mi.Engine.load(path, compiler="none").save(tmp_path / "loaded.engine")
    assert (tmp_path / "loaded.engine").read_bytes() == path.read_bytes()


def test_profiles_survive(dynamic_model, tmp_path):
    shapes = {"one": {"x": (1, 3)}, "many": {"x": (7, 3)}}
    mi.compile(dynamic_model, profiles=shapes, compiler="none").save(tmp_path / "rows.engine")
    context = mi.Engine.load(tmp_path / "rows.engine", compiler="none").create_context()
    assert context.run({"x": np.ones((7, 3), np.float32)})["y"].shape == (7, 4)


def test_any_changed_byte_is_found(path):
    data = bytearray(path.read_bytes())
    places = [*range(64), *range(64, len(data), 97), len(data) - 1]
    for place in places:
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises(EngineError, match=r"small\.engine"):
            file.read(path)
        data[place] ^= 1


@pytest.mark.parametrize("size", [0, 5, 40, 200, -1])
def test_a_truncated_file_is_found(path, size):
    data = path.read_bytes()
    path.write_bytes(data[:size])
    with pytest.raises(EngineError, match=r"small\.engine"):
        file.read(path)


def test_an_appended_byte_is_found(path):
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(EngineError, match="not the size"):
        file.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"none\.engine: cannot be read: No such file"):
        file.read(tmp_path / "none.engine")


def test_nothing_is_left_behind_when_writing_fails(engine, tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        engine.save(target)
    assert list(tmp_path.iterdir()) == [target]


def test_an_engine_for_another_machine_says_what_is_missing(engine, path, monkeypatch):
    if not engine.target.features:
        pytest.skip("this machine has no optional CPU features")
    poorer = Target(engine.target.arch, engine.target.system, (), engine.target.machine)
    monkeypatch.setattr("mini_infer.toolchain.Target.host", lambda: poorer)
    with pytest.raises(EngineError, match=f"lacks .*{engine.target.features[0]}.*mini-infer compile"):
        mi.Engine.load(path)


def test_running_an_all_native_engine_does_not_import_onnx(model, tmp_path, x):
    engine = mi.compile(model)
    assert engine.program.native_steps == len(engine.program.steps)
    engine.save(tmp_path / "native.engine")
    np.save(tmp_path / "x.npy", x)
    code = (
        "import sys, numpy as np, mini_infer as mi;"
        f"engine = mi.Engine.load({str(tmp_path / 'native.engine')!r});"
        f"y = engine.create_context().run({{'x': np.load({str(tmp_path / 'x.npy')!r})}});"
        "print(sorted({'onnx', 'numba', 'mini_infer.passes', 'mini_infer.compiler'} & set(sys.modules)), y['p'].shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] (1, 5)"
