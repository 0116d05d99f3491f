"""What is said of the types of columns."""

from mlpipe.table.kinds import kind_of_type


def test_the_kind_of_a_type() -> None:
    assert [kind_of_type(w) for w in ("integer", "decimal(3,1)", "timestamp_utc", "uuid")] == [
        "number",
        "number",
        "date",
        "any",
    ]
