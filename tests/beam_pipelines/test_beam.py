import io
import os
import sys

import numpy as np
import pytest
from batch_models import feed_of, model, save_engine
from beam_results import is_right, told

import mini_infer as mi
from mini_infer.errors import InputError, UnsupportedError, UsageError

beam = pytest.importorskip("apache_beam")

from apache_beam.io import filesystem, filesystems  # noqa: E402
from apache_beam.ml.inference.base import PredictionResult, RunInference  # noqa: E402
from apache_beam.options.pipeline_options import PipelineOptions  # noqa: E402

from mini_infer.beam import ModelHandler  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # Beam's own, and those of what it imports


def options(workers):
    mode = "multi_processing" if workers > 1 else "in_memory"
    words = ["--runner=DirectRunner", f"--direct_running_mode={mode}", f"--direct_num_workers={workers}"]
    return PipelineOptions(words)


def elements(count, columns=3):
    feed = feed_of(count, columns)
    return [{name: array[index] for name, array in feed.items()} for index in range(count)]


def test_a_pipeline_in_one_process(tmp_path):
    handler = ModelHandler(save_engine(tmp_path / "net.engine", mi.Range(2, 4)))
    found = tmp_path / "found"
    with beam.Pipeline(options=options(1)) as pipeline:
        results = pipeline | beam.Create(elements(11)) | RunInference(handler)
        results | beam.Map(is_right) | beam.Map(str) | beam.io.WriteToText(str(found), shard_name_template="")
    assert found.read_text().split() == ["True"] * 11


@pytest.mark.slow
def test_two_processes_give_the_answers_of_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    handler = ModelHandler(save_engine(tmp_path / "net.engine", mi.Range(1, 4)))
    found = tmp_path / "found"
    with beam.Pipeline(options=options(2)) as pipeline:
        rows = pipeline | beam.Create(elements(64)) | beam.Reshuffle()
        rows | RunInference(handler) | beam.Map(told) | beam.io.WriteToText(str(found), shard_name_template="")
    lines = [line.split() for line in found.read_text().splitlines()]
    assert [right for _, right in lines] == ["True"] * 64
    assert str(os.getpid()) not in {process for process, _ in lines}
    assert len({process for process, _ in lines}) == 2


def test_a_batch_keeps_its_order_and_may_have_several_shapes(tmp_path):
    handler = ModelHandler(save_engine(tmp_path / "net.engine", mi.Range(1, 4), columns="columns"))
    batch = [each for pair in zip(elements(5, 2), elements(5, 5), strict=True) for each in pair]
    results = list(handler.run_inference(batch, handler.load_model()))
    assert [result.example is element for result, element in zip(results, batch, strict=True)] == [True] * 10
    assert all(is_right(result) for result in results)
    assert results[0].model_id == str(tmp_path / "net.engine")
    assert handler.get_num_bytes(batch) == sum(array.nbytes for each in batch for array in each.values())


def test_the_engine_says_how_many_elements_are_joined(tmp_path):
    path = save_engine(tmp_path / "net.engine", mi.Range(2, 5))
    assert ModelHandler(path).batch_elements_kwargs() == {"min_batch_size": 1, "max_batch_size": 5}
    assert ModelHandler(path, max_batch_size=3).batch_elements_kwargs() == {"max_batch_size": 3}
    assert ModelHandler("elsewhere.engine").batch_elements_kwargs() == {}


def test_the_model_can_be_another_one(tmp_path):
    first = save_engine(tmp_path / "one.engine", 2)
    second = save_engine(tmp_path / "two.engine", 3, scale=2)
    handler = ModelHandler(first)
    assert all(is_right(each) for each in handler.run_inference(elements(3), handler.load_model()))
    handler.update_model_path(None)
    handler.update_model_path(second)
    results = list(handler.run_inference(elements(3), handler.load_model()))
    assert all(is_right(each, scale=2) for each in results)
    assert {each.model_id for each in results} == {second}


def test_a_side_input_changes_the_model(tmp_path):
    from apache_beam.ml.inference.base import ModelMetadata

    handler = ModelHandler(save_engine(tmp_path / "one.engine", 2))
    second = save_engine(tmp_path / "two.engine", 3, scale=2)
    found = tmp_path / "found"
    with beam.Pipeline(options=options(1)) as pipeline:
        swap = pipeline | "swap" >> beam.Create([ModelMetadata(model_id=second, model_name="two")])
        rows = pipeline | beam.Create(elements(7)) | RunInference(handler, model_metadata_pcoll=swap)
        rows | beam.Map(is_right, scale=2) | beam.Map(str) | beam.io.WriteToText(str(found), shard_name_template="")
    assert found.read_text().split() == ["True"] * 7


def test_what_is_wrong_is_said(tmp_path):
    path = save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    handler = ModelHandler(path)
    batches = handler.load_model()
    with pytest.raises(InputError, match="several inputs, x, t"):
        handler.run_inference([np.zeros(6, np.float32)], batches)
    with pytest.raises(InputError, match="an element has x; the engine takes x, t"):
        handler.run_inference([{"x": np.zeros(6, np.float32)}], batches)
    with pytest.raises(InputError, match="no inference_args; given are t"):
        handler.run_inference(elements(1), batches, {"t": 1})
    with pytest.raises(UsageError, match="compiled already"):
        ModelHandler(path, options={"threads": 2})


class Away(filesystem.FileSystem):
    """Files of one machine that is not this one."""

    files: dict[str, bytes] = {}  # noqa: RUF012 - Beam makes its own instances
    opened: list[str] = []  # noqa: RUF012

    @classmethod
    def scheme(cls):
        return "away"

    def match(self, patterns, limits=None):  # noqa: ARG002
        found = [filesystem.FileMetadata(path, len(self.files[path]), 7.0) for path in patterns if path in self.files]
        return [filesystem.MatchResult(patterns[0], found)]

    def open(self, path, *_args, **_settings):
        self.opened.append(path)
        return io.BytesIO(self.files[path])

    def _nothing(self, *_args, **_settings):
        raise NotImplementedError

    join = split = mkdirs = has_dirs = _list = create = copy = rename = exists = size = last_updated = _nothing
    checksum = metadata = delete = _nothing


def test_an_engine_of_elsewhere_is_copied_once(tmp_path):
    path = save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    Away.files = {"away://m/net.engine": (tmp_path / "net.engine").read_bytes()}
    Away.opened.clear()
    assert filesystems.FileSystems.get_scheme(path) is None
    handler = ModelHandler("away://m/net.engine")
    for _ in range(2):
        assert all(is_right(each) for each in handler.run_inference(elements(5), handler.load_model()))
    assert Away.opened == ["away://m/net.engine"]
    Away.files["away://m/net.engine"] += b"more"
    with pytest.raises(mi.errors.EngineError, match="not the size that was written"):
        handler.load_model()
    with pytest.raises(UsageError, match="only code on the worker's own machine can be trusted"):
        ModelHandler("away://m/net.engine", trust_code=True).load_model()
    with pytest.raises(InputError, match="there are 0 such files"):
        ModelHandler("away://m/other.engine").load_model()


def test_so_is_a_model_that_is_compiled():
    Away.files = {"away://m/net.onnx": model(3).SerializeToString()}
    chosen = {"dims": {"batch": mi.Range(1, 4)}, "compiler": "none"}
    handler = ModelHandler("away://m/net.onnx", options=chosen)
    results = handler.run_inference(elements(5), handler.load_model())
    assert all(isinstance(each, PredictionResult) and is_right(each) for each in results)


def test_an_engine_without_rows_is_refused_when_the_pipeline_is_made(tmp_path):
    path = tmp_path / "net.engine"
    mi.compile(model(3), profiles={str(n): {"x": (n, 6), "t": (n, 3)} for n in (1, 2)}, compiler="none").save(path)
    with pytest.raises(UnsupportedError, match="2 profiles"):
        ModelHandler(str(path)).load_model()
