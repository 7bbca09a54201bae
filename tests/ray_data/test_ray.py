import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec

import numpy as np
import onnx
import pytest
from batch_models import expected, feed_of, model, save_engine

import mini_infer as mi
from mini_infer.errors import InputError, UsageError
from mini_infer.ray import Predictor, resources


def test_a_batch_gets_outputs_and_keeps_what_was_not_read(tmp_path):
    predictor = Predictor(save_engine(tmp_path / "net.engine", mi.Range(1, 4)), columns={"x": "pixels"})
    for rows in (1, 4, 7):
        feed = feed_of(rows)
        made = predictor({"pixels": feed["x"], "t": feed["t"], "id": np.arange(rows)})
        assert list(made) == ["id", "y", "s"]
        for name, array in {**expected(feed), "id": np.arange(rows)}.items():
            np.testing.assert_array_equal(made[name], array)


def test_what_is_wrong_is_said(tmp_path):
    path = save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    with pytest.raises(InputError, match="several inputs, x, t: give a column for each"):
        Predictor(path, columns="pixels")
    with pytest.raises(InputError, match="no input 'z'; there are x, t"):
        Predictor(path, columns={"z": "pixels"})
    with pytest.raises(InputError, match="no column 't'; there are x"):
        Predictor(path)({"x": feed_of(1)["x"]})
    with pytest.raises(UsageError, match="compiled already"):
        Predictor(path, options={"threads": 1})


def test_the_memory_is_what_the_engine_takes(tmp_path):
    path = save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    sizes = mi.sizes(path)
    ports = 4 * (6 + 3 + 4 + 1) * 4  # rows, elements of each, bytes of each element
    assert resources(path) == {"memory": sizes.arena_bytes + sizes.weight_bytes + ports}
    onnx.save(model(3), tmp_path / "net.onnx")
    options = {"dims": {"batch": mi.Range(1, 4)}, "compiler": "none"}
    assert resources(str(tmp_path / "net.onnx"), options=options) == resources(path)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs ray")
def test_two_actors_give_the_answers_of_one_process(tmp_path):
    path = save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    feed = feed_of(64)
    np.savez(tmp_path / "feed.npz", **feed)
    program = """
        import os, sys
        import numpy as np
        import ray
        from mini_infer.ray import Predictor, resources

        class Told(Predictor):
            def __call__(self, batch):
                made = super().__call__(batch)
                return {**made, "process": np.full(len(made["y"]), os.getpid())}

        ray.init(num_cpus=3, include_dashboard=False, object_store_memory=100 << 20)
        feed = dict(np.load("feed.npz"))
        rows = [{"id": i, "x": feed["x"][i], "t": feed["t"][i]} for i in range(64)]
        found = (
            ray.data.from_items(rows, override_num_blocks=16)
            .map_batches(
                Told,
                fn_constructor_args=("net.engine",),
                batch_size=3,
                compute=ray.data.ActorPoolStrategy(size=2),
                num_cpus=1,
                **resources("net.engine"),
            )
            .take_all()
        )
        found.sort(key=lambda row: row["id"])
        np.savez("made.npz", **{name: np.array([row[name] for row in found]) for name in found[0]})
        ray.shutdown()
    """.replace('"net.engine"', repr(path))
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "RAY_USAGE_STATS_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    made = np.load(tmp_path / "made.npz")
    np.testing.assert_array_equal(made["id"], np.arange(64))
    for name, array in expected(feed).items():
        np.testing.assert_array_equal(made[name], array)
    assert len(set(made["process"])) == 2
