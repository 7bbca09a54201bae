"""An artifact is made, looked at and saved on any machine; an engine is one with native code, on its own machine."""

import pytest

import mini_infer as mi
from mini_infer.errors import EngineError, UsageError
from mini_infer.toolchain import Target, host

FOREIGN = Target.parse("aarch64-macos" if host.arch() == "x86_64" else "x86_64-macos")


@pytest.fixture
def foreign(model):
    return mi.build(model, target=str(FOREIGN))


def test_an_artifact_for_another_machine_is_saved_and_read_here(foreign, tmp_path):
    foreign.save(tmp_path / "foreign.engine")
    loaded = mi.Artifact.load(tmp_path / "foreign.engine")
    assert loaded.target == foreign.target
    assert (loaded.plan.offsets, loaded.arena_bytes) == (foreign.plan.offsets, foreign.arena_bytes)
    assert loaded.constants.tobytes() == foreign.constants.tobytes()
    assert not loaded.runs_here


def test_an_engine_for_another_machine_is_refused(model, foreign, tmp_path):
    foreign.save(tmp_path / "foreign.engine")
    ways = (
        lambda: mi.Engine.from_artifact(foreign),
        lambda: mi.Engine.load(tmp_path / "foreign.engine", compiler="none"),
        lambda: mi.compile(model, target=FOREIGN),
    )
    for way in ways:
        with pytest.raises(EngineError, match=f"for {FOREIGN}; this machine lacks {FOREIGN.arch}-macos"):
            way()


def test_an_engine_shares_the_weights_of_its_artifact(model):
    artifact = mi.build(model)
    engine = mi.Engine.from_artifact(artifact, compiler="none")
    assert artifact.runs_here
    assert engine.constants is artifact.constants
    assert (engine.program, engine.plan) == (artifact.program, artifact.plan)
    assert engine.libraries == (None,)


def test_an_unknown_target_is_refused(model):
    with pytest.raises(UsageError, match="target system 'plan9'"):
        mi.build(model, target="x86_64-plan9")
