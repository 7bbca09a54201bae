import os
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from batch_models import expected, feed_of, model, save_engine

import mini_infer as mi
from mini_infer.errors import InputError, UnsupportedError
from mini_infer.ir import DType, TensorType
from mini_infer.spark import _cast, predict_batch_udf


def test_numbers_are_those_of_the_engine():
    def cast(column, dtype):
        return _cast("x", column, TensorType(DType(dtype), ()))

    made = cast(np.array([0, 255], np.int16), "uint8")
    assert (made.dtype, made.tolist()) == (np.uint8, [0, 255])
    assert cast(np.array([0.1]), "float32").dtype == np.float32
    for column in ([256], [-1], [0.5]):
        with pytest.raises(InputError, match="numbers that are no uint8"):
            cast(np.array(column), "uint8")
    with pytest.raises(InputError, match="numbers that are no float32"):
        cast(np.array([2**24 + 1]), "float32")
    with pytest.raises(InputError, match="other things than numbers"):
        cast(np.array([None]), "int32")


def test_rows_of_no_one_size_are_refused(tmp_path):
    pytest.importorskip("pyspark")
    path = save_engine(tmp_path / "net.engine", mi.Range(1, 4), columns="columns")
    with pytest.raises(UnsupportedError, match=r"a row of 't'.*has no one size"):
        predict_batch_udf(path)
    several = tmp_path / "several.engine"
    mi.compile(model(3), profiles={str(n): {"x": (n, 6), "t": (n, 3)} for n in (1, 2)}, compiler="none").save(several)
    with pytest.raises(UnsupportedError, match="2 profiles"):
        predict_batch_udf(str(several))


PROGRAM = """
    import os, sys
    import numpy as np
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import pandas_udf
    from mini_infer.spark import predict_batch_udf

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = spark.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    feed = dict(np.load("feed.npz"))
    rows = [(i, feed["x"][i].tolist(), feed["t"][i].tolist()) for i in range(len(feed["x"]))]
    frame = spark.createDataFrame(rows, "id long, x array<double>, t array<float>").repartition(2)
    predict = predict_batch_udf("net.engine", batch_size=7)
    found = frame.select("id", predict("x", "t").alias("made")).orderBy("id").collect()
    made = {name: [row.made[name] for row in found] for name in ("y", "s")}
    np.savez("made.npz", id=[row.id for row in found], **made)
    spark.stop()
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="needs Java")
def test_two_workers_give_the_answers_of_one_process(tmp_path):
    for name in ("pyspark", "pandas", "pyarrow"):
        pytest.importorskip(name)
    save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    feed = feed_of(40)
    np.savez(tmp_path / "feed.npz", **feed)
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    made = np.load(tmp_path / "made.npz")
    np.testing.assert_array_equal(made["id"], np.arange(40))
    for name, array in expected(feed).items():
        np.testing.assert_array_equal(made[name].astype(np.float32), array)
