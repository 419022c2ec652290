"""Small Parquet files of every column type and codec: datasets/src/test/resources/parquet/*.

pyarrow 26.0.1; run from the repository's root: python tools/golden/parquet_types.py
"""

import datetime
import decimal
import pathlib
import uuid

import numpy
import pyarrow
import pyarrow.parquet

OUT = pathlib.Path("datasets/src/test/resources/parquet")
OUT.mkdir(parents=True, exist_ok=True)
MOMENT = datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)
TEXTS = ["Why", "Wer bist Du?", "Ünïcode ☃"]
ROWS = {
    "prompt": pyarrow.array(TEXTS),
    "completion": pyarrow.array([" So.", " Ich.", " Ja."]),
    "date": pyarrow.array([datetime.date(2024, 1, 2), datetime.date(1969, 12, 31), None]),
    "time_ms": pyarrow.array([datetime.time(1, 2, 3), datetime.time(0), None], pyarrow.time32("ms")),
    "time_us": pyarrow.array([datetime.time(1, 2, 3, 4), datetime.time(23, 59), None], pyarrow.time64("us")),
    "time_ns": pyarrow.array([1, 2, None], pyarrow.time64("ns")),
    "at_ms": pyarrow.array([MOMENT, None, None], pyarrow.timestamp("ms")),
    "at_us": pyarrow.array([MOMENT, None, None], pyarrow.timestamp("us")),
    "at_ns": pyarrow.array([MOMENT, None, None], pyarrow.timestamp("ns")),
    "at_utc": pyarrow.array([MOMENT, None, None], pyarrow.timestamp("us", tz="UTC")),
    "half": pyarrow.array(numpy.array([1.5, -0.25, 6e-8], dtype=numpy.float16)),
    "fixed": pyarrow.array([b"abcd", b"efgh", None], pyarrow.binary(4)),
    "binary": pyarrow.array([b"bytes", "ö".encode(), None], pyarrow.binary()),
    "large": pyarrow.array(["l", "m", None], pyarrow.large_string()),
    "decimal": pyarrow.array([decimal.Decimal("1.25"), decimal.Decimal("-3.00"), None], pyarrow.decimal128(30, 2)),
    "small_decimal": pyarrow.array([decimal.Decimal("1.5"), None, None], pyarrow.decimal128(4, 1)),
    "uuid": pyarrow.array([uuid.UUID(int=7).bytes, None, None], pyarrow.binary(16)).cast(pyarrow.uuid()),
    "uint64": pyarrow.array([2**64 - 1, 0, None], pyarrow.uint64()),
    "uint32": pyarrow.array([2**32 - 1, 0, None], pyarrow.uint32()),
    "int8": pyarrow.array([-7, 0, None], pyarrow.int8()),
    "double": pyarrow.array([0.1, None, None], pyarrow.float64()),
    "bool": pyarrow.array([True, False, None]),
    "category": pyarrow.array(["x", "y", "x"]).dictionary_encode(),
    "nothing": pyarrow.array([None, None, None]),
    "list": pyarrow.array([["a", None], [], None], pyarrow.list_(pyarrow.string())),
    "lists": pyarrow.array([[[1], [2, 3]], [[]], None], pyarrow.list_(pyarrow.list_(pyarrow.int64()))),
    "struct": pyarrow.array([{"a": 1, "b": [{"c": "d"}]}, None, None]),
    "map": pyarrow.array([[("k", 1)], [], None], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
}
TABLE = pyarrow.table(ROWS)
pyarrow.parquet.write_table(TABLE, OUT / "types.parquet")
pyarrow.parquet.write_table(
    TABLE.select(["prompt", "completion", "at_us"]), OUT / "int96.parquet", use_deprecated_int96_timestamps=True
)
PAIR = TABLE.select(["prompt", "completion"])
for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    pyarrow.parquet.write_table(PAIR, OUT / f"{codec}.parquet", compression=codec)
pyarrow.parquet.write_table(
    pyarrow.table({
        "prompt": pyarrow.array([b"Wer", b"\xff\xfe"], pyarrow.binary()),
        "completion": pyarrow.array([" a", " b"]),
    }),
    OUT / "not-utf-8.parquet",
)
