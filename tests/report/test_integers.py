"""What is said of quantized models: which products are sums of integers, and which stay real."""

from quantized_models import Quantized

import mini_infer as mi
from mini_infer.report.integers import integers_lines


def said(made, **options):
    model = made.model().SerializeToString()
    return integers_lines(mi.compile(model, compiler="none", time_limit=0, **options).program)


def products():
    made = Quantized()
    x = made.pair(made.input(1, 3, 8, 8))
    first = made.pair(made.op("Tanh", made.pair(made.op("Conv", x, made.weights(6, 3, 3, 3)[0]))), 0.01)
    made.output(made.pair(made.op("ConvTranspose", first, made.weights(6, 2, 2, 2)[0])))
    return made


def test_products_tables_and_what_stays_real():
    (line,) = said(products())
    assert line.startswith("quantized: 1 product of integers, 1 table; real: ConvTranspose ConvTranspose_v")


def test_the_real_meaning_has_no_products_of_integers():
    (line,) = said(products(), quantized="float")
    assert line.startswith("quantized: 0 products of integers; real: Conv Conv_v")
    assert "ConvTranspose_v" in line


def test_real_models_are_not_spoken_of():
    made = Quantized()
    made.output(made.op("Neg", made.input(2, 3)))
    assert said(made) == []
