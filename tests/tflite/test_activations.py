"""What is placed of a model, and when it lives: the rules of TFLite Micro's allocator, one by one."""

import pytest

pytest.importorskip("tflite_micro")

from tflite_models import diamonds, model

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.tflite.activations import ELEMENT_BYTES, activations
from mini_infer.tflite.library import schema


def lives(made):
    found = activations(made)
    return {tensor: (b.start, b.end) for tensor, b in zip(found.tensors, found.problem.buffers, strict=True)}


def test_lifetimes_are_those_of_the_interpreter():
    assert lives(diamonds()) == {0: (0, 4), 1: (1, 6), 3: (2, 5), 4: (3, 5), 5: (4, 6), 6: (5, 6)}


def test_outputs_live_to_the_end_and_inputs_from_the_beginning():
    made = model([4, 4, 4, 4], [((0,), 1), ((0,), 2), ((2,), 3)], [0], [1, 3])
    assert lives(made) == {0: (0, 3), 1: (1, 4), 2: (2, 4), 3: (3, 4)}


def test_an_output_that_nobody_makes_lives_from_the_beginning_to_the_end():
    assert lives(model([4, 4, 4], [((0,), 1)], [0], [1, 2]))[2] == (0, 2)


def test_what_nobody_makes_or_reads_lives_before_all():
    assert lives(model([4, 4, 4], [((0,), 1)], [0], [1]))[2] == (-1, 0)


def test_constants_variables_and_what_is_empty_are_not_placed():
    made = model([4, 4, 4, 0], [((0, 1), 2)], [0], [2], weights=[1], variables=[0])
    found = activations(made)
    assert (found.tensors, found.count, found.operators) == ((2,), 4, 1)


def test_sizes_are_rounded_up_to_the_alignment():
    found = activations(diamonds())
    assert {(buffer.size, buffer.alignment) for buffer in found.problem.buffers} == {(32, 16)}


@pytest.mark.parametrize("kind", sorted(ELEMENT_BYTES))
def test_every_type_with_bytes(kind):
    made = model([64, 64], [((0,), 1)], [0], [1])
    made.subgraphs[0].tensors[0].type = getattr(schema().TensorType, kind)
    assert activations(made).problem.buffers[0].size == 64 * ELEMENT_BYTES[kind]


def test_strings_have_no_bytes():
    made = model([4, 4], [((0,), 1)], [0], [1])
    made.subgraphs[0].tensors[1].type = schema().TensorType.STRING
    with pytest.raises(
        UnsupportedError, match=r"^model: tensor 't1' is STRING, whose bytes TFLite Micro does not know$"
    ):
        activations(made)


def test_several_subgraphs_are_refused():
    made = model([4, 4], [((0,), 1)], [0], [1], subgraphs=2)
    with pytest.raises(UnsupportedError, match="has 2 subgraphs; TFLite Micro reads one list of offsets for each"):
        activations(made)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda graph: setattr(graph, "inputs", [7]), r"names tensor 7; it has 2, numbered from 0$"),
        (lambda graph: setattr(graph.operators[0], "outputs", [-2]), r"names tensor -2; it has 2"),
        (
            lambda graph: setattr(graph.tensors[1], "shape", [1, -1]),
            r"'t1' has shape \[1, -1\]; its sizes must be known$",
        ),
        (lambda graph: setattr(graph.tensors[0], "buffer", 9), r"'t0' is in buffer 9; there are 1$"),
    ],
)
def test_what_is_not_there_is_refused(spoil, message):
    made = model([4, 4], [((0,), 1)], [0], [1])
    spoil(made.subgraphs[0])
    with pytest.raises(ModelError, match=message):
        activations(made)


def test_an_operand_that_is_left_out_is_none():
    made = model([4, 4], [((0,), 1)], [0], [1])
    made.subgraphs[0].operators[0].inputs = [0, -1]
    assert lives(made) == {0: (0, 2), 1: (1, 2)}
