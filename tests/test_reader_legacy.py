"""Old Word files: what they hold decides, LibreOffice converts, extractous stands in."""

import email.mime.multipart
import email.mime.text
import io
import os
import stat
import sys

import docx
import pytest
from typeset import MODEL, converted, office
from typeset import doc as typeset_doc
from typeset import docx as typeset_docx
from typeset import html as typeset_html
from typeset import rtf as typeset_rtf

from ingest.documents import readers
from ingest.documents.readers import UnreadableError, legacy
from ingest.records import Source

with_office = pytest.mark.skipif(
    office() is None, reason="needs LibreOffice (Debian: apt-get install libreoffice-writer)"
)


# The least that passes for an old Word file: its beginning, and an entry of its directory.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
WORD = "WordDocument".encode("utf-16-le").ljust(64, b"\0") + b"\x1a\0"


@pytest.fixture(scope="module")
def old_word():
    return typeset_doc(MODEL)


def read(tmp_path, data, name="report.doc"):
    path = tmp_path / name
    path.write_bytes(data)
    return readers.read(Source(name, str(path), "0" * 64, len(data)))


def texts(document):
    return [document.text[b.start : b.end] for b in document.blocks if b.kind != "table"]


def tables(document):
    """Rows of the words of every table's cells."""
    found = []
    for block in document.blocks:
        if block.kind == "table":
            rows = {}
            for cell in block.cells:
                rows.setdefault(cell.row, []).append(document.text[cell.start : cell.end])
            found.append(list(rows.values()))
    return found


@pytest.mark.parametrize(
    ("write", "format", "reader"),
    [(typeset_docx, "docx", "python-docx"), (typeset_html, "html", "lxml")],
)
def test_a_doc_is_read_as_what_it_holds(tmp_path, write, format, reader):
    found = read(tmp_path, write(MODEL))
    assert (found.format, found.reader) == (format, reader)


@with_office
@pytest.mark.parametrize("name", ["report.doc", "report.wps"])
def test_libreoffice_gives_the_same_blocks_as_the_docx(tmp_path, old_word, name):
    old = read(tmp_path, old_word, name)
    new = read(tmp_path, typeset_docx(MODEL), "report.docx")
    assert (old.format, old.reader) == ("doc", "libreoffice")
    assert (old.text, old.blocks) == (new.text, new.blocks)
    assert "table 2 row 3 cell 2" in {place.where for place in old.places}


@with_office
def test_rich_text_and_opendocument_are_converted_too(tmp_path):
    new = read(tmp_path, typeset_docx(MODEL), "report.docx")
    rich = read(tmp_path, typeset_rtf(MODEL), "report.rtf")
    assert (rich.format, rich.reader) == ("rtf", "libreoffice")
    assert rich.text == new.text
    open_document = read(tmp_path, converted(typeset_docx(MODEL), "docx", "odt"), "report.odt")
    assert (open_document.format, open_document.text) == ("odt", new.text)


@with_office
def test_a_damaged_doc_says_what_to_do(tmp_path):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, OLE + WORD)
    assert raised.value.message.startswith("report.doc could not be converted (LibreOffice ended")
    assert raised.value.action == "Open it in Word or WPS and save it as .docx, without a password."


def test_an_old_office_file_that_is_cut_off_says_so(tmp_path):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, OLE)
    assert "is an old Office file of unknown kind, or one that is cut off" in raised.value.message


@with_office
def test_without_libreoffice_extractous_gives_every_cell(tmp_path, old_word, monkeypatch):
    pytest.importorskip("extractous", reason="needs the extra `doc`: pip install extractous")
    with_libreoffice = read(tmp_path, old_word)
    monkeypatch.setattr(legacy, "office", lambda: None)
    flattened = read(tmp_path, old_word)
    assert (flattened.format, flattened.reader) == ("doc", "extractous")
    assert texts(flattened) == texts(with_libreoffice)
    filled = [
        [[[c for c in row if c] for row in table] for table in tables(found)]
        for found in (flattened, with_libreoffice)
    ]
    assert filled[0] == filled[1]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (OLE + WORD, "an old Word file (doc or wps)"),
        (b"{\\rtf1 abc}", "a rich text file"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>',
            "a Word file of 2003 (XML)",
        ),
    ],
)
def test_without_any_program_the_complaint_names_what_to_install(
    tmp_path, monkeypatch, data, found
):
    monkeypatch.setattr(legacy, "office", lambda: None)
    monkeypatch.setattr(legacy.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, data)
    assert raised.value.message == (
        f"report.doc is {found}, which needs LibreOffice, and there is none here."
    )
    assert raised.value.action.startswith("Install LibreOffice (Debian: apt-get install libreoff")
    assert "save the file as .docx" in raised.value.action


def fake_office(tmp_path, monkeypatch, body):
    """A program in LibreOffice's place; it runs `body` with the command line in `args`."""
    program = tmp_path / "soffice"
    program.write_text(
        f"#!{sys.executable}\nimport sys, time, shutil, pathlib\nargs = sys.argv[1:]\n{body}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(legacy, "office", lambda: str(program))


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")


@needs_scripts
def test_a_conversion_without_end_is_stopped(tmp_path, monkeypatch):
    fake_office(tmp_path, monkeypatch, "time.sleep(60)")
    monkeypatch.setattr(legacy, "SECONDS", 0.5)
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, OLE + WORD)
    assert raised.value.message == "report.doc took LibreOffice longer than 0.5 seconds."
    assert raised.value.action == "Open it in Word or WPS and save it as .docx."


@needs_scripts
def test_libreoffice_runs_with_a_profile_of_its_own_that_forbids_macros(tmp_path, monkeypatch):
    made = docx.Document()
    made.add_paragraph("参保率98%。")
    file = io.BytesIO()
    made.save(file)
    (tmp_path / "made.docx").write_bytes(file.getvalue())
    fake_office(
        tmp_path,
        monkeypatch,
        f"""
profile = next(a for a in args if a.startswith("-env:UserInstallation=file://"))
folder = pathlib.Path(profile.split("file://")[1])
shutil.copy(folder / "user" / "registrymodifications.xcu", {str(tmp_path / "settings")!r})
out = pathlib.Path(args[args.index("--outdir") + 1])
out.mkdir()
shutil.copy({str(tmp_path / "made.docx")!r}, out / "report.docx")
pathlib.Path({str(tmp_path / "folder")!r}).write_text(str(folder))
""",
    )
    assert read(tmp_path, OLE + WORD).text.strip() == "参保率98%。"
    settings = (tmp_path / "settings").read_text()
    assert '"DisableMacrosExecution" oor:op="fuse"><value>true' in settings
    assert not os.path.exists((tmp_path / "folder").read_text())


def test_a_web_archive_is_read_as_its_page(tmp_path):
    archive = email.mime.multipart.MIMEMultipart("related")
    archive.attach(email.mime.text.MIMEText(typeset_html(MODEL).decode(), "html", "utf-8"))
    archive.attach(email.mime.text.MIMEText("参保率50%", "plain", "utf-8"))
    data = b"MIME-Version: 1.0\n" + archive.as_bytes()
    found = read(tmp_path, data)
    assert (found.format, found.reader) == ("mhtml", "lxml")
    assert found.text == read(tmp_path, typeset_html(MODEL)).text


def test_a_web_archive_without_a_page_says_so(tmp_path):
    archive = email.mime.multipart.MIMEMultipart("related")
    with pytest.raises(
        UnreadableError, match=r"report.doc is a web archive without a page in it\. "
    ):
        read(tmp_path, b"MIME-Version: 1.0\n" + archive.as_bytes())
