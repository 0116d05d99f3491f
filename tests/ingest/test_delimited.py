"""Bad inputs 39–64: CSV that other readers bend in silence."""

import pytest

from mlpipe.errors import DataError, SpecError


def said(error: pytest.ExceptionInfo[DataError]) -> str:
    return str(error.value)


def test_case_39_a_byte_order_mark_is_no_part_of_a_name(read):
    result = read("\ufeffid,fee\n1,2\n".encode())
    assert result.types == {"id": "integer", "fee": "integer"}


def test_case_40_utf_16(read):
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(DataError, match=r"UTF-16[\s\S]*encoding: utf-16"):
            read("id,fee\n1,2\n".encode(encoding))
    assert read("id,name\n1,é\n".encode("utf-16"), encoding="utf-16").column("name") == ["é"]


def test_case_41_latin_1(read):
    content = "id,name\n1,abc\n2,café\n".encode("latin-1")
    with pytest.raises(DataError, match=r"data\.csv:3\): is not UTF-8[\s\S]*encoding: latin-1"):
        read(content)
    assert read(content, encoding="latin-1").column("name") == ["abc", "café"]


def test_case_42_a_nul_byte_goes_to_quarantine(read):
    content = b"id,name\n1,a\n2,b\0b\n3,c\n"
    with pytest.raises(DataError, match=r"data\.csv:3\) name: holds a NUL byte"):
        read(content)
    result = read(spec={"path": "data.csv", "max_bad_rows": 1})
    assert result.column("id") == [1, 3]
    assert result.bad[["line", "column", "reason"]].values.tolist() == [
        [3, "name", "holds a NUL byte"]
    ]


@pytest.mark.parametrize(
    ("row", "fields"), [(b"2", 1), (b"2,b,c", 3), (b"2,b,c,d,e", 5), (b"  ", 1)]
)
def test_cases_43_and_44_short_and_long_rows(read, row, fields):
    content = b'id,name\n1,"a\na"\n\n' + row + b"\n3,c\n"
    with pytest.raises(DataError, match=rf"data\.csv:5\): has {fields} fields, and the header 2"):
        read(content)
    result = read(spec={"path": "data.csv", "max_bad_rows": 1})
    assert result.column("id") == [1, 3]
    assert result.column("name") == ["a\na", "c"]
    assert result.bad["raw"].tolist() == [row.decode()]
    assert result.bad["line"].tolist() == [5]
    assert result.report["rejected"] == 1


def test_case_45_every_row_has_one_field_too_many(read):
    with pytest.raises(DataError, match=r"every row of data\.csv has 3 fields, and the header 2"):
        read(b"id,name\n1,a,\n2,b,\n", spec=None)


@pytest.mark.parametrize("header", [b"id,id", b"id,ID", b'id,"id"'])
def test_case_46_duplicate_headers(read, header):
    with pytest.raises(DataError, match="twice, as columns 1 and 2"):
        read(header + b"\n1,2\n")


@pytest.mark.parametrize("header", [b"id,,x", b"id, ,x", b",a,x", b'id,"",x'])
def test_case_47_blank_header(read, header):
    with pytest.raises(DataError, match="no name for column"):
        read(header + b"\n1,2,3\n")


def test_reserved_names_are_refused(read):
    with pytest.raises(DataError, match="'_row', which is reserved"):
        read(b"_row,x\n1,2\n")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'id,name\n1,"abc\n2,def\n3,g\n', 2),
        (b'id,name\n0,z\n1,"abc\n2,"def"\n3,g\n', 3),
        (b'id,name\n0,z\n1,"5" pipe"\n3,g\n', 3),
    ],
)
def test_case_48_unclosed_quote(read, content, line):
    with pytest.raises(DataError, match=rf"data\.csv:{line}\): a quote opens here"):
        read(content)


def test_quotes_inside_a_plain_field_are_text(read):
    result = read(b'id,size\n1,5" pipe\n2,x"y"z\n3,"a ""b"" c"\n')
    assert result.column("size") == ['5" pipe', 'x"y"z', 'a "b" c']


def test_case_49_wrong_delimiter(read):
    with pytest.raises(DataError, match=r"one column with the delimiter ','[\s\S]*delimiter: ';'"):
        read(b"id;name\n1;a\n", delimiter=",")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_cases_50_and_52_line_ends(read, end, last):
    text = end.join(["id,name", "1,a", "2,b"]) + (end if last else "")
    assert read(text.encode()).column("name") == ["a", "b"]


def test_case_50_locates_a_row_between_cr_ends(read):
    with pytest.raises(DataError, match=r"data\.csv:3\): has 1 fields"):
        read(b"id,name\r1,a\r2\r3,c\r")


def test_mixed_line_ends_are_refused(read):
    with pytest.raises(DataError, match="line ends are mixed"):
        read(b"id,name\r\n1,a\n2,b\r\n3,c\n")


def test_case_51_blank_lines_are_left_out_with_a_warning(read):
    result = read(b'\n\nid,name\n1,a\n\n\n2,"b\n\nb"\n\n')
    assert result.column("id") == [1, 2]
    assert result.column("name") == ["a", "b\n\nb"]
    assert any("5 blank lines" in text for text in result.warnings), result.warnings


LATE = b"id,fee\n" + b"".join(b"%d,%d\n" % (row, row) for row in range(25_000))


def test_case_53_a_late_surprise_is_refused_with_its_line(read):
    with pytest.raises(DataError) as error:
        read(LATE + b"25000,free\n")
    assert "(data.csv:25002) fee: 'free' is not an integer" in said(error)
    assert "types" in said(error)


def test_case_53_a_late_surprise_in_a_declared_column_goes_to_quarantine(read):
    section = {"path": "data.csv", "types": {"fee": "integer"}, "max_bad_rows": 0.001}
    result = read(LATE + b"25000,free\n", spec=section)
    assert len(result.frame) == 25_000
    assert result.bad.values.tolist() == [
        ["data", "data.csv", 25_002, "fee", "'free' is not an integer", "25000,free"]
    ]


def test_case_54_leading_zeros_are_kept(read):
    result = read(b"id,zip,mixed\n1,00501,007\n2,10001,1.5\n")
    assert result.column("zip") == ["00501", "10001"]
    assert result.column("mixed") == ["007", "1.5"]


def test_case_55_integers_over_two_to_63(read):
    content = b"id,big\n1,9223372036854775808\n2,1\n"
    with pytest.raises(DataError, match=r"big: holds integers over 2\^63"):
        read(content)
    with pytest.raises(DataError, match=r"over 2\^63"):
        read(content, types={"big": "integer"})
    assert read(content, types={"big": "string"}).column("big")[0] == "9223372036854775808"
    assert read(b"id,big\n1,9223372036854775807\n").column("big") == [2**63 - 1]


def test_case_55_whole_numbers_that_a_float_cannot_hold(read):
    with pytest.raises(DataError, match=r"data\.csv:3\) big: '9007199254740993' is beyond 2\^53"):
        read(b"id,big\n1,0.5\n2,9007199254740993\n")
    assert read(b"id,big\n1,0.5\n2,9007199254740992\n").column("big") == [0.5, 2.0**53]


def test_case_56_words_for_missing_are_declared(read):
    content = b"id,x,y\n1,NA,1\n2,None,NA\n3,,3\n" + b"4,a,4\n" * 20
    result = read(content)
    assert result.column("x")[:3] == ["NA", "None", None]
    assert result.types["y"] == "string"
    assert any("y holds numbers except 'NA'" in text for text in result.warnings)
    result = read(nulls=["NA"])
    assert result.column("x")[:3] == [None, "None", None]
    assert result.column("y")[:3] == [1, None, 3]


@pytest.mark.parametrize("word", ["inf", "-Infinity", "nan", "NaN"])
def test_case_57_inf_and_nan(read, word):
    content = f"id,x\n1,0.5\n2,{word}\n".encode()
    with pytest.raises(DataError, match="inf or nan"):
        read(content)
    with pytest.raises(DataError, match="is not finite"):
        read(content, types={"x": "number"})
    assert read(content, nulls=[word]).column("x") == [0.5, None]


def test_a_number_too_large_to_be_one(read):
    with pytest.raises(DataError, match="too large for a number"):
        read(b"id,x\n1,0.5\n2,1e400\n")


def test_case_58_decimal_comma(read):
    content = b"id;x\n1;0,5\n2;1.234,5\n3;7\n"
    with pytest.raises(
        DataError, match=r"x: holds numbers with a decimal comma[\s\S]*decimal: ','"
    ):
        read(content)
    result = read(b"id;x\n1;0,5\n2;-1,25\n", decimal=",")
    assert result.column("x") == [0.5, -1.25]


def test_case_59_naive_times_among_zoned_ones(read):
    with pytest.raises(DataError, match="mixes 1 times without a zone with 1"):
        read(b"id,at\n1,2026-01-01 10:00\n2,2026-01-01T10:00:00+02:00\n")
    rows = b"".join(b"%d,2026-01-01 10:00:00\n" % row for row in range(21_000))
    with pytest.raises(DataError, match=r"data\.csv:21002\) at:.*carries a time zone"):
        read(b"id,at\n" + rows + b"1,2026-01-01 10:00:00Z\n")


def test_zoned_times_become_utc_and_naive_ones_stay(read):
    result = read(b"id,a,b\n1,2026-01-01T10:00:00+02:00,2026-01-01 10:00:00.5\n")
    assert result.types == {"id": "integer", "a": "timestamp_utc", "b": "timestamp"}
    assert str(result.frame["a"][0]) == "2026-01-01 08:00:00+00:00"
    assert str(result.frame["b"][0]) == "2026-01-01 10:00:00.500000"


@pytest.mark.parametrize("hour", ["2026-10-25 02:30:00", "2026-03-29 02:30:00"])
def test_case_60_an_hour_that_is_there_twice_or_not_at_all(read, hour):
    content = f"id,at\n1,2026-07-01 12:00:00\n2,{hour}\n".encode()
    with pytest.raises(DataError, match=rf"at: holds times that are there twice.*{hour} \(row 1\)"):
        read(content, columns={"timezone": "Europe/Berlin"})
    result = read(b"id,at\n1,2026-07-01 12:00:00\n", columns={"timezone": "Europe/Berlin"})
    assert str(result.frame["at"][0]) == "2026-07-01 10:00:00+00:00"


def test_case_61_one_text_in_two_unicode_forms(read):
    content = "id,city\n1,Orléans\n2,Orle\u0301ans\n3,Paris\n".encode()
    result = read(content)
    assert result.column("city")[1] == "Orle\u0301ans"
    assert any("city" in text and "unicode" in text for text in result.warnings), result.warnings


def test_case_62_duplicate_key(read):
    content = b"id,month,x\n1,1,a\n1,2,b\n2,1,c\n1,1,d\n"
    with pytest.raises(DataError, match=r"id, month: the key is not unique.*1, 1 \(2 rows\)"):
        read(content, columns={"key": ["id", "month"]})
    with pytest.raises(DataError, match="the key is missing in 1 rows"):
        read(b"id,x\n,1\n2,2\n", columns={"key": "id"})


def test_case_63_no_header(read):
    result = read(b"1,a\n2,b\n", header=False, names=["id", "name"])
    assert result.column("name") == ["a", "b"]
    with pytest.raises(DataError, match="2 fields, and `names` 3"):
        read(header=False, names=["id", "name", "more"])


def test_case_63_a_header_that_looks_like_data_is_told(read):
    result = read(b"1,2.5\n2,3.5\n")
    assert any("header: false" in text for text in result.warnings), result.warnings


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_case_64_delimiters_are_sniffed(read, mark):
    content = f'id{mark}name\n1{mark}"a{mark}b"\n2{mark}c\n'.encode()
    assert read(content).column("name") == [f"a{mark}b", "c"]


@pytest.mark.parametrize("options", [{}, {"delimiter": ", "}, {"trim": True}])
def test_case_64_a_space_after_the_comma(read, options):
    result = read(b'id, name, fee\n1, "a, b", 2\n2, ?, 3\n', nulls=["?"], **options)
    assert result.types == {"id": "integer", "name": "string", "fee": "integer"}
    assert result.column("name") == ["a, b", None]


def test_spaces_are_kept_where_they_are_not_everywhere(read):
    assert read(b"id,name\n1, a\n2,b \n").column("name") == [" a", "b "]


def test_a_sloppy_sample_does_not_change_the_delimiter(read):
    with pytest.raises(DataError, match=r"data\.csv:2\): has 1 fields"):
        read(b"a,b\n1\n2,3\n")


def test_declared_types_are_exact(read):
    content = b"i,d,t,m,b\n2.7,2026-01-01 10:00,2026-01-01T10:00+02:00,1.255,maybe\n0x10,1,1,1,1\n"
    with pytest.raises(DataError) as error:
        read(
            content,
            types={
                "i": "integer",
                "d": "date",
                "t": "timestamp",
                "m": "decimal(6,2)",
                "b": "boolean",
            },
        )
    for text in ("'2.7' is not an integer", "is not a date", "carries a time zone"):
        assert text in said(error)
    assert "'1.255' is not a decimal(6,2)" in said(error)
    assert "'maybe' is not a boolean" in said(error)


def test_declared_types_take_what_is_of_them(read):
    content = b"i,n,d,t,m,b,s\n+07,-1.5e3,2026-01-31,2026-01-31,1.25,Yes,\n,,,,,,x\n"
    types = {"i": "integer", "n": "number", "d": "date", "t": "timestamp"}
    types |= {"m": "decimal(6,2)", "b": "boolean", "s": "string"}
    result = read(content, types=types)
    row = result.frame.iloc[0]
    assert (row["i"], row["n"], str(row["m"]), row["b"]) == (7, -1500.0, "1.25", True)
    assert str(row["d"])[:10] == "2026-01-31"
    assert result.types == {**types, "m": "decimal(6,2)"}
    assert result.frame.iloc[1].drop("s").isna().all()


def test_dates_that_do_not_exist_are_strings_or_refused(read):
    assert read(b"id,d\n1,2026-02-30\n").types["d"] == "string"
    with pytest.raises(DataError, match="'2026-02-30' is not a date"):
        read(types={"d": "date"})


def test_a_type_for_a_column_that_is_not_there(read):
    with pytest.raises(SpecError, match=r"types\.fees[\s\S]*did you mean 'fee'"):
        read(b"id,fee\n1,2\n", types={"fees": "number"})


def test_no_quoting_at_all(read):
    content = b'ham\t"Hi there\nspam\tWIN "NOW"\nham\tok\n'
    result = read(content, header=False, names=["label", "text"], quote="")
    assert result.column("text") == ['"Hi there', 'WIN "NOW"', "ok"]


def test_too_many_bad_rows_list_the_first_five(read):
    content = b"id,x\n" + b"1\n" * 10 + b"2,b\n" * 90
    section = {"path": "data.csv", "max_bad_rows": 0.05}
    with pytest.raises(DataError) as error:
        read(content, spec=section)
    assert "10 of 100 rows are bad, and max_bad_rows allows 5.00% of 100" in said(error)
    assert len(error.value.problems) == 6
    assert len(read(spec={**section, "max_bad_rows": 0.1}).bad) == 10
    assert len(read(spec={**section, "max_bad_rows": 10}).bad) == 10
    with pytest.raises(DataError, match="allows 9"):
        read(spec={**section, "max_bad_rows": 9})


def test_lines_of_bad_values_among_rejected_rows_and_lines_in_quotes(read):
    content = b'id,x,y\n1,"a\nb",1\n\n2,c\n3,d,no\n4,"e\n\ne",5\n5,f,nope\n'
    section = {"path": "data.csv", "types": {"y": "integer"}, "max_bad_rows": 3}
    result = read(content, spec=section)
    assert result.column("id") == [1, 4]
    assert result.bad["line"].tolist() == [5, 6, 10]
    assert result.bad["column"].tolist() == ["", "y", "y"]
    assert result.bad["raw"].tolist() == ["2,c", "3,d,no", "5,f,nope"]


def test_rows_keep_the_order_of_their_source(read):
    import random

    order = list(range(30_000))
    random.Random(1).shuffle(order)
    result = read(b"id,x\n" + b"".join(b"%d,a\n" % number for number in order))
    assert result.column("id") == order
    assert result.rows == list(range(30_000))


def test_case_54_a_leading_zero_that_comes_late_is_never_dropped(read):
    content = b"id,x\n" + b"".join(b"%d,1\n" % n for n in range(10_000, 40_000)) + b"00012,1\n"
    with pytest.raises(DataError, match=r"data\.csv:30002\) id: '00012' has a leading zero"):
        read(content)
    assert read(content, types={"id": "string"}).column("id")[-1] == "00012"
    assert read(content, types={"id": "integer"}).column("id")[-1] == 12
