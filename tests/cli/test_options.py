import argparse
import dataclasses

import numpy as np
import pytest

from mini_infer import memory, schedule
from mini_infer.cli import options
from mini_infer.compiler import Options
from mini_infer.errors import UsageError
from mini_infer.ir.ranges import Range
from mini_infer.toolchain import Target


def parse(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    options.add_arguments(parser)
    return options.from_arguments(parser.parse_args(words))


def test_every_option_has_a_flag_and_a_text():
    names = {field.name for field in dataclasses.fields(Options)}
    assert set(options.FLAGS) == names
    assert {name for name, text in options.field_texts(Options).items() if text} == names


def test_without_flags_the_defaults():
    assert parse() == Options()


def test_each_flag_sets_its_field():
    chosen = parse(
        "--shapes=x:1x3x8x8",
        "--shapes=ns:y:2",
        "--dim=batch=4",
        "--dim=seq=1..512@128",
        "--no-optimize",
        "--quantized=float",
        "--weights=bfloat16",
        "--optimize=memory",
        "--no-memory-planning",
        "--strategy=coloring",
        "--time-limit=0",
        "--memory-limit=512K",
        "--alignment=16",
        "--order=exported",
        "--compiler=none",
        "--target=x86_64-linux+v3",
    )
    assert chosen == Options(
        shapes={"x": (1, 3, 8, 8), "ns:y": (2,)},
        dims={"batch": 4, "seq": Range(1, 512, typical=128)},
        rewrite=False,
        quantized="float",
        weights="bfloat16",
        optimize="memory",
        memory_planning=False,
        strategy="coloring",
        time_limit=0.0,
        memory_limit=512 * 1024,
        alignment=16,
        order="exported",
        compiler="none",
        target=Target.parse("x86_64-linux+v3"),
    )


def test_profiles():
    chosen = parse("--profile=small=x:1x3,y:1", "--profile=large=x:8x3,y:8")
    assert chosen.profiles == {"small": {"x": (1, 3), "y": (1,)}, "large": {"x": (8, 3), "y": (8,)}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", np.array(3)),
        ("[1, 0.5]", np.array([1, 0.5])),
        ("true", np.array(1, bool)),
        ("[[1],[2]]", np.array([[1], [2]])),
    ],
)
def test_fixed_values(text, expected):
    value = parse(f"--fix=steps={text}").fix["steps"]
    assert value.dtype == expected.dtype
    np.testing.assert_array_equal(value, expected)


def test_a_fixed_value_from_a_file(tmp_path):
    np.save(tmp_path / "v.npy", np.arange(4, dtype=np.int32))
    value = parse(f"--fix=mask={tmp_path / 'v.npy'}").fix["mask"]
    assert (value.dtype, value.tolist()) == (np.int32, [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("--fix=steps", "write NAME=VALUE"),
        ("--fix==3", "write NAME=VALUE"),
        ("--fix=steps=many", "'many' is no number"),
        ("--fix=steps=nowhere.npy", "nowhere.npy: cannot be read: No such file"),
        ("--profile=x", "write PROFILE="),
        ("--shapes=x", "write NAME:DIM"),
        ("--shapes=x:8..1", "x=8..1: give a range from low to high"),
        ("--dim=8", "write NAME=8"),
        ("--dim=h=32..100:32", "100 is no multiple of 32"),
        ("--dim=h=1..8@9", "the typical size is 9, outside"),
        ("--dim=h=1..8@x", "write NAME=8"),
        ("--memory-limit=much", "'much' is no number of bytes"),
        ("--time-limit=soon", "'soon' is no time"),
        ("--alignment=48", "power of two"),
        ("--target=vax", "write 'native', ARCH-SYSTEM"),
        ("--target=cortex-m4", "none can be built for cortex-m4: choose one of x86-64-v2"),
    ],
)
def test_what_makes_no_sense(word, said):
    with pytest.raises(UsageError, match=said):
        parse(word)


@pytest.mark.parametrize("word", ["--strategy=lucky", "--order=random", "--optimize=luck"])
def test_choices_are_the_registries(word):
    with pytest.raises(argparse.ArgumentError):
        parse(word)
    assert tuple(options.FLAGS["strategy"][1]["choices"]) == tuple(memory.STRATEGIES)
    assert tuple(options.FLAGS["order"][1]["choices"]) == tuple(schedule.STRATEGIES)


def test_help_says_what_to_choose_from_and_what_is_the_default(command):
    text = " ".join(command("plan", "--help-all").out.split())
    assert "one of auto, naive, coloring" in text
    assert "(default: 64)" in text
    assert "--shapes NAME:DIMxDIM..." in text
    assert "--compiler" not in text
    assert "--no-rewrite do not rewrite the graph: fusion, layouts, results in place --optimize" in text


def test_rare_options_are_behind_a_flag(command):
    usual, every = (command("plan", flag).out for flag in ("--help", "--help-all"))
    for flag, _ in options.FLAGS.values():
        common = flag in {"--shapes", "--dim", "--optimize", "--memory-limit", "--threads", "--target"}
        assert (f"\n  {flag}" in usual) is common or flag == "--compiler", flag
        assert f"\n  {flag}" in every or flag == "--compiler", flag
    assert "--no-optimize" not in every


def test_given_names_only_what_was_said():
    parser = argparse.ArgumentParser()
    options.add_arguments(parser)
    args = parser.parse_args(["--alignment=64", "--no-optimize"])
    assert options.given(args) == ("rewrite", "alignment")


@pytest.mark.parametrize(
    "wrong",
    [
        {"memory_limit": "much"},
        {"rewrite": "memory"},
        {"memory_planning": 1},
        {"strategy": "lucky"},
        {"shapes": 3},
        {"shapes": {"x": "1xN"}},
        {"profiles": {"one": 3}},
        {"dims": {"n": "5..1"}},
        {"memory_limit": 1.5},
        {"memory_limit": -1},
        {"alignment": 64.0},
        {"threads": 1.5},
        {"threads": True},
        {"time_limit": "1"},
        {"time_limit": float("nan")},
        {"time_limit": -1},
    ],
)
def test_options_of_other_types(wrong):
    with pytest.raises(UsageError):
        Options(**wrong)


def test_text_is_read_as_on_the_command_line():
    words = Options(shapes={"x": "1x3x8..16", "y": (2,)}, dims={"seq": "1..512@128"}, memory_limit="8M", alignment="1K")
    values = Options(
        shapes={"x": (1, 3, Range(8, 16)), "y": (2,)},
        dims={"seq": Range(1, 512, typical=128)},
        memory_limit=8 << 20,
        alignment=1024,
    )
    assert words == values
    assert Options(shapes="1x3") == Options(shapes=(1, 3)) == Options(shapes={"": (1, 3)})
    assert Options(profiles={"one": "x:1x3"}).profiles == {"one": {"x": (1, 3)}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("--shapes=x:1x3", "--shapes=x=1x3"),
        ("--dim=seq=2..8:2", "--dim=seq:2..8:2"),
        ("--fix=steps=3", "--fix=steps:3"),
        ("--state=past=present", "--state=past:present"),
        ("--profile=large=x:8x3", "--profile=large:x:8x3"),
    ],
)
def test_both_signs_give_a_name_its_value(one, other):
    assert parse(one) == parse(other)


def test_a_flag_of_an_earlier_name_is_taken():
    assert parse("--no-optimize") == parse("--no-rewrite") == Options(rewrite=False)
