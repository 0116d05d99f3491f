"""Parquet that is damaged within: said as the data's fault, wherever it first shows."""

import random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlpipe.errors import DataError
from mlpipe.ingest.damage import damage_told


@pytest.mark.parametrize("compression", ["snappy", "zstd"])
def test_a_damaged_page_is_a_fault_of_the_data(read, tmp_path, compression):
    path = tmp_path / "x.parquet"
    columns = {"id": list(range(300)), "x": [f"w{n % 50}é" for n in range(300)]}
    pq.write_table(pa.table(columns), path, compression=compression)
    whole = path.read_bytes()
    seed = random.Random(7)
    said = []
    for _ in range(40):
        damaged = bytearray(whole)
        damaged[seed.randrange(4, len(whole) // 2)] ^= 1 << seed.randrange(8)
        try:
            read(bytes(damaged), path="x.parquet")
        except DataError as error:
            said.append(str(error))
    assert len(said) > 3
    assert all("damaged" in text or "UTF-8" in text for text in said), said


def test_text_that_is_not_utf_8_names_the_file(read, tmp_path):
    text = pa.array([b"caf\xe9"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"x": text}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"^x\.parquet holds text that is not UTF-8"):
        read(path="x.parquet")


def test_other_errors_of_the_engine_stay_as_they_are():
    with pytest.raises(duckdb.ConversionException), damage_told():
        raise duckdb.ConversionException("Could not convert string 'x'")
    with pytest.raises(DataError, match="a page is cut off"), damage_told():
        raise duckdb.Error("Out of buffer")
