"""Native code that need not be built: found by the engine's digest, or beside the engine where it is trusted."""

import hashlib
import shutil
import subprocess

import crafting
import numpy as np
import pytest

import mini_infer as mi
from mini_infer.errors import EngineError, InputError
from mini_infer.runtime import code, file
from mini_infer.runtime.code import Code
from mini_infer.toolchain import cache_directory, find

pytestmark = pytest.mark.skipif(find() is None, reason="there is no C compiler")


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """An empty cache, and how to get another."""

    def fresh(name="cache"):
        monkeypatch.setenv("MINI_INFER_CACHE", str(tmp_path / name))

    fresh()
    return fresh


@pytest.fixture
def no_compiler(monkeypatch):
    """No program runs from now on: what compilers there are is not asked."""

    def refuse(*_, **__):
        pytest.fail("a program was run, or C was generated")

    def begin():
        monkeypatch.setattr(subprocess, "run", refuse)
        monkeypatch.setattr(subprocess, "Popen", refuse)
        monkeypatch.setattr("mini_infer.codegen.generate", refuse)

    return begin


@pytest.fixture
def bundle(model, tmp_path, own_cache):
    """An engine with its code beside it, and a cache that knows nothing of it."""
    path = tmp_path / "net.engine"
    mi.compile(model).save(path, with_code=True)
    own_cache("other")
    return path


def answers(engine, x):
    return {name: value.tobytes() for name, value in engine.create_context().run({"x": x}).items()}


@pytest.mark.usefixtures("own_cache")
def test_code_is_found_by_the_engines_digest_alone(model, x, tmp_path, no_compiler):
    engine = mi.compile(model)
    engine.save(tmp_path / "net.engine")
    wanted = answers(engine, x)
    no_compiler()
    loaded = mi.load(tmp_path / "net.engine")
    assert loaded.library.source is None
    assert answers(loaded, x) == wanted
    assert loaded.program.native_steps == loaded.interface.native_steps  # read and checked when somebody asks
    assert loaded.plan.size == loaded.arena_bytes


@pytest.mark.usefixtures("own_cache")
def test_what_was_built_once_at_loading_is_found_the_next_time(model, x, tmp_path, no_compiler):
    mi.build(model).save(tmp_path / "net.engine")
    wanted = answers(mi.load(tmp_path / "net.engine"), x)
    no_compiler()
    assert answers(mi.load(tmp_path / "net.engine"), x) == wanted


def test_every_profile_has_its_code(dynamic_model, tmp_path, own_cache, no_compiler):
    shapes = {"one": {"x": (1, 3)}, "many": {"x": (7, 3)}}
    mi.compile(dynamic_model, profiles=shapes).save(tmp_path / "rows.engine", with_code=True)
    own_cache("other")
    no_compiler()
    context = mi.load(tmp_path / "rows.engine", trust_code=True).create_context()
    for rows in (1, 7):
        assert context.run(np.ones((rows, 3), np.float32))["y"].shape == (rows, 4)


@pytest.mark.usefixtures("own_cache")
def test_another_compiler_is_another_matter(model, tmp_path):
    mi.compile(model).save(tmp_path / "net.engine")
    digest = file.Header.read(tmp_path / "net.engine").digest
    suffix = mi.Artifact.load(tmp_path / "net.engine").target.library_suffix
    assert code.recall(digest, "", suffix)
    assert code.recall(digest, "gcc", suffix) is None
    assert mi.load(tmp_path / "net.engine", compiler="none").libraries == (None,)


def test_code_beside_an_engine_runs_where_it_is_trusted(bundle, model, x, no_compiler):
    wanted = answers(mi.compile(model), x)
    no_compiler()
    loaded = mi.load(bundle, trust_code=True)
    assert loaded.library.path.parent == bundle.with_name("net.engine.code")
    assert answers(loaded, x) == wanted


def test_code_that_is_not_trusted_is_not_loaded(bundle, monkeypatch, caplog):
    monkeypatch.setattr("mini_infer.runtime.engine.find", lambda _preference=None: None)
    loaded = mi.load(bundle)
    assert loaded.libraries == (None,)
    assert "trust_code=True" in caplog.text


def test_code_that_was_changed_is_refused(bundle):
    (library,) = bundle.with_name("net.engine.code").iterdir()
    library.write_bytes(library.read_bytes() + b"\0")
    with pytest.raises(EngineError, match="not the code that the engine was saved with"):
        mi.load(bundle, trust_code=True)
    library.unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        mi.load(bundle, trust_code=True)


def test_code_of_another_engine_is_refused(bundle, dynamic_model, tmp_path):
    other = tmp_path / "other.engine"
    mi.compile(dynamic_model, dims={"n": 2}).save(other, with_code=True)
    (library,) = bundle.with_name("net.engine.code").iterdir()
    (foreign,) = other.with_name("other.engine.code").iterdir()
    shutil.copy(foreign, library)
    with pytest.raises(EngineError, match="not the code"):
        mi.load(bundle, trust_code=True)


def test_saving_again_leaves_no_code_of_before(bundle, dynamic_model):
    folder = bundle.with_name("net.engine.code")
    (before,) = folder.iterdir()
    (folder / "notes.txt").write_text("mine")
    mi.compile(dynamic_model, dims={"n": 2}).save(bundle, with_code=True)
    assert before not in folder.iterdir()
    assert len(list(folder.iterdir())) == 2


@pytest.mark.usefixtures("own_cache")
def test_a_cache_that_was_damaged_builds_again(model, x, tmp_path):
    mi.compile(model).save(tmp_path / "net.engine")
    wanted = answers(mi.load(tmp_path / "net.engine"), x)
    for path in cache_directory().iterdir():
        if path.is_file():
            path.unlink()  # it may be loaded
            path.write_bytes(b"damaged")
    assert answers(mi.load(tmp_path / "net.engine"), x) == wanted


def test_a_crafted_header_is_another_engine(bundle, tmp_path):
    parts = crafting.Parts.of(bundle)
    mi.load(bundle)  # its code is in the cache now
    parts.header["interfaces"][0]["arena_bytes"] = 64
    parts.write(tmp_path / "crafted.engine")
    with pytest.raises(EngineError, match="the header says other arena_bytes than the program has"):
        mi.load(tmp_path / "crafted.engine")


def test_a_folder_that_cannot_be_made_is_named(model, tmp_path):
    (tmp_path / "net.engine.code").write_text("in the way")
    with pytest.raises(InputError, match=r"net\.engine\.code: cannot be written"):
        mi.compile(model).save(tmp_path / "net.engine", with_code=True)
    assert not (tmp_path / "net.engine").exists()


@pytest.mark.parametrize(
    "field",
    [
        {"sha256": "../x", "segments": []},
        {"sha256": "A" * 64, "segments": []},
        {"sha256": 3, "segments": []},
        {"sha256": "a" * 64, "segments": [[0, 1, "f", 1, False]]},
        {"sha256": "a" * 64, "segments": [[0, 1, "f"]]},
        {"segments": []},
        [],
    ],
)
def test_code_in_a_header_is_what_it_must_be(bundle, tmp_path, field):
    parts = crafting.Parts.of(bundle)
    parts.header["code"] = [field]
    parts.write(tmp_path / "crafted.engine")
    with pytest.raises(EngineError, match="cannot read"):
        mi.load(tmp_path / "crafted.engine", trust_code=True)


def test_code_survives_the_way_to_json(bundle):
    (found,) = file.Header.read(bundle).code
    assert Code.from_json(found.to_json()) == found
    (library,) = bundle.with_name("net.engine.code").iterdir()
    assert hashlib.sha256(library.read_bytes()).hexdigest() == found.sha256 == library.stem
