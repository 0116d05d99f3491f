"""Bad inputs 72 and 73: the user's SQL sees the sources and nothing else."""

import pytest

from mlpipe.errors import DataError, SpecError

USAGE = b"id,month,calls\n2,2026-01-01,5\n1,2026-01-01,7\n1,2026-02-01,9\n"
CUSTOMERS = b"id,plan\n1,basic\n2,pro\n"


@pytest.fixture
def query(read, tmp_path):
    (tmp_path / "usage.csv").write_bytes(USAGE)
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)

    def query(sql, variables=None, columns=None):
        sources = {"usage": {"path": "usage.csv"}, "customers": {"path": "customers.csv"}}
        return read(spec={"sources": sources, "sql": sql}, variables=variables, columns=columns)

    return query


def test_sources_are_joined_in_the_order_of_the_query(query):
    result = query("select u.*, plan from usage u join customers using (id) order by calls desc;")
    assert result.column("calls") == [9, 7, 5]
    assert result.column("plan") == ["basic", "basic", "pro"]
    assert result.rows == [0, 1, 2]


def test_without_an_order_rows_keep_that_of_their_source(query):
    assert query("select * from usage where calls > 4").column("calls") == [5, 7, 9]


def test_case_72_variables_are_bound_and_never_pasted(query):
    sql = "select *, $word as word from usage where month >= $asof"
    result = query(sql, {"asof": "2026-02-01", "word": "'; drop table usage; --"})
    assert result.column("word") == ["'; drop table usage; --"]


def test_an_unknown_variable(query):
    with pytest.raises(SpecError, match=r"ingest\.sql: uses \$asoff[\s\S]*did you mean 'asof'"):
        query("select * from usage where month >= $asoff", {"asof": "2026-02-01"})


@pytest.mark.parametrize(
    "sql",
    [
        "copy usage to 'x.csv'",
        "insert into usage values (1)",
        "drop view usage",
        "select 1; select 2",
        "select 1; drop view usage",
        "attach 'x.db'",
        "set threads = 8",
        "pragma version",
        "install httpfs",
        "",
        "-- nothing",
    ],
)
def test_case_73_anything_but_one_select(query, sql, tmp_path):
    with pytest.raises(SpecError) as error:
        query(sql)
    assert error.value.problems[0].key == "ingest.sql"
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('customers.csv')",
        "select * from 'customers.csv'",
        "select * from read_text('/etc/passwd')",
        "select * from glob('*')",
        "select * from usage, (select content from read_blob('customers.csv'))",
        "select * from duckdb_settings()",
    ],
)
def test_sql_cannot_reach_files(query, sql):
    with pytest.raises(SpecError):
        query(sql)


@pytest.mark.parametrize(
    "expression", ["random()", "now()", "current_date", "today()", "uuid()", "current_timestamp"]
)
def test_clocks_and_chance_are_refused(query, expression):
    with pytest.raises(SpecError, match="the same inputs would give other rows"):
        query(f"select *, {expression} as x from usage")


def test_samples_by_chance_are_refused(query):
    with pytest.raises(SpecError, match="by chance"):
        query("select * from usage using sample 50%")
    with pytest.raises(SpecError, match="by chance"):
        query("select * from usage tablesample 1 rows")


def test_the_engines_errors_are_told_without_its_jargon(query):
    with pytest.raises(SpecError) as error:
        query("select call from usage")
    text = str(error.value)
    assert 'Referenced column "call" not found' in text
    assert "LINE 1" not in text
    assert "Binder" not in text


def test_no_rows_and_reserved_names(query):
    with pytest.raises(DataError, match="returned no rows"):
        query("select * from usage where calls > 100")
    with pytest.raises(SpecError, match="'_row', which is reserved"):
        query("select 1 as _row, * from usage")


def test_sql_in_a_file(read, tmp_path):
    (tmp_path / "usage.csv").write_bytes(USAGE)
    (tmp_path / "shape.sql").write_text("select id, calls * 2 as twice from usage -- all\n")
    section = {"sources": {"usage": {"path": "usage.csv"}}, "sql": {"file": "shape.sql"}}
    assert read(spec=section).column("twice") == [10, 14, 18]


def test_grouping_on_one_thread_is_the_same_each_time(query):
    sql = "select month, sum(calls) as calls, avg(calls / 3.0) as a from usage group by month"
    assert query(sql).frame.equals(query(sql).frame)


def test_declared_columns_that_the_query_does_not_return(query):
    with pytest.raises(SpecError) as error:
        query(
            "select id, calls as chrun, month from usage",
            columns={"target": {"name": "churn"}, "key": ["id", "mnth"], "weight": "w"},
        )
    found = {problem.key: problem.hint for problem in error.value.problems}
    assert found["columns.target.name"] == "did you mean 'chrun'?"
    assert found["columns.key.1"] == "did you mean 'month'?"
    assert found["columns.weight"] == "it has: id, chrun, month"


def test_nested_columns_are_refused_with_a_way_out(query):
    with pytest.raises(SpecError, match=r"'where_to' is nested[\s\S]*flatten it in ingest\.sql"):
        query("select id, {'city': 'x'} as where_to from usage")
    with pytest.raises(SpecError, match="'at' has the type time"):
        query("select id, time '10:00' as at from usage")


def test_a_time_of_strings_is_refused(query):
    with pytest.raises(DataError, match="month: columns.time holds strings".replace(".", r"\.")):
        query("select id, month::varchar as month from usage", columns={"time": "month"})


def test_a_time_that_is_empty_is_named_as_that(query):
    with pytest.raises(DataError, match=r"month: columns\.time is empty in every row"):
        query("select id, null::varchar as month from usage", columns={"time": "month"})


def test_two_columns_of_one_name_are_refused(query):
    with pytest.raises(SpecError, match=r"gives two columns of the name id"):
        query("select u.*, c.* from usage u join customers c using (id)")


def test_case_85_a_division_by_zero_is_missing_and_said(query):
    result = query("select id, calls / (calls - 5) as ratio from usage")
    assert result.column("ratio") == [None, 3.5, 2.25]
    assert result.warnings == [
        "ratio: 1 results of the SQL were inf or nan (a division by zero?); now missing"
    ]
