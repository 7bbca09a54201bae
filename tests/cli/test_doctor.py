from cli_checks import save
from onnx import TensorProto, helper


def test_nothing_is_in_the_flagships_way(record, command, lenet):
    answer = record("doctor", lenet.model)
    assert answer["runs"]
    assert answer["arena_bytes"] <= 4608
    assert answer["native_steps"] + len(answer["interpreted"]) == record("inspect", lenet.model)["native_steps"] + len(
        answer["interpreted"]
    )
    assert "lenet5.onnx: nothing in the way" in command("doctor", lenet.model).out


def test_everything_unknown_at_once(record, command, tmp_path):
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in ("x", "y")]
    graph = helper.make_graph(
        [
            helper.make_node("Frobnicate", ["x"], ["a"], "first", domain="com.example"),
            helper.make_node("Relu", ["a"], ["b"], "fine"),
            helper.make_node("Twiddle", ["b"], ["y"], "second"),
        ],
        "g",
        value[:1],
        value[1:],
    )
    model = save(graph, tmp_path / "unknown.onnx")
    answer = record("doctor", model, status=4)
    assert [(found["node"], found["operator"], found["domain"]) for found in answer["unknown_operators"]] == [
        ("first", "Frobnicate", "com.example"),
        ("second", "Twiddle", "ai.onnx"),
    ]
    assert answer["open_inputs"] == "open dimensions: N; give them: --dim N=1"
    text = command("doctor", model).out
    assert "unknown.onnx: 3 in the way" in text
    assert "Frobnicate of com.example" in text


def test_open_inputs_and_the_flags_that_help(record, command, tiny):
    answer = record("doctor", tiny, status=4)
    assert answer["open_inputs"] == "open dimensions: N; give them: --dim N=1"
    assert answer["native_steps"] is not None
    for flags in (["--shapes=a:2x3", "--shapes=b:2x3"], ["--dim=N=1"], ["--dim=N=1..8"], ["--shapes=a:1..8x3"]):
        assert record("doctor", tiny, *flags)["runs"], flags
    assert "native, 0 interpreted, as the line above says" in command("doctor", tiny).out
    assert ", N 1 to 8\n" in command("doctor", tiny, "--dim=N=1..8").out


def test_memory_that_does_not_suffice(record, lenet):
    answer = record("doctor", lenet.model, "--memory-limit=4K", status=5)
    assert not answer["runs"]
    assert "4,096 bytes" in answer["obstacles"][0]
    assert answer["arena_bytes"] is None
    assert record("doctor", lenet.model, "--memory-limit=1M")["memory_limit_bytes"] == 2**20


def test_interpreted_nodes_are_named_with_the_reason(record, tmp_path):
    kinds = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3, 3]) for name in ("x", "y")]
    graph = helper.make_graph(
        [helper.make_node("Det", ["x"], ["d"], "determinant"), helper.make_node("Add", ["x", "d"], ["y"])],
        "g",
        kinds[:1],
        kinds[1:],
    )
    answer = record("doctor", save(graph, tmp_path / "det.onnx"))
    assert answer["runs"]
    (found,) = answer["interpreted"]
    assert (found["node"], found["operator"]) == ("determinant", "Det")
    assert found["because"]


def test_without_a_compiler(command, lenet):
    said = command("doctor", lenet.model, "--compiler=none").out
    assert "6 steps: all interpreted, with a C compiler 6 native\n" in said
    assert "C compiler: none\n" in said
    assert "total       201,768   202 kB" in said


def test_a_file_that_is_no_model(command, tmp_path):
    (tmp_path / "text.onnx").write_text("hello")
    answer = command("doctor", tmp_path / "text.onnx")
    assert (answer.status, len(answer.errors)) == (3, 1)


def test_every_node_that_cannot_be_expressed(record, tmp_path):
    kinds = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3, 3]) for name in ("x", "y")]
    fused = [
        helper.make_node("FusedGemm", [source, source], [result], result, domain="com.microsoft", activation=kind)
        for source, result, kind in (("x", "a", "Mystery"), ("x", "b", "Riddle"), ("b", "y", "Enigma"))
    ]
    answer = record("doctor", save(helper.make_graph(fused, "g", kinds[:1], kinds[1:]), tmp_path / "m.onnx"), status=4)
    assert [obstacle.split("'")[1] for obstacle in answer["obstacles"]] == ["a", "b"]


def test_remarks_on_inputs_and_outputs(record, command, tmp_path):
    elements = {"s": TensorProto.STRING, "h": TensorProto.FLOAT16, "b": TensorProto.BFLOAT16, "x": TensorProto.FLOAT}
    inputs = [helper.make_tensor_value_info(name, element, [4]) for name, element in elements.items()]
    nodes = [
        helper.make_node("Identity", ["s"], ["t"]),
        helper.make_node("Neg", ["h"], ["u"]),
        helper.make_node("Neg", ["b"], ["v"]),
        helper.make_node("NonZero", ["x"], ["i"]),
        helper.make_node("Unique", ["x"], ["w"]),
    ]
    outputs = [
        helper.make_tensor_value_info(name, kind, None) for name, kind in zip("tuviw", (8, 10, 16, 7, 1), strict=True)
    ]
    model = save(helper.make_graph(nodes, "g", inputs, outputs), tmp_path / "m.onnx")
    remarks = record("doctor", model)["remarks"]
    for start in (
        "input 's' holds strings",
        "input 'h' is float16",
        "input 'b' is bfloat16",
        "output 'i' is at most int64[1x4]",
    ):
        assert any(remark.startswith(start) for remark in remarks)
    assert any("output 'w' is float32[?]" in remark for remark in remarks)
    assert "note: input 's' holds strings" in command("doctor", model).out


def test_a_branch_that_cannot_run_and_the_value_that_helps(record, command, tmp_path):
    def branch(op, name, *inputs):
        output = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        return helper.make_graph([helper.make_node(op, inputs, [name])], name, [], [output])

    weight = helper.make_tensor("w", TensorProto.FLOAT, [7, 3], [1] * 21)
    branches = {"then_branch": branch("Relu", "t", "x"), "else_branch": branch("MatMul", "e", "x", "w")}
    graph = helper.make_graph(
        [helper.make_node("If", ["c"], ["y"], "choice", **branches)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 5]), helper.make_tensor_value_info("c", 9, [])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [weight],
    )
    model = save(graph, tmp_path / "branch.onnx")
    (obstacle,) = record("doctor", model, status=4)["obstacles"]
    assert obstacle.startswith("If 'choice' cannot take its else_branch: ")
    assert obstacle.endswith("; give --fix c=true, or other --shapes")
    assert "nothing in the way" in command("doctor", model, "--fix=c=true").out
