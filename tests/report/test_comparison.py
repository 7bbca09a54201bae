import json

import numpy as np

from mini_infer.report.comparison import comparison_record
from mini_infer.verify import compare


def test_record_is_json_with_every_figure():
    comparison = compare(
        {"y": np.array([[1.0, 2.0]]), "z": np.array([np.inf])}, {"y": np.array([[1.0, 2.5]]), "z": np.array([1.0])}
    )
    record = json.loads(json.dumps(comparison_record(comparison), allow_nan=False))
    assert record["passed"] is False
    assert record["max_abs_error"] is None
    assert record["argmax_agreement"] == 1.0
    assert record["outputs"][0] == {
        "name": "y",
        "max_abs_error": 0.5,
        "mean_abs_error": 0.25,
        "p99_abs_error": 0.5,
        "max_rel_error": 0.2,
        "mean_rel_error": 0.1,
        "p99_rel_error": 0.2,
        "where": [0, 1],
        "output": 2.0,
        "reference": 2.5,
        "argmax_agreement": 1.0,
        "passed": False,
    }
