"""`mini-infer python`."""


def test_programs_that_are_not_there(command, tmp_path):
    assert command("python").errors == ["mini-infer: error: name a program: mini-infer python app.py, or -m MODULE"]
    answer = command("python", tmp_path / "nowhere.py")
    assert (answer.status, answer.errors) == (
        3,
        [f"mini-infer: error: {tmp_path}/nowhere.py: there is no such program"],
    )


def test_what_a_program_exits_with(command, tmp_path, monkeypatch):
    (tmp_path / "app.py").write_text("import sys; print(sys.argv); sys.exit(sys.argv[1:] and sys.argv[1])")
    answer = command("python", tmp_path / "app.py")
    assert (answer.status, answer.out) == (0, f"['{tmp_path}/app.py']\n")
    answer = command("python", tmp_path / "app.py", "--json")
    assert (answer.status, answer.errors) == (1, ["--json"])
    (tmp_path / "wrong.py").write_text("1 / 0")
    answer = command("python", tmp_path / "wrong.py")
    assert (answer.status, answer.errors[-1]) == (1, "ZeroDivisionError: division by zero")
    monkeypatch.chdir(tmp_path)
    answer = command("python", "-m", "app", "word")
    assert (answer.status, answer.errors) == (1, ["word"])
