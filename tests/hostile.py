"""Broken and hostile files, built by code: nothing here was downloaded, nothing does harm.

`KINDS` gives them by what is wrong with them; `place` puts a kind into a folder of reports. Each
file is to be read, or to end as an issue, and the reports beside it are to be read as ever.
`benchmarks/reliability.py` tries all of them, tests/test_hostile.py some.
"""

from __future__ import annotations

import functools
import io
import os
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import typeset

STEP = 1024
"""Samples are cut off, and a bit of them is flipped, once in so many bytes."""
ROOT = Path(__file__).parent.parent
GOOD = "0 good.txt"
"""The report beside the hostile ones; it comes first."""
_FIGURE = "参保率98.5%，预算执行率97.5%。"

Made = tuple[str, Callable[[], bytes]]


class Bait(NamedTuple):
    """What hostile files try to reach: a port of this machine, a file of its own, one to be made."""

    port: int
    secret: Path
    touched: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


def _nothing(folder: Path) -> None:
    pass


class Kind(NamedTuple):
    """Files that are wrong in one way.

    `place` does what bytes cannot say (links, rights, names); `meanwhile` what happens to the
    folder after it has been listed. `quick` tells whether `make test` may try them.
    """

    files: Callable[[Bait], Iterable[Made]]
    place: Callable[[Path], None] = _nothing
    meanwhile: Callable[[Path], None] = _nothing
    quick: bool = True


# --- damage --------------------------------------------------------------------------------------


@functools.cache
def samples() -> dict[str, bytes]:
    """A good file of each format: the samples of data/raw, and the model report in the others."""
    raw = ROOT / "data" / "raw"
    found = {
        name: next(iter(sorted(raw.rglob(pattern)))).read_bytes()
        for name, pattern in {
            "pdf": "gaoyi*.pdf",
            "docx": "*.docx",
            "html": "*.html",
            "txt": "beita*.txt",
        }.items()
    }
    found["xlsx"] = _undated(typeset.xlsx(typeset.MODEL))
    return found


def _undated(data: bytes) -> bytes:
    """The office file without the time of its writing, so that damage hits the same place."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    dates = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    return packed({n: re.sub(dates, b"2000-01-01T00:00:00Z", c) for n, c in members.items()})


@functools.cache
def old_samples() -> dict[str, bytes]:
    """The same of formats that take LibreOffice to make; none without it."""
    if typeset.office() is None:
        return {}
    return {
        "rtf": typeset.rtf(typeset.MODEL),
        "xls": typeset.xls(typeset.MODEL),
        "doc": typeset.doc(typeset.MODEL),
    }


@functools.cache
def scanned() -> bytes:
    return next(iter(sorted((ROOT / "data" / "raw").rglob("wenquan*.pdf")))).read_bytes()


def cut_off(data: bytes, suffix: str, step: int = STEP) -> Iterator[Made]:
    """The file cut off at every `step` bytes."""
    for at in range(0, len(data), step):
        yield f"cut at {at}.{suffix}", functools.partial(data.__getitem__, slice(at))


def flipped(data: bytes, suffix: str, step: int = STEP) -> Iterator[Made]:
    """The file with one bit flipped, once in every `step` bytes."""
    chance = random.Random(8)
    for start in range(0, len(data), step):
        at = chance.randrange(start, min(start + step, len(data)))
        bit = 1 << chance.randrange(8)
        made = data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]
        yield f"bit {bit} of byte {at}.{suffix}", functools.partial(bytes, made)


def flipped_inside(data: bytes, suffix: str, step: int = STEP) -> Iterator[Made]:
    """The container with one bit flipped in a member, and all checksums right again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members: dict[str, bytes | str] = {n: archive.read(n) for n in archive.namelist()}
    for number, (name, content) in enumerate(list(members.items())):
        assert isinstance(content, bytes)
        for what, make in flipped(content, suffix, step):
            damaged = members | {name: make()}
            yield (
                f"member {number} {what}",
                functools.partial(packed, damaged, zipfile.ZIP_STORED),
            )


# --- zip -----------------------------------------------------------------------------------------


def packed(members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            undated = zipfile.ZipInfo(name)
            undated.compress_type = compression
            archive.writestr(undated, content)
    return file.getvalue()


def claiming(size: int, data: bytes) -> bytes:
    """The archive with every member claiming to unpack to `size` bytes (below 4 GB)."""
    made = bytearray(data)
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = made.find(signature)
        while at >= 0:
            struct.pack_into("<I", made, at + offset, size)
            at = made.find(signature, at + 4)
    return bytes(made)


def claiming_more(size: int) -> bytes:
    """An archive of one small member that claims more bytes than 32 bits can say."""
    name, content = b"report.txt", zlib.compress(b"x")[2:-4]
    extra = struct.pack("<HHQQ", 1, 16, size, len(content))
    local = struct.pack(
        "<4sHHHHHIIIHH", b"PK\x03\x04", 45, 0, 8, 0, 0, 0, 2**32 - 1, 2**32 - 1, len(name), len(extra)
    )  # fmt: skip
    head = local + name + extra + content
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 45, 45, 0, 8, 0, 0, 0, 2**32 - 1, 2**32 - 1,
        len(name), len(extra), 0, 0, 0, 0, 0,
    )  # fmt: skip
    central = entry + name + extra
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(head), 0)
    return head + central + end


def nested_zip(levels: int = 6, width: int = 8) -> bytes:
    """Archives in archives; the innermost hold zeros."""
    data = packed({"report.txt": bytes(2**20)})
    for _ in range(levels):
        data = packed({f"{n}.zip": data for n in range(width)})
    return data


def overlapping_zip(entries: int = 900, size: int = 2**20) -> bytes:
    """An archive whose entries all point at the same bytes: small on disk, large when unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.txt", random.Random(8).randbytes(size))
        (info,) = archive.filelist
        for number in range(1, entries):
            copy = zipfile.ZipInfo(f"{number}.txt")
            copy.compress_type, copy.header_offset = info.compress_type, info.header_offset
            copy.CRC, copy.file_size = info.CRC, info.file_size
            copy.compress_size = info.compress_size
            archive.filelist.append(copy)
    return file.getvalue()


def linking_zip(target: str) -> bytes:
    """An archive with a symbolic link to a file of the machine in it, and a report."""
    link = zipfile.ZipInfo("link.txt")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(link, target)
        archive.writestr("link.txt/report.txt", _FIGURE)
        archive.writestr("inside.txt", _FIGURE + "1")
    return file.getvalue()


def million_names() -> bytes:
    """A table of contents of a million names without a file behind them."""
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    central = (entry + b"a") * 1_000_000
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, len(central), 30, 0)
    return b"PK\x03\x04" + bytes(26) + central + end


def bombs(bait: Bait) -> Iterator[Made]:
    text = docx(paragraph(_FIGURE))
    yield "nested.zip", nested_zip
    yield "claims 10 GB.zip", lambda: claiming_more(10 * 2**30)
    yield "claims 10 EB.zip", lambda: claiming_more(10 * 2**60)
    yield "claims 4 GB.docx", lambda: claiming(2**32 - 2, text)
    yield "claims nothing.docx", lambda: claiming(0, text)
    yield "claims little.zip", lambda: claiming(10, packed({"a.txt": _FIGURE * 1000}))
    yield "overlapping.zip", overlapping_zip
    yield "zeros.zip", lambda: packed({"a.txt": bytes(100 * 2**20)})
    yield "zeros.docx", lambda: docx(" " * (100 * 2**20))
    yield "zeros.xlsx", lambda: xlsx(" " * (100 * 2**20))
    yield "five thousand members.zip", lambda: packed({f"{n}.txt": "" for n in range(5000)})
    yield "a million names.zip", million_names
    yield "two in one.zip", lambda: packed({"a.txt": _FIGURE}) + packed({"b.txt": _FIGURE + "2"})
    yield "archives.zip", lambda: packed({"a.docx": text, "b.docx": packed({}), "c.zip": text})


def ways_out(bait: Bait) -> Iterator[Made]:
    yield "link.zip", lambda: linking_zip(str(bait.secret))
    for number, name in enumerate(
        (
            f"../../{bait.touched.name}",
            str(bait.touched),
            "C:\\out.txt",
            "\\\\host\\out.txt",
            "a/../../out.txt",
            "..\\..\\out.txt",
        )
    ):
        yield (
            f"path {number}.zip",
            functools.partial(packed, {name: _FIGURE, "in.txt": _FIGURE + name}),
        )
    yield (
        "names.zip",
        lambda: packed(
            {
                "a\nb.txt": _FIGURE + "3",
                "\u202etxt.exe": _FIGURE + "4",
                "表" * 100 + ".txt": _FIGURE + "5",
                "-rf.txt": _FIGURE + "6",
                "CON": _FIGURE + "7",
                "a" * 60_000: _FIGURE + "8",
                "\U0001f4b0.txt": _FIGURE + "9",
            }
        ),
    )


# --- office files --------------------------------------------------------------------------------

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
)
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships">{parts}</Relationships>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def docx(body: str, head: str = "", **more: bytes | str) -> bytes:
    """A Word file of this body; `head` stands before its root element, `more` are other parts."""
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    part = f'<Override PartName="/word/document.xml" ContentType="{main}"/>'
    link = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    return packed(
        {
            "[Content_Types].xml": _TYPES.format(parts=part),
            "_rels/.rels": _RELATIONS.format(parts=link),
            "word/document.xml": f'<?xml version="1.0"?>{head}<w:document xmlns:w="{_WORD}">'
            f"<w:body>{body}</w:body></w:document>",
            **more,
        }
    )


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def xlsx(rows: str, head: str = "", **more: bytes | str) -> bytes:
    """A workbook whose only sheet holds these rows; `head` stands before its root element."""
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = (
        f'<Override PartName="/xl/workbook.xml" ContentType="{base}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{base}.worksheet+xml"/>'
    )
    book = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    sheet = f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    return packed(
        {
            "[Content_Types].xml": _TYPES.format(parts=parts),
            "_rels/.rels": _RELATIONS.format(parts=book),
            "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_SHEET}" '
            f'xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _RELATIONS.format(parts=sheet),
            "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{head}<worksheet xmlns="{_SHEET}">'
            f"<sheetData>{rows}</sheetData></worksheet>",
            **more,
        }
    )


def cell(place: str, words: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def million_cells(columns: int = 100, rows: int = 10_000) -> bytes:
    """A sheet of a million filled cells."""
    line = "".join(f"<c><v>{n}</v></c>" for n in range(columns))
    return xlsx("".join(f"<row>{line}</row>" for _ in range(rows)))


# Ten to the tenth of a word, and the square of a long one.
_GROWING = "".join(
    ["<!DOCTYPE r [", '<!ENTITY a0 "word">']
    + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)]
    + ["]>"]
)
_SQUARE = f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]>'


def external(target: str) -> str:
    """A declaration of entities that lie elsewhere."""
    return f'<!DOCTYPE r [<!ENTITY e SYSTEM "{target}"><!ENTITY % p SYSTEM "{target}">%p;]>'


def entities(bait: Bait) -> Iterator[Made]:
    row = "<row>" + cell("A1", "{}参保率98%") + "</row>"
    for name, head, entity in (
        ("growing", _GROWING, "&a10;"),
        ("square", _SQUARE, "&a;" * 10_000),
        ("of a file", external(bait.secret.as_uri()), "&e;"),
        ("of a site", external(bait.address), "&e;"),
    ):
        body, page = paragraph(entity + _FIGURE), f"<p>{entity}{_FIGURE}</p>"
        yield f"{name}.docx", functools.partial(docx, body, head)
        yield f"{name}.xlsx", functools.partial(xlsx, row.format(entity), head)
        yield (
            f"{name} in strings.xlsx",
            functools.partial(
                xlsx,
                row.format(""),
                **{"xl/sharedStrings.xml": f"{head}<sst><si><t>{entity}</t></si></sst>"},
            ),
        )
        yield (
            f"{name} in relations.docx",
            functools.partial(
                docx, paragraph(_FIGURE), **{"_rels/.rels": f"{head}<r>{entity}</r>"}
            ),
        )
        yield (
            f"{name}.html",
            functools.partial(str.encode, f"{head}<html><body>{page}</body></html>"),
        )
        yield (
            f"{name}.xml",
            functools.partial(str.encode, f'<?xml version="1.0"?>{head}<html>{page}</html>'),
        )
    yield (
        "included.docx",
        lambda: docx(
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{bait.secret.as_uri()}"'
            f' parse="text"/>{paragraph(_FIGURE)}'
        ),
    )


def _wide_docx() -> bytes:
    cells = "".join(
        f"<w:tc><w:tcPr><w:gridSpan w:val='999999999'/></w:tcPr>{paragraph(words)}</w:tc>"
        for words in ("参保率", "98%")
    )
    return docx(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>{paragraph(_FIGURE)}")


def word_files(bait: Bait) -> Iterator[Made]:
    row = "<w:tr>" + f"<w:tc>{paragraph('9')}</w:tc>" * 20 + "</w:tr>"
    box = "<w:p><w:r><w:pict>"
    linked = '<Relationship Id="r9" Type="{}/{}" Target="{}" TargetMode="External"/>'
    yield (
        "deep markup.docx",
        lambda: docx("<w:sdt>" * 5000 + paragraph(_FIGURE) + "</w:sdt>" * 5000),
    )
    yield "deep boxes.docx", lambda: docx(box * 60 + "<w:t>1</w:t>" + "</w:pict></w:r></w:p>" * 60)
    yield "wide table.docx", _wide_docx
    yield "table of a hundred thousand cells.docx", lambda: docx(f"<w:tbl>{row * 5000}</w:tbl>")
    yield "three hundred thousand paragraphs.docx", lambda: docx(paragraph("1") * 300_000)
    yield "one long paragraph.docx", lambda: docx(paragraph("参保率98.5%，" * 200_000))
    yield "no body.docx", lambda: packed({"word/document.xml": "<a/>"})
    yield "no document.docx", lambda: packed({"word/document.xml": b"\xff" * 100})
    yield (
        "macro.docx",
        lambda: docx(paragraph(_FIGURE), **{"word/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 900}),
    )
    yield (
        "far template.docx",
        lambda: docx(
            paragraph(_FIGURE),
            **{
                "word/_rels/settings.xml.rels": _RELATIONS.format(
                    parts=linked.format(_OFFICE, "attachedTemplate", bait.address)
                ),
                "word/_rels/document.xml.rels": _RELATIONS.format(
                    parts=linked.format(_OFFICE, "image", bait.address)
                ),
                "word/settings.xml": f'<w:settings xmlns:w="{_WORD}" xmlns:r="{_OFFICE}">'
                '<w:attachedTemplate r:id="r9"/></w:settings>',
            },
        ),
    )
    yield (
        "broken styles.docx",
        lambda: docx(
            paragraph(_FIGURE),
            **{"word/styles.xml": f'<w:styles xmlns:w="{_WORD}"/>', "word/numbering.xml": "<a"},
        ),
    )


def sheets(bait: Bait) -> Iterator[Made]:
    first = cell("A1", _FIGURE)
    yield "a million cells.xlsx", million_cells
    yield "four million cells.xlsx", lambda: million_cells(400)
    yield (
        "two corners.xlsx",
        lambda: xlsx(f'<row r="1">{first}</row><row r="1048576">{cell("XFD1048576", "1")}</row>'),
    )
    yield (
        "row a billion.xlsx",
        lambda: xlsx(f'<row r="999999999">{cell("A999999999", _FIGURE)}</row>'),
    )
    yield "column beyond.xlsx", lambda: xlsx(f'<row r="1">{cell("ZZZZZZ1", _FIGURE)}</row>')
    yield (
        "odd values.xlsx",
        lambda: xlsx(
            '<row r="1"><c r="A1"><v>1e308</v></c><c r="B1"><v>1e999999</v></c><c r="C1"><v>nan</v></c>'
            '<c r="D1"><v>-inf</v></c><c r="E1" t="d"><v>9999-99-99</v></c><c r="F1" t="s"><v>99</v></c>'
            f'<c r="G1" t="b"><v>7</v></c><c r="H1" t="zz"><v>7</v></c>{cell("I1", _FIGURE)}</row>'
        ),
    )
    yield (
        "merged over all.xlsx",
        lambda: xlsx(
            f'<row r="1">{first}{cell("B1", "2")}</row></sheetData><mergeCells>'
            '<mergeCell ref="A1:XFD1048576"/></mergeCells><sheetData>'
        ),
    )
    yield (
        "asks the web.xlsx",
        lambda: xlsx(
            f'<row r="1"><c r="A1"><f>WEBSERVICE("{bait.address}")</f></c>{cell("B1", _FIGURE)}</row>'
        ),
    )
    yield (
        "runs a program.xlsx",
        lambda: xlsx(
            f'<row r="1"><c r="A1"><f>cmd|"/c touch {bait.touched}"!A0</f><v>1</v></c>'
            f"{cell('B1', _FIGURE)}</row>"
        ),
    )
    yield (
        "many strings.xlsx",
        lambda: xlsx(
            f'<row r="1">{first}</row>',
            **{"xl/sharedStrings.xml": "<sst>" + "<si><t>x</t></si>" * 300_000 + "</sst>"},
        ),
    )


# --- PDF -----------------------------------------------------------------------------------------


def pdf(objects: dict[int, str | bytes], trailer: str = "") -> bytes:
    """A PDF file of these objects."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = {}
    for number, content in objects.items():
        places[number] = out.tell()
        content = content.encode() if isinstance(content, str) else content
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    start, size = out.tell(), max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        sign = b"n" if number in places else b"f"
        out.write(b"%010d 00000 %s \n" % (places.get(number, 0), sign))
    end = f"trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n"
    out.write(end.encode())
    return out.getvalue()


def stream(content: bytes, more: str = "") -> bytes:
    return f"<</Length {len(content)}{more}>>stream\n".encode() + content + b"\nendstream"


_TEXT = stream(
    b"BT /F1 12 Tf 72 700 Td (Report of the year 2023, in words and with a rate of 98.5%.) Tj ET"
)
_FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_FORM = "/Type/XObject/Subtype/Form/BBox[0 0 100 100]"


def page(contents: str = "4 0 R", more: str = "", resources: str = "/Font<</F1 5 0 R>>") -> str:
    return (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {contents}"
        f"/Resources<<{resources}>>{more}>>"
    )


def simple(
    catalog: str = "", pages: str = "/Kids[3 0 R]/Count 1", **given: str | bytes
) -> dict[int, str | bytes]:
    """The objects of a PDF of one page; `given` replaces or adds objects (o3="…")."""
    objects: dict[int, str | bytes] = {
        1: f"<</Type/Catalog/Pages 2 0 R{catalog}>>",
        2: f"<</Type/Pages{pages}>>",
        3: page(),
        4: _TEXT,
        5: _FONT,
    }
    return objects | {int(name[1:]): content for name, content in given.items()}


def pdf_bomb(size: int, layers: int = 1) -> bytes:
    """A page whose contents unpack to `size` bytes of text."""
    content = b"BT /F1 12 Tf 72 700 Td (9) Tj ET\n" * (size // 33)
    for _ in range(layers):
        content = zlib.compress(content, 9)
    return pdf(simple(o4=stream(content, f"/Filter[{'/FlateDecode' * layers}]")))


def form_loop() -> bytes:
    """A form that draws itself, and two that draw each other."""
    both = "/Resources<</XObject<</A 6 0 R/B 7 0 R>>>>"
    return pdf(
        simple(
            o3=page(resources="/Font<</F1 5 0 R>>/XObject<</A 6 0 R/B 7 0 R>>"),
            o4=stream(b"/A Do /B Do BT /F1 12 Tf 72 700 Td (98.5%) Tj ET"),
            o6=stream(b"/A Do /B Do", _FORM + both),
            o7=stream(b"/A Do /B Do", _FORM + both),
        )
    )


def form_tower(levels: int = 24) -> bytes:
    """Forms that each draw the next one twice: two to the power of `levels` drawings."""
    given: dict[str, str | bytes] = {
        "o3": page(resources="/Font<</F1 5 0 R>>/XObject<</A 6 0 R>>"),
        "o4": stream(b"/A Do"),
    }
    for n in range(levels):
        inner = f"/Resources<</XObject<</A {7 + n} 0 R>>>>"
        given[f"o{6 + n}"] = stream(b"/A Do /A Do", _FORM + inner)
    given[f"o{6 + levels}"] = stream(
        b"BT /F1 12 Tf 72 700 Td (98.5%) Tj ET", _FORM + "/Resources<</Font<</F1 5 0 R>>>>"
    )
    return pdf(simple(**given))


def _crossing_rules() -> bytes:
    return b"".join(
        b"%d 0 m %d 842 l S 0 %d m 595 %d l S\n" % (n % 595, n % 595, n % 842, n % 842)
        for n in range(10_000)
    )


def pdf_loops(bait: Bait) -> Iterator[Made]:
    huge = "/Type/XObject/Subtype/Image/Width 100000/Height 100000/ColorSpace/DeviceRGB/BitsPerComponent 8"
    made: dict[str, Callable[[], bytes]] = {
        "header only": lambda: b"%PDF-1.7\n",
        "header and zeros": lambda: b"%PDF-1.7\n" + bytes(100_000),
        "no pages": lambda: pdf(simple(pages="/Kids[]/Count 0")),
        "page tree in a loop": lambda: pdf(simple(pages="/Kids[2 0 R 3 0 R]/Count 2")),
        "parents in a loop": lambda: pdf(
            simple(o3=page().replace("/Parent 2 0 R", "/Parent 3 0 R"))
        ),
        "a billion pages": lambda: pdf(simple(pages="/Kids[3 0 R]/Count 1000000000")),
        "one page ten thousand times": lambda: pdf(
            simple(pages=f"/Kids[{'3 0 R ' * 10_000}]/Count 10000")
        ),
        "contents in a loop": lambda: pdf(simple(o3=page("[4 0 R 6 0 R]"), o6="[6 0 R 4 0 R]")),
        "length of itself": lambda: pdf(simple(o4=b"<</Length 4 0 R>>stream\n98.5%\nendstream")),
        "reference to itself": lambda: pdf(simple(o5="5 0 R")),
        "forms in a loop": form_loop,
        "forms in a tower": form_tower,
        "tables of contents in a loop": lambda: (
            pdf(simple(), trailer="/Prev 9") + b"startxref\n9\n%%EOF"
        ),
        "huge page": lambda: pdf(simple(o3=page(more="/Rotate 7").replace("595 842", "1e30 1e30"))),
        "page of no size": lambda: pdf(simple(o3=page().replace("595 842", "0 0"))),
        "page of negative size": lambda: pdf(simple(o3=page().replace("595 842", "-595 -842"))),
        "30 MB of text": lambda: pdf_bomb(30 * 2**20),
        "8 MB packed twice": lambda: pdf_bomb(8 * 2**20, 2),
        "arrays in arrays": lambda: pdf(simple(o6="[" * 50_000 + "]" * 50_000)),
        "dictionaries in dictionaries": lambda: pdf(
            simple(o3=page(more="/X" + "<</X" * 20_000 + " 1" + ">>" * 20_000))
        ),
        "states saved without end": lambda: pdf(simple(o4=stream(b"q " * 500_000))),
        "a number without end": lambda: pdf(
            simple(o4=stream(b"BT /F1 " + b"9" * 500_000 + b" Tf ET"))
        ),
        "a million rules": lambda: pdf(
            simple(o4=stream(zlib.compress(b"0 0 m 9 9 l S " * 1_000_000), "/Filter/FlateDecode"))
        ),
        "twenty thousand crossing rules": lambda: pdf(simple(o4=stream(_crossing_rules()))),
        "huge picture": lambda: pdf(
            simple(
                o3=page(resources="/XObject<</I 6 0 R>>"),
                o4=stream(b"595 0 0 842 0 0 cm /I Do"),
                o6=stream(zlib.compress(bytes(1000)), huge + "/Filter/FlateDecode"),
            )
        ),
        "encrypted with nonsense": lambda: pdf(
            simple(), trailer="/Encrypt<</Filter/Standard/V 9/R 9/O()/U()/P -1>>/ID[()()]"
        ),
        "a character that grows": lambda: pdf(
            simple(
                o5="<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
                o6=stream(
                    b"begincmap 1 beginbfrange <00> <ff> <" + b"0041" * 10_000 + b"> endbfrange"
                ),
            )
        ),
    }
    for name, make in made.items():
        yield f"{name}.pdf", make


def pdf_actions(bait: Bait) -> Iterator[Made]:
    touch = f"touch {bait.touched}"
    yield (
        "JavaScript.pdf",
        lambda: pdf(
            simple(
                f"/OpenAction<</S/JavaScript/JS(app.launchURL\\('{bait.address}'\\))>>"
                "/Names<</JavaScript 6 0 R>>",
                o6="<</Names[(a)<</S/JavaScript/JS(while\\(1\\){})>>]>>",
            )
        ),
    )
    yield (
        "launch.pdf",
        lambda: pdf(
            simple(f"/OpenAction<</S/Launch/F(/bin/sh)/Unix<</F(/bin/sh)/P(-c '{touch}')>>>>")
        ),
    )
    yield (
        "links.pdf",
        lambda: pdf(
            simple(
                f"/OpenAction<</S/SubmitForm/F({bait.address})>>",
                o3=page(more=f"/Annots[6 0 R]/AA<</O<</S/URI/URI({bait.address})>>>>"),
                o6="<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A<</S/Launch/F(calc.exe)>>>>",
            )
        ),
    )
    yield (
        "attachment.pdf",
        lambda: pdf(
            simple(
                "/Names<</EmbeddedFiles<</Names[(a.exe)6 0 R]>>>>",
                o6=f"<</Type/Filespec/F({bait.touched})/EF<</F 7 0 R>>>>",
                o7=stream(b"MZ" + bytes(1000), "/Type/EmbeddedFile"),
            )
        ),
    )
    yield (
        "far contents.pdf",
        lambda: pdf(simple(o4=stream(b"", f"/F<</FS/URL/F({bait.address})>>/FFilter/FlateDecode"))),
    )
    yield (
        "form that computes.pdf",
        lambda: pdf(
            simple(
                "/AcroForm<</Fields[6 0 R]/CO[6 0 R]/XFA 7 0 R>>",
                o3=page(more="/Annots[6 0 R]"),
                o6="<</FT/Tx/Subtype/Widget/T(a)/Rect[9 9 99 99]/AA<</C<</S/JavaScript/JS(a\\(\\))>>>>>>",
                o7=stream(f"<xdp><submit target='{bait.address}'/></xdp>".encode()),
            )
        ),
    )


# --- long, deep and odd --------------------------------------------------------------------------


def long_lines(bait: Bait) -> Iterator[Made]:
    yield "100 MB in one line.txt", lambda: ("参保率98.5%，" * 5_600_000).encode()
    yield "100 MB in one line.html", lambda: b"<html><body><p>" + b"98.5% " * 17_000_000
    yield "15 MB in one line.txt", lambda: ("参保率98.5%，" * 800_000).encode()
    yield "digits.txt", lambda: b"9" * 1_000_000
    yield "blanks.txt", lambda: (" " * 500_000 + "参保率98%" + "\n" * 500_000).encode()
    yield "brackets.txt", lambda: ("参保率" + "(" * 100_000 + "98%").encode()
    yield "commas.txt", lambda: ("参保率" + "1," * 200_000 + "98%").encode()
    yield "labels.txt", lambda: ("参保率" * 100_000 + "98%").encode()
    yield "tabs.txt", lambda: ("参保率\t98%\t" * 50_000).encode()
    yield "rows.txt", lambda: ("参保率\t98%\n" * 50_000).encode()
    yield "headings.txt", lambda: ("一、" * 50_000 + "\n" + "(一)\n" * 20_000 + _FIGURE).encode()
    yield "combining.txt", lambda: ("参" + "\u0301" * 200_000 + "保率98%").encode()
    yield "signers.txt", lambda: ("填表人:张 " * 60_000).encode()
    yield "telephones.txt", lambda: ("电话:138 0000 " * 60_000).encode()
    yield "addresses.txt", lambda: ("a" * 200_000 + "@" + "b." * 100_000).encode()
    yield (
        "attributes.html",
        lambda: b"<html><body><p " + b"a=1 " * 500_000 + b">98%</p></body></html>",
    )
    yield "parts.mht", lambda: (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=a\n\n" + b"--a\n" * 100_000
    )  # fmt: skip


def nesting(bait: Bait) -> Iterator[Made]:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('参保率98%')}"
    span = "<td rowspan=99999 colspan=99999>"
    for depth in (30, 3000):
        yield (
            f"{depth} tables.docx",
            functools.partial(
                docx, table * depth + "<w:p/></w:tc></w:tr></w:tbl>" * depth + paragraph(_FIGURE)
            ),
        )
        yield (
            f"{depth} tables.html",
            functools.partial(
                str.encode, "<html><body>" + "<table><tr><td>参保率98%" * depth + _FIGURE
            ),
        )
    yield "boxes.html", lambda: b"<html><body>" + b"<div>" * 100_000 + b"98%"
    yield "types.html", lambda: b"<html><body>" + b"<b><i><font>" * 30_000 + b"98%"
    yield (
        "spans.html",
        lambda: (
            f"<html><body><table><tr>{span}参保率</td><td>98%</td></tr>"
            + f"<tr>{span}1</td></tr>" * 300
            + "</table></body></html>"
        ).encode(),
    )
    yield "groups.rtf", lambda: b"{\\rtf1" + b"{" * 100_000 + b"98%"
    yield (
        "parts.mht",
        lambda: (
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n--a\n"
            + b"".join(
                b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
                for n in range(3000)
            )
        ),
    )


def odd_bytes(bait: Bait) -> Iterator[Made]:
    noise = random.Random(9).randbytes(50_000)
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    made: dict[str, bytes] = {
        "empty.pdf": b"",
        "zeros.docx": bytes(1000),
        "noise.txt": noise,
        "noise.pdf": b"%PDF-1.4" + noise,
        "noise.doc": ole + noise,
        "noise.xls": ole + "Workbook".encode("utf-16-le").ljust(64, b"\0") + b"\x12\0" + noise,
        "noise.rtf": b"{\\rtf1 " + noise,
        "noise.png": b"\x89PNG\r\n\x1a\n" + noise,
        "noise.jpg": b"\xff\xd8\xff\xe0" + noise,
        "noise.tif": b"II*\x00\x08\x00\x00\x00" + noise,
        "noise.zip": b"PK\x03\x04" + noise,
        "controls.txt": ("".join(map(chr, range(1, 32))) * 100 + _FIGURE).encode(),
        "surrogates.txt": (_FIGURE + "\ud800").encode("utf-8", "surrogatepass"),
        "utf-16 cut.txt": _FIGURE.encode("utf-16")[:-1],
        "utf-32.txt": _FIGURE.encode("utf-32"),
        "utf-7.html": b"<html><meta charset='utf-7'><body>+ADw-script+AD4-98%</body></html>",
        "codec zlib.html": b"<html><meta charset='zlib_codec'><body><p>98%</p></body></html>",
        "codec hex.html": b"<html><meta charset='hex'><body><p>98%</p></body></html>",
        "codec idna.html": b"<html><meta charset='idna'><body><p>98% "
        + b"a" * 50_000
        + b"\xff</p>",
        "script.html": (
            "<html><body><script>while(1){}</script><p onclick='x()'>" + _FIGURE + "</p>"
            f"<iframe src='{bait.address}'></iframe><img src='{bait.address}'></body></html>"
        ).encode(),
        "objects.rtf": (
            b"{\\rtf1{\\object\\objautlink\\objupdate{\\*\\objclass Word.Document.8}"
            b"{\\*\\objdata 0105000002000000}}{\\field{\\*\\fldinst INCLUDEPICTURE "
            + f'"{bait.address}" }}}}98%}}'.encode()
        ),
    }
    for name, data in made.items():
        yield name, functools.partial(bytes, data)


def odd_names(bait: Bait) -> Iterator[Made]:
    names = [
        "-rf.pdf",
        "--help.txt",
        "a\nb\r\tc.txt",
        "\U0001f4b0表\U0001f1e8\U0001f1f3.txt",
        "表" * 83 + ".docx",  # 254 bytes
        "n" * 251 + ".txt",  # 255
        "$(touch hit);`touch hit`|&.txt",
        "\u202efdp.txt",
        "'\"\\%s{0}.txt",
        "=1+1.txt",
        " .txt",
        "CON.txt",
        "%PDF-1.7",
    ]
    for number, name in enumerate(names):
        yield name, functools.partial(str.encode, f"{_FIGURE}{number}")


def _name_of_bytes(folder: Path) -> None:
    name = os.fsencode(folder) + b"/\xff\xfe\xb1.txt"
    # Not every system takes a name that is no text.
    with suppress(OSError), open(name, "wb") as file:
        file.write(f"{_FIGURE}bytes".encode())


# --- links, rights and time ----------------------------------------------------------------------


def no_files(bait: Bait) -> Iterator[Made]:
    return iter(())


def _links(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    (folder / "machine").symlink_to("/")
    (folder / "password.txt").symlink_to("/etc/passwd")
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    deep = folder
    for _ in range(100):
        deep = deep / "deeper"
    deep.mkdir(parents=True)
    (deep / "loop").symlink_to(folder)
    (deep / "report.txt").write_text(_FIGURE + "deep", "utf-8")
    os.mkfifo(folder / "pipe.txt")


def _without_rights(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    (closed / "report.txt").write_text(_FIGURE, "utf-8")
    (folder / "secret.txt").write_text(_FIGURE + "secret", "utf-8")
    (folder / "secret.txt").chmod(0)
    closed.chmod(0)


def to_vanish(bait: Bait) -> Iterator[Made]:
    for number, suffix in enumerate(("txt", "pdf", "docx", "zip", "html")):
        data = functools.partial(packed, {"a.txt": f"{_FIGURE}{number}"})
        yield f"vanishes.{suffix}", data
    for name in ("is replaced.txt", "becomes a folder.txt", "becomes a pipe.txt", "is emptied.txt"):
        yield name, functools.partial(str.encode, _FIGURE + name)
    yield "is locked.txt", functools.partial(str.encode, _FIGURE + "locked")


_HELD: list[object] = []


def _vanish(folder: Path) -> None:
    """What happens to files between the moment they are listed and the one they are read."""
    import fcntl

    for path in folder.glob("vanishes.*"):
        path.unlink()
    (folder / "is replaced.txt").write_bytes(bytes(500))
    (folder / "becomes a folder.txt").unlink()
    (folder / "becomes a folder.txt").mkdir()
    (folder / "becomes a pipe.txt").unlink()
    os.mkfifo(folder / "becomes a pipe.txt")
    (folder / "is emptied.txt").write_bytes(b"")
    file = (folder / "is locked.txt").open("rb+")
    fcntl.lockf(file, fcntl.LOCK_EX)
    _HELD.append(file)


# --- everything ----------------------------------------------------------------------------------


def _damaged() -> Iterator[tuple[str, Kind]]:
    for suffix in ("pdf", "docx", "xlsx", "html", "txt"):
        yield (
            f"{suffix} cut off",
            Kind(lambda _, s=suffix: cut_off(samples()[s], s)),
        )
        yield (
            f"{suffix} with a bit flipped",
            Kind(lambda _, s=suffix: flipped(samples()[s], s)),
        )
    for suffix in ("docx", "xlsx"):
        yield (
            f"{suffix} with a bit flipped in a part",
            Kind(lambda _, s=suffix: flipped_inside(samples()[s], s)),
        )
    for suffix in ("doc", "xls", "rtf"):
        for what, damage in (("cut off", cut_off), ("with a bit flipped", flipped)):
            yield (
                f"{suffix} {what}",
                Kind(
                    lambda _, s=suffix, d=damage: d(old_samples().get(s, b""), s),
                    quick=suffix == "xls",
                ),
            )
    # Seconds a page are spent on recognition: every 8 KB.
    for what, damage in (("cut off", cut_off), ("with a bit flipped", flipped)):
        yield (
            f"scan {what}",
            Kind(lambda _, d=damage: d(scanned(), "pdf", 8 * STEP), quick=False),
        )


KINDS: dict[str, Kind] = {
    **dict(_damaged()),
    "zip bombs": Kind(bombs),
    "ways out of a zip": Kind(ways_out),
    "XML entities": Kind(entities),
    "Word files": Kind(word_files),
    "workbooks": Kind(sheets, quick=False),
    "PDF loops and bombs": Kind(pdf_loops, quick=False),
    "PDF scripts, actions, attachments": Kind(pdf_actions),
    "long lines and lists": Kind(long_lines, quick=False),
    "nesting": Kind(nesting, quick=False),
    "bytes of no format": Kind(odd_bytes),
    "file names": Kind(odd_names, _name_of_bytes),
}
if os.name == "posix":
    KINDS |= {
        "links and pipes": Kind(no_files, _links),
        "no right to read": Kind(no_files, _without_rights),
        "changed while reading": Kind(to_vanish, meanwhile=_vanish),
    }


def place(kind: Kind, folder: Path, bait: Bait, chosen: Callable[[str], bool] = bool) -> int:
    """Puts the good report and the files of a kind into a folder; returns how many were chosen."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GOOD).write_bytes(typeset.txt(typeset.MODEL))
    number = 0
    for name, make in kind.files(bait):
        if chosen(name):
            (folder / name).write_bytes(make())
            number += 1
    kind.place(folder)
    return number
