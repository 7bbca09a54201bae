import pytest

from mini_infer.errors import UsageError
from mini_infer.quantization import Settings


@pytest.mark.parametrize("name", ["format", "activations", "ranges"])
def test_what_there_is_not_is_refused_with_what_there_is(name):
    with pytest.raises(UsageError, match=rf"^{name}='uint9': choose one of "):
        Settings(**{name: "uint9"})


def test_a_word_that_is_nearly_right():
    with pytest.raises(UsageError, match="did you mean percentile"):
        Settings(ranges="percentil")


@pytest.mark.parametrize("choice", [{"format": "qoperator"}, {"activations": "int8"}, {"ranges": "entropy"}])
def test_a_dynamic_model_has_no_choice_that_needs_samples(choice):
    with pytest.raises(UsageError, match="is for samples"):
        Settings(dynamic=True, **choice)
    assert Settings(dynamic=True, per_channel=False).dynamic
