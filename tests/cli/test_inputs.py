import argparse

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.cli import inputs
from mini_infer.cli.inputs import Normalization, read_labels, read_samples
from mini_infer.errors import InputError, UsageError
from mini_infer.ir import DType, TensorType

DIGIT = {"x": TensorType(DType.FLOAT32, (1, 1, 2, 3))}
TWO = {"ids": TensorType(DType.INT64, (1, 4)), "scale": TensorType(DType.FLOAT32, (1,))}
PIXELS = np.arange(6, dtype=np.uint8).reshape(2, 3)


def save(path, array):
    np.save(path, array)
    return str(path)


@pytest.mark.parametrize("shape", [(1, 1, 2, 3), (1, 2, 3), (2, 3)])
def test_one_sample_in_the_models_shape_units_aside(tmp_path, shape):
    path = save(tmp_path / "x.npy", PIXELS.astype(np.float32).reshape(shape))
    for argument in (path, f"x={path}"):
        (sample,) = read_samples([argument], DIGIT)
        assert sample["x"].shape == (1, 1, 2, 3)
        assert sample["x"].dtype == np.float32
        np.testing.assert_array_equal(sample["x"][0, 0], PIXELS)


@pytest.mark.parametrize("shape", [(5, 1, 1, 2, 3), (5, 1, 2, 3), (5, 2, 3)])
def test_an_axis_in_front_holds_samples(tmp_path, shape):
    array = np.arange(30, dtype=np.float32).reshape(shape)
    samples = read_samples([save(tmp_path / "x.npy", array)], DIGIT)
    assert len(samples) == 5
    for sample, expected in zip(samples, array, strict=True):
        assert sample["x"].shape == (1, 1, 2, 3)
        np.testing.assert_array_equal(sample["x"].ravel(), expected.ravel())


@given(
    st.lists(st.integers(1, 3), max_size=4).map(tuple),
    st.integers(1, 4),
)
def test_stacked_samples_come_back_in_order(shape, count):
    array = np.arange(count * int(np.prod(shape)), dtype=np.float32).reshape(count, *shape)
    split = inputs._split_samples(array, TensorType(DType.FLOAT32, shape), "x")
    assert split.shape[1:] == shape
    np.testing.assert_array_equal(split.ravel(), array.ravel())


def test_pixels_become_floats(tmp_path):
    (tmp_path / "x.pgm").write_bytes(b"P5 3 2 255\n" + PIXELS.tobytes())
    (sample,) = read_samples([str(tmp_path / "x.pgm")], DIGIT)
    assert sample["x"].dtype == np.float32
    np.testing.assert_array_equal(sample["x"][0, 0], PIXELS)


def test_scaling_by_a_fraction_is_division(tmp_path):
    grey = np.arange(256, dtype=np.uint8)
    (sample,) = read_samples(
        [save(tmp_path / "x.npy", grey)], {"x": TensorType(DType.FLOAT32, (256,))}, Normalization(scale=1 / 255)
    )
    np.testing.assert_array_equal(sample["x"], grey.astype(np.float32) / np.float32(255))


def test_normalization_by_channel(tmp_path):
    image = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    normalization = Normalization(2.0, (1.0, 2.0, 3.0), (1.0, 2.0, 4.0))
    (sample,) = read_samples(
        [save(tmp_path / "x.npy", image)], {"x": TensorType(DType.FLOAT32, (1, 3, 2, 2))}, normalization
    )
    expected = (image * 2.0 - np.array([1, 2, 3])[:, None, None]) / np.array([1, 2, 4])[:, None, None]
    np.testing.assert_array_equal(sample["x"][0], expected.astype(np.float32))


def test_normalization_that_does_not_fit(tmp_path):
    path = save(tmp_path / "x.npy", PIXELS)
    with pytest.raises(UsageError, match="2 numbers, input 'x' is 1x1x2x3"):
        read_samples([path], DIGIT, Normalization(mean=(1.0, 2.0)))
    with pytest.raises(UsageError, match="need a floating-point input"):
        read_samples([path], {"x": TensorType(DType.UINT8, (2, 3))}, Normalization(scale=2.0))
    with pytest.raises(UsageError, match="--std cannot be 0"):
        Normalization(std=(1.0, 0.0))


def test_several_inputs_one_by_one_or_from_one_archive(tmp_path):
    ids = np.arange(8).reshape(2, 4)
    scale = np.array([[0.5], [2.0]], np.float32)
    np.savez(tmp_path / "both.npz", scale=scale, ids=ids)
    ids_path, scale_path = save(tmp_path / "i.npy", ids), save(tmp_path / "s.npy", scale)
    for arguments in (
        [str(tmp_path / "both.npz")],
        [f"scale={scale_path}", f"ids={ids_path}"],
        [f"scale={tmp_path / 'both.npz'}:scale", f"ids={ids_path}"],
    ):
        samples = read_samples(arguments, TWO)
        assert [sample["ids"].tolist() for sample in samples] == [[[0, 1, 2, 3]], [[4, 5, 6, 7]]]
        assert [sample["scale"].tolist() for sample in samples] == [[0.5], [2.0]]


def test_normalization_leaves_integer_inputs_alone(tmp_path):
    np.savez(tmp_path / "both.npz", scale=np.array([3.0], np.float32), ids=np.arange(4))
    (sample,) = read_samples([str(tmp_path / "both.npz")], TWO, Normalization(scale=2.0))
    assert (sample["ids"].tolist(), sample["scale"].tolist()) == ([[0, 1, 2, 3]], [6.0])


def test_big_endian_files_become_native(tmp_path):
    (sample,) = read_samples([save(tmp_path / "x.npy", PIXELS.astype(">f4"))], DIGIT)
    assert sample["x"].dtype.isnative
    np.testing.assert_array_equal(sample["x"][0, 0], PIXELS)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 2), np.float32), r"input 'x': .*x\.npy has shape 3x2, expected 1x1x2x3, or Nx1x1x2x3"),
        (np.zeros((0, 2, 3), np.float32), "has shape 0x2x3"),
        (np.float32(1), "has shape scalar"),
        (np.zeros((2, 3)), "holds float64, expected float32; normalize it with --scale, or save it as float32"),
        (PIXELS, "holds uint8, expected float32"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path, array, message):
    with pytest.raises(InputError, match=message):
        read_samples([save(tmp_path / "x.npy", array)], DIGIT)


def test_integers_of_another_width_are_refused(tmp_path):
    path = save(tmp_path / "x.npy", PIXELS)
    with pytest.raises(InputError, match="holds uint8, expected int64; convert it, or save it as int64"):
        read_samples([path], {"x": TensorType(DType.INT64, (2, 3))})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], r"no --input for 'ids', 'scale'; the model's inputs are ids \(int64 1x4\), scale \(float32 1\)"),
        (["idz=a.npy"], "no input is called 'idz'; the model's inputs are ids"),
        (["{ids}"], "say which input it is, NAME="),
        (["ids={ids}"], "no --input for 'scale'"),
        (["ids={ids}", "ids={ids}"], "input 'ids' is given twice"),
        (["ids={ids}", "scale={scale}"], "different numbers of samples: {'ids': 2, 'scale': 3}"),
    ],
)
def test_wrong_names_and_counts(tmp_path, arguments, message):
    paths = {
        "ids": save(tmp_path / "i.npy", np.zeros((2, 4), np.int64)),
        "scale": save(tmp_path / "s.npy", np.zeros((3, 1), np.float32)),
    }
    with pytest.raises(InputError, match=message):
        read_samples([argument.format(**paths) for argument in arguments], TWO)


def test_labels(tmp_path):
    np.savez(tmp_path / "digits.npz", images=np.zeros((2, 2, 3)), labels=np.array([7, 1], np.uint8), half=[0.5, 1])
    path = tmp_path / "digits.npz"
    assert read_labels(str(path), 2) == [7, 1]
    assert read_labels(f"{path}:labels", 2) == [7, 1]
    assert read_labels(save(tmp_path / "l.npy", np.array([3])), 1) == [3]
    with pytest.raises(InputError, match="expected 3 integer labels, got uint8 of shape 2"):
        read_labels(str(path), 3)
    with pytest.raises(InputError, match="got float64"):
        read_labels(f"{path}:half", 2)


def parse(*options):
    parser = argparse.ArgumentParser()
    inputs.add_arguments(parser)
    return parser.parse_args(options)


def test_options(tmp_path):
    (tmp_path / "x.bin").write_bytes(PIXELS.tobytes())
    args = parse(f"--input=x={tmp_path / 'x.bin'}", "--dtype=uint8", "--scale=1/2", "--mean=0.5", "--std=2")
    (sample,) = inputs.from_arguments(args, DIGIT)
    np.testing.assert_array_equal(sample["x"][0, 0], (PIXELS / 2 - 0.5) / 2)
    assert parse("--mean=0.1,0.2").mean == (0.1, 0.2)


@pytest.mark.parametrize("option", ["--scale=1/0", "--scale=nan", "--scale=a", "--mean=1,,2", "--std=inf"])
def test_numbers_that_make_no_sense_are_usage_errors(option, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(option)
    assert caught.value.code == 2
    assert option.split("=")[0] in capsys.readouterr().err
