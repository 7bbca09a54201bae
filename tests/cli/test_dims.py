"""Dimensions by name on the command line: sizes, ranges, and what is done at sizes of a range."""

import json

import numpy as np
import pytest
from cli_checks import save
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer import compiler
from mini_infer.errors import CapacityError, InputError, ModelError, UnsupportedError, UsageError
from mini_infer.ir import UndecidedError

RANGES = ("--dim=batch=1..2", "--dim=seq=1..32@8")


@pytest.fixture
def rows(tmp_path):
    """Two layers on rows: an open batch, an open sequence, and a mask of the same sizes."""
    rng = np.random.default_rng(0)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w1"], ["a"], "first"),
            helper.make_node("Relu", ["a"], ["b"], "relu"),
            helper.make_node("MatMul", ["b", "w2"], ["c"], "second"),
            helper.make_node("Mul", ["c", "mask"], ["y"], "masked"),
        ],
        "rows",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "seq", 4]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", "seq", 1]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "seq", 3])],
        [
            numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)
            for name, shape in {"w1": (4, 16), "w2": (16, 3)}.items()
        ],
    )
    return save(graph, tmp_path / "rows.onnx")


@pytest.fixture
def engine(command, rows, tmp_path):
    path = tmp_path / "rows.engine"
    assert command("compile", rows, *RANGES, "-o", path).status == 0
    return path


def fails(answer, error, said):
    assert answer.status == error.exit_code, answer
    (line,) = answer.errors
    assert line.startswith("mini-infer: error: ")
    assert said in line
    assert answer.out == ""


def test_what_stays_open_is_said_with_the_line_to_paste(command, rows):
    line = "open dimensions: batch, seq; give them: --dim batch=1 --dim seq=1..512"
    fails(command("plan", rows), ModelError, line)
    fails(command("plan", rows, "--dim=batch=1"), ModelError, "open dimensions: seq; give them: --dim seq=1..512")
    assert command("plan", rows, *line.partition("them: ")[2].split()).status == 0


@pytest.mark.parametrize(
    ("flags", "error", "said"),
    [
        (["--dim=batch=1", "--dim=sek=8"], ModelError, "no open dimension 'sek'; did you mean seq?"),
        (["--dim=seq"], UsageError, "write NAME=8, NAME=1..512"),
        (["--dim=seq=9..3"], UsageError, "give a range from low to high"),
        ([*RANGES, "--dim=seq=33"], UsageError, "--dim seq=33: it is 1 to 32"),
        ([*RANGES, "--dim=seq=1..9"], UsageError, "seq is given twice, as 1..32@8 and 1..9"),
        (["--dim=batch=1", "--dim=seq=3", "--dim=seq=4"], UsageError, "--dim seq is 3 and 4: give one size"),
        (["--shapes=x:1x1..8x5", "--dim=batch=1"], ModelError, "fixes dimension 2 at 4"),
        (["--shapes=x:1..8x4"], ModelError, "has 3 dimensions, but 2 are given"),
        (["--shapes=x:1x1..8x1..4"], ModelError, "the model fixes dimension 2 at 4, but 1..4 is given"),
        (["--shapes=x:1..4x8x4", "--shapes=mask:1..3x8x1"], UsageError, "batch is both 1..4 and 1..3"),
    ],
)
def test_what_makes_no_sense(command, rows, flags, error, said):
    fails(command("plan", rows, *flags), error, said)


def test_only_where_single_sizes_are_of_use(command, rows, tmp_path):
    words = ["compile", rows, *RANGES, "--dim=seq=8", "-o", tmp_path / "net.engine"]
    fails(command(*words), UsageError, "this command does nothing at single sizes")


def test_compile_says_the_ranges(record, rows, tmp_path):
    answer = record("compile", rows, *RANGES, "-o", tmp_path / "net.engine")
    assert answer["dims"][1] == {"name": "seq", "low": 1, "high": 32, "step": 1, "typical": 8}


def test_sizes_are_what_shapes_are(record, rows):
    named = record("plan", rows, "--dim=batch=2", "--dim=seq=8")
    shaped = record("plan", rows, "--shapes=x:2x8x4")
    assert named == shaped
    assert (named["dims"], named["bytes_at"], named["largest_that_fit"]) == ([], [], [])


def test_a_range_in_a_shape_is_that_of_its_dimensions(record, rows):
    assert record("plan", rows, "--shapes=x:1..2x1..32@8x4") == record("plan", rows, *RANGES)


def test_plan_says_the_bytes_at_each_end(record, command, rows):
    answer = record("plan", rows, *RANGES)
    assert [(each["name"], each["low"], each["high"], each["step"], each["typical"]) for each in answer["dims"]] == [
        ("batch", 1, 2, 1, 2),
        ("seq", 1, 32, 1, 8),
    ]
    found = {(each["sizes"]["batch"], each["sizes"]["seq"]): each for each in answer["bytes_at"]}
    assert set(found) == {(1, 1), (2, 8), (2, 32), (1, 32), (2, 1)}
    assert found[2, 32]["arena_bytes"] == answer["arena_bytes"]
    assert found[2, 32]["note"] == "largest"
    engine = mi.compile(rows, dims={"batch": mi.Range(1, 2), "seq": mi.Range(1, 32, typical=8)})
    for (batch, seq), each in found.items():
        assert each["arena_bytes"] == engine.arena_bytes_at(batch=batch, seq=seq)
        assert (each["input_bytes"], each["output_bytes"]) == (batch * seq * 20, batch * seq * 12)
        assert each["total_bytes"] == each["arena_bytes"] + batch * seq * 32 + answer["weight_bytes"]
    text = command("plan", rows, *RANGES).out
    assert "bytes at (batch 1 to 2, seq 1 to 32)\n  batch  seq" in text
    assert "at batch=2, seq=32" in text
    assert "xseqx16]" in text


def test_plan_lists_the_sizes_asked_for(record, command, rows, engine):
    for words in ([rows, *RANGES], [engine]):
        answer = record("plan", *words, "--dim=seq=5", "--dim=seq=7")
        asked = [each["sizes"] for each in answer["bytes_at"] if each["note"] == "asked for"]
        assert asked == [{"batch": 2, "seq": 5}, {"batch": 2, "seq": 7}]
    fails(command("plan", engine, "--dim=sec=5"), UsageError, "no dimension is called 'sec'; did you mean seq?")
    fails(command("plan", engine, "--dim=seq=99"), UsageError, "--dim seq=99: it is 1 to 32")
    fails(command("plan", engine, "--dim=seq=1..9"), UsageError, "the ranges of an engine are settled")
    fails(command("inspect", engine, "--dim=seq=0"), UsageError, "--dim seq=0: it is 1 to 32")


def test_the_largest_that_fits_a_limit(record, command, rows, tmp_path):
    engine = mi.compile(rows, dims={"batch": mi.Range(1, 2), "seq": mi.Range(1, 32, typical=8)})
    limit = engine.arena_bytes_at(seq=20) + 1
    answer = record("plan", rows, *RANGES, f"--memory-limit={limit}")
    assert answer["memory_limit_bytes"] == limit
    assert not answer["bytes_at"][2]["arena_bytes"] <= limit
    batch, seq, both = answer["largest_that_fit"]
    assert (batch["dims"], seq["dims"], both["dims"]) == (["batch"], ["seq"], ["batch", "seq"])
    assert seq["fits"]
    assert (seq["sizes"]["batch"], seq["arena_bytes"] <= limit) == (2, True)
    assert seq["peak"]["bytes"] == sum(each["size"] for each in seq["peak"]["live"]) <= limit
    size = seq["sizes"]["seq"]
    words = ["compile", rows, "--dim=batch=1..2", f"--dim=seq=1..{size}@8", f"--memory-limit={limit}"]
    assert command(*words, "-o", tmp_path / "net.engine").status == 0
    beyond = record("plan", rows, *RANGES, f"--dim=seq={size + 1}", f"--memory-limit={limit}")["bytes_at"]
    assert [each["arena_bytes"] > limit for each in beyond if each["note"] == "asked for"] == [True]
    text = command("plan", rows, *RANGES, f"--memory-limit={limit}").out
    assert f"seq up to {size} beside batch=2: arena" in text
    assert "alive in step" in text


def test_an_engine_is_asked_as_its_model_is(record, command, rows, engine, lenet, tmp_path):
    limit = mi.load(engine).arena_bytes_at(seq=20)
    ours = record("plan", engine, f"--memory-limit={limit}")
    assert ours["largest_that_fit"][1]["sizes"] == {"batch": 2, "seq": 20}
    assert {**ours, "model": "", "memory_limit_bytes": None, "largest_that_fit": []} == {
        **record("plan", rows, *RANGES),
        "model": "",
    }
    static = tmp_path / "lenet.engine"
    assert command("compile", lenet.model, "-o", static, "--compiler=none").status == 0
    fails(command("plan", static, "--memory-limit=1M"), UsageError, "in which --memory-limit is settled")
    fails(command("run", engine, "--dim=seq=3"), UsageError, "in which --dim is settled")


def test_profiles_may_be_ranges(record, command, rows, arrays, tmp_path):
    profiles = ["--profile=short=x:1x1..8x4", "--profile=long=x:1x9..16x4"]
    path = tmp_path / "profiles.engine"
    assert command("compile", rows, *profiles, "-o", path).status == 0
    for seq in (3, 12):
        given = arrays(x=np.ones((1, seq, 4), np.float32), mask=np.ones((1, seq, 1), np.float32))
        (sample,) = json.loads(command("run", path, *given).out)["samples"]
        assert sample["outputs"]["y"]["shape"] == [1, seq, 3]
    assert [each["low"] for each in record("plan", path)["dims"]] == [9]


def test_every_size_fits_or_none(command, rows):
    assert "every size of the ranges" in command("plan", rows, *RANGES, "--memory-limit=1M").out
    fails(command("plan", rows, *RANGES, "--memory-limit=1"), CapacityError, "no size of the ranges fits 1 bytes")


def test_what_does_not_fit_is_not_compiled_and_says_what_would(command, rows, tmp_path):
    words = ["compile", rows, "--memory-limit=2K", "-o", tmp_path / "net.engine"]
    answer = command(*words, "--dim=batch=1..2", "--dim=seq=2..64:2@8")
    fails(answer, CapacityError, "at the largest sizes; what fits is --dim ")
    assert not (tmp_path / "net.engine").exists()
    proposed = answer.errors[0].partition("what fits is ")[2].partition(";")[0].split(" or ")
    for flags in proposed:
        given = flags.replace("--dim ", "--dim=").split()
        names = {flag.split("=")[1] for flag in given}
        others = [flag for flag in ("--dim=batch=1..2", "--dim=seq=2..64:2@8") if flag.split("=")[1] not in names]
        assert command(*words, *given, *others).status == 0, flags
    assert any(":2@8" in flags for flags in proposed)
    answer = command("compile", rows, *RANGES, "--memory-limit=1", "-o", tmp_path / "none.engine")
    fails(answer, CapacityError, "at the largest sizes; what fits is no size at all")


def test_run_takes_inputs_of_different_sizes(command, engine, tmp_path):
    rng = np.random.default_rng(0)
    words, expected = [], []
    for index, (batch, seq) in enumerate([(1, 3), (2, 32), (1, 1)]):
        x, mask = rng.standard_normal((batch, seq, 4)).astype(np.float32), np.ones((batch, seq, 1), np.float32)
        np.save(tmp_path / f"x{index}.npy", x)
        np.save(tmp_path / f"mask{index}.npy", mask)
        words += [f"--input=x={tmp_path / f'x{index}.npy'}", f"--input=mask={tmp_path / f'mask{index}.npy'}"]
        expected.append(mi.load(engine).create_context().run({"x": x, "mask": mask})["y"])
    answer = command("run", engine, *words, "--save-outputs", tmp_path / "y.npz")
    samples = json.loads(answer.out)["samples"]
    assert [sample["outputs"]["y"]["shape"] for sample in samples] == [[1, 3, 3], [2, 32, 3], [1, 1, 3]]
    with np.load(tmp_path / "y.npz") as saved:
        for index, array in enumerate(expected):
            np.testing.assert_array_equal(saved[f"y.{index}"], array)
    answer = command("run", engine, words[0], words[3])
    fails(answer, InputError, "'mask' has batch = 2, an input before it 1")
    np.save(tmp_path / "long.npy", np.ones((1, 33, 4), np.float32))
    answer = command("run", engine, f"--input=x={tmp_path / 'long.npy'}", words[1])
    fails(answer, InputError, "has shape 1x33x4, expected batchxseqx4 with batch 1 to 2, seq 1 to 32, or N")


def test_several_samples_of_one_size_in_a_file(command, engine, arrays):
    given = arrays(x=np.ones((5, 2, 7, 4), np.float32), mask=np.ones((5, 2, 7, 1), np.float32))
    assert len(json.loads(command("run", engine, *given).out)["samples"]) == 5
    given = arrays(x=np.ones((7, 4), np.float32), mask=np.ones((7, 1), np.float32))
    (sample,) = json.loads(command("run", engine, *given).out)["samples"]
    assert sample["outputs"]["y"]["shape"] == [1, 7, 3]


def test_a_trace_of_one_size(command, engine, arrays, tmp_path):
    given = arrays(x=np.ones((1, 7, 4), np.float32), mask=np.ones((1, 7, 1), np.float32))
    assert command("run", engine, *given, "--trace", tmp_path / "t.json", "-o", tmp_path / "o.json").status == 0
    assert json.loads((tmp_path / "t.json").read_text())["traceEvents"]


def test_verify_draws_both_ends_and_what_is_between(record, rows):
    answer = record("verify", rows, "--against=onnxruntime", *RANGES)
    sizes = [(each["sizes"]["batch"], each["sizes"]["seq"]) for each in answer["at"]]
    assert {(1, 1), (2, 8), (2, 32)} < set(sizes)
    assert len(sizes) == answer["samples"] == len(set(sizes)) == 5
    assert answer["passed"]
    errors = [each["references"]["onnxruntime"]["outputs"][0]["max_abs_error"] for each in answer["at"]]
    assert answer["references"]["onnxruntime"]["outputs"][0]["max_abs_error"] == max(errors)
    one = record("verify", rows, "--against=onnx", *RANGES, "--dim=seq=5", "--dim=batch=1", "--samples=2")
    assert [(each["sizes"], each["samples"]) for each in one["at"]] == [({"batch": 1, "seq": 5}, 2)]


def test_verify_says_at_which_size_something_differs(command, record, engine, arrays, tmp_path):
    given = arrays(x=np.ones((1, 7, 4), np.float32), mask=np.ones((1, 7, 1), np.float32))
    np.savez(tmp_path / "expected.npz", y=np.full((1, 7, 3), 9, np.float32))
    words = ["verify", engine, *given, f"--expected={tmp_path / 'expected.npz'}"]
    answer = command(*words)
    assert answer.status == 6
    assert "expected: FAILED at batch=1, seq=7 (" in answer.out
    (found,) = record(*words, status=6)["at"]
    assert found["sizes"] == {"batch": 1, "seq": 7}


def test_bench_times_the_sizes_asked_for(record, command, rows, engine):
    answer = record("bench", engine, "--dim=seq=4", "--dim=seq=16", "--dim=batch=1", "--runs=5")
    assert [each["sizes"] for each in answer["at"]] == [{"batch": 1, "seq": 4}, {"batch": 1, "seq": 16}]
    assert answer["mini_infer"] == answer["at"][0]["mini_infer"]
    answer = record("bench", rows, *RANGES, "--against=onnxruntime", "--runs=5", "--steps")
    (typical,) = answer["at"]
    assert typical["sizes"] == {"batch": 2, "seq": 8}
    assert typical["ratio"].keys() == {"onnxruntime", "onnxruntime_run"}
    assert "rows.engine at batch=2, seq=8: 5 alternating turns" in command("bench", engine, "--runs=5").out


def test_inspect_shows_names_and_one_size(record, command, engine):
    answer = record("inspect", engine, "--dim=seq=16", "--measure")
    assert answer["sizes"] == {"batch": 2, "seq": 16}
    assert [each["type"] for each in answer["inputs"]] == ["float32[batchxseqx4]", "float32[batchxseqx1]"]
    reads = {each["value"]: each["bytes"] for step in answer["steps"] for each in step["reads"]}
    assert reads["x"] in {batch * 16 * 4 * 4 for batch in (1, 2)}  # of one of the batch, where it is run one by one
    text = command("inspect", engine).out
    assert "batch 1 to 2, seq 1 to 32; bytes and times of the steps are those at batch=2, seq=8" in text
    text = command("inspect", engine, "--program").out
    assert "size seq: 1 to 32, typically 8" in text
    assert "n_seq" not in text
    assert "n_seq" in command("inspect", engine, "--c").out


def test_pictures_say_that_they_are_of_the_largest(command, rows, tmp_path):
    words = ["--html", tmp_path / "p.html", "--dot", tmp_path / "p.dot", "--picture", tmp_path / "p.svg"]
    assert command("plan", rows, *RANGES, *words, "--map", "--explain").status == 0
    assert "seq 1 to 32, drawn at 32" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_compare_takes_ranges(record, command, rows, engine):
    assert record("compare", rows, *RANGES, "--against=onnxruntime")["peers"]["onnxruntime"]["in_use_peak"] > 0
    assert "every buffer is the same" in command("compare", engine, rows, *RANGES).out
    same = record("compare", engine, rows, *RANGES, "--outputs", "--dim=seq=3")
    assert [each["sizes"] for each in same["at"]] == [{"batch": 2, "seq": 3}]
    assert record("compare", engine, rows, *RANGES, "--bisect")["difference"] is None


def test_doctor_says_what_an_open_size_costs(record, command, tmp_path):
    graph = helper.make_graph(
        [
            helper.make_node("Relu", ["x"], ["a"], "fine"),
            helper.make_node("LSTM", ["a", "w", "r"], ["", "h"], "recurrent", hidden_size=2),
            helper.make_node("Sigmoid", ["h"], ["y"], "last"),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["seq", "batch", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(np.ones(shape, np.float32), name)
            for name, shape in {"w": (1, 8, 3), "r": (1, 8, 2)}.items()
        ],
    )
    model = save(graph, tmp_path / "lstm.onnx")
    answer = record("doctor", model, status=4)
    assert answer["open_inputs"] == "open dimensions: seq, batch; give them: --dim seq=1..512 --dim batch=1"
    for each in answer["interpreted"]:
        assert (each["node"], each["open"]) == ("recurrent", True)
    given = record("doctor", model, "--dim=batch=1", "--dim=seq=1..16")
    assert given["runs"]
    if given["interpreted"]:  # until it is native at any length
        assert given["instead"] == "--dim batch=1 --dim seq=16"
        assert (
            "one is so because sizes are open, and native with --dim batch=1 --dim seq=16"
            in command("doctor", model, "--dim=batch=1", "--dim=seq=1..16").out
        )
    assert record("doctor", model, "--dim=batch=1", "--dim=seq=16")["instead"] is None


def test_what_is_compiled_for_single_sizes_only(command, record, rows, monkeypatch):
    lowered = compiler._lower

    def undecided(model, options):
        if isinstance(options.dims["seq"], mi.Range):
            raise UndecidedError("whether seq < 7")
        return lowered(model, options)

    monkeypatch.setattr(compiler, "_lower", undecided)
    fails(
        command("plan", rows, *RANGES), UnsupportedError, "for every size of the ranges: asked is whether seq < 7; give"
    )
    (obstacle,) = record("doctor", rows, *RANGES, status=4)["obstacles"]
    assert obstacle.endswith("asked is whether seq < 7; it is compiled with --dim batch=1..2 --dim seq=8")
    (obstacle,) = record("doctor", rows, "--dim=seq=1..9", status=4)["obstacles"]
    assert obstacle.endswith("; it is compiled with --dim seq=9 --dim batch=1")


def test_doctor_proposes_no_more_than_a_table_of_positions_has(record, command, tmp_path):
    graph = helper.make_graph(
        [
            helper.make_node("Shape", ["x"], ["s"], "shape"),
            helper.make_node("Gather", ["s", "one"], ["n"], "length", axis=0),
            helper.make_node("Slice", ["table", "zero", "n", "zero"], ["positions"], "positions"),
            helper.make_node("Add", ["x", "positions"], ["y"], "add"),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "seq", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(np.ones((77, 4), np.float32), "table"),
            numpy_helper.from_array(np.array([0]), "zero"),
            numpy_helper.from_array(np.array([1]), "one"),
        ],
    )
    model = save(graph, tmp_path / "table.onnx")
    line = "open dimensions: batch, seq; give them: --dim batch=1 --dim seq=1..77"
    assert record("doctor", model, status=4)["open_inputs"] == line
    assert command("doctor", model, *line.partition("them: ")[2].split()).status == 0


def test_names_that_a_shell_would_take_apart_are_quoted(command, tmp_path):
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["2 * n", 3]) for name in ("x", "y")]
    model = save(
        helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", value[:1], value[1:]), tmp_path / "q.onnx"
    )
    fails(command("plan", model), ModelError, "give them: --dim '2 * n=1'")
    assert command("plan", model, "--dim", "2 * n=1..4").status == 0
