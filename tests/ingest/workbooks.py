"""Spreadsheet files of a few cells, written byte by byte: xlsx, xlsb, xls, ods."""

import io
import struct
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES = {"date": 1, "time": 2}


class Error(str):
    """What a cell with an error shows."""


class Serial(float):
    """The number of a day, in a cell that is formatted as a date and time."""


Rows = Sequence[Sequence[object]]


def _archive(members: dict[str, str | bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def xlsx(sheets: dict[str, Rows], *, references: bool = True) -> bytes:
    """Write worksheets; without ``references`` cells do not say where they stand."""
    names = list(sheets)
    book = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    targets = {
        f"rId{at}": ("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(names) + 1)
    }
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<sheets>{book}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(targets | {"rId99": ("styles", "styles.xml")}),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for at, rows in enumerate(sheets.values(), 1):
        members[f"xl/worksheets/sheet{at}.xml"] = _worksheet(rows, references)
    return _archive(members)


def _worksheet(rows: Rows, references: bool) -> str:
    lines = []
    for line, row in enumerate(rows, 1):
        cells = [
            _cell(value, f' r="{chr(65 + at)}{line}"' if references else "")
            for at, value in enumerate(row)
            if value is not None or not references
        ]
        if cells:
            lines.append(f'<row r="{line}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(value: object, place: str) -> str:
    if value is None:
        return f"<c{place}/>"
    if isinstance(value, Error):
        return f'<c{place} t="e"><f>1/0</f><v>{value}</v></c>'
    if isinstance(value, bool):
        return f'<c{place} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Serial):
        return f'<c{place} s="1"><v>{float(value)!r}</v></c>'
    if isinstance(value, int | float):
        return f"<c{place}><v>{value!r}</v></c>"
    text = escape(str(value))
    return f'<c{place} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def ods(rows: Rows, name: str = "One") -> bytes:
    """Write an OpenDocument sheet; a row of None is repeated as LibreOffice does."""
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces} xmlns:calcext="
        '"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        "<office:body><office:spreadsheet>"
        f'<table:table table:name="{name}">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return _archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def _ods_cell(value: object) -> str:
    if value is None:
        return '<table:table-cell table:number-columns-repeated="1"/>'
    if isinstance(value, Error):
        return (
            '<table:table-cell office:value-type="float" office:value="0" '
            f'calcext:value-type="error"><text:p>{value}</text:p></table:table-cell>'
        )
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return (
        f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p>'
        "</table:table-cell>"
    )


CODES = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#N/A": 42}


def xlsb(rows: Rows, name: str = "One") -> bytes:
    """Write a binary workbook, [MS-XLSB]."""
    book = b"".join(
        [
            _record(131),
            _record(143),
            _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide(name)),
            _record(144),
            _record(132),
        ]
    )
    height, width = len(rows), max(map(len, rows))
    sheet = [_record(129), _record(148, struct.pack("<4I", 0, height - 1, 0, width - 1))]
    sheet.append(_record(145))
    for line, row in enumerate(rows):
        sheet.append(_record(0, struct.pack("<I", line) + bytes(21)))
        sheet += [_xlsb_cell(at, value) for at, value in enumerate(row) if value is not None]
    sheet += [_record(146), _record(130)]
    return _archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": _relations(
                {"rId1": ("worksheet", "worksheets/sheet1.bin")}
            ),
            "xl/worksheets/sheet1.bin": b"".join(sheet),
        }
    )


def _xlsb_cell(at: int, value: object) -> bytes:
    head = struct.pack("<II", at, 0)
    if isinstance(value, Error):
        return _record(3, head + bytes([CODES[value]]))
    if isinstance(value, int | float):
        return _record(5, head + struct.pack("<d", value))
    return _record(6, head + _wide(str(value)))


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(body)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xls(sheets: dict[str, Rows], *, padded: bool = True) -> bytes:
    """Write a BIFF8 workbook, [MS-XLS]; unpadded it is short enough for the mini stream."""
    names = list(sheets)
    head = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    head += _biff(0x0042, struct.pack("<H", 1200))
    size = len(head) + sum(4 + 8 + len(name) for name in names) + 4
    parts, bounds = b"", b""
    for name, rows in sheets.items():
        body = struct.pack("<IBBBB", size + len(parts), 0, 0, len(name), 0) + name.encode("latin-1")
        bounds += _biff(0x0085, body)
        parts += _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        parts += b"".join(
            _xls_cell(line, at, value)
            for line, row in enumerate(rows)
            for at, value in enumerate(row)
            if value is not None
        )
        parts += _biff(0x000A)
    book = head + bounds + _biff(0x000A) + parts
    return _compound(book + bytes(max(4096 - len(book), 0) if padded else 0))


def _biff(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls_cell(line: int, at: int, value: object) -> bytes:
    head = struct.pack("<HHH", line, at, 0)
    if isinstance(value, Error) and line % 2:
        return _biff(0x0205, head + bytes([CODES[value], 1]))
    if isinstance(value, Error):
        result = bytes([2, 0, CODES[value], 0, 0, 0, 0xFF, 0xFF])
        return _biff(0x0006, head + result + bytes(8))
    if isinstance(value, int | float):
        return _biff(0x0203, head + struct.pack("<d", value))
    text = str(value).encode("latin-1")
    return _biff(0x0204, head + struct.pack("<HB", len(text), 0) + text)


END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def _compound(book: bytes) -> bytes:
    """Write a compound file, [MS-CFB]: sector 0 is its table, 1 the folder, 2 the mini table."""
    mini = len(book) < 4096
    block = 64 if mini else 512
    data = book + bytes(-len(book) % block)
    blocks = len(data) // block
    chain = [*range(1, blocks), END]
    stored = data + bytes(-len(data) % 512)
    sectors = len(stored) // 512
    main = [*range(4, 3 + sectors), END]
    table = [TABLE, END, END, *main]
    table += [FREE] * (128 - len(table))
    small = (chain if mini else []) + [FREE] * 128
    root = _entry("Root Entry", 5, 3 if mini else END, len(data) if mini else 0, child=1)
    stream = _entry("Workbook", 2, 0 if mini else 3, len(book))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 2 if mini else END, int(mini), END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    folder = root + stream + bytes(256)
    return (
        header
        + struct.pack("<128I", *table[:128])
        + folder
        + struct.pack("<128I", *small[:128])
        + stored
    )


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return (
        head + struct.pack("<III", FREE, FREE, child) + bytes(36) + struct.pack("<IQ", start, size)
    )
