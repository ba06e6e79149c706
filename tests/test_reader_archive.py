"""Archives: their members are read as reports, within bounds."""

import io
import re
import time
import zipfile

import pytest
from typeset import MODEL
from typeset import docx as typeset_docx
from typeset import html as typeset_html

from ingest.documents import archives, readers, sources
from ingest.documents.archives import ArchiveError
from ingest.documents.readers import UnreadableError


def packed(members, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def found(folder, data, name="a.zip"):
    (folder / name).write_bytes(data)
    return sources.find(folder)


def names(folder, data):
    return [source.document for source in found(folder, data)[0]]


def test_each_report_in_an_archive_is_a_document_of_its_own(tmp_path):
    data = packed({"乙/2023.docx": typeset_docx(MODEL), "甲.html": typeset_html(MODEL)})
    listed, issues = found(tmp_path, data)
    assert issues == ()
    assert [source.document for source in listed] == ["a.zip/乙/2023.docx", "a.zip/甲.html"]
    documents = [readers.read(source) for source in listed]
    assert [document.format for document in documents] == ["docx", "html"]
    assert listed[1].size == len(typeset_html(MODEL))
    assert documents[1].source is listed[1]


def test_a_word_file_or_workbook_is_no_archive(tmp_path):
    (tmp_path / "b.xlsx").write_bytes(packed({"xl/workbook.xml": "x"}))
    assert names(tmp_path, typeset_docx(MODEL)) == ["a.zip", "b.xlsx"]


def test_a_member_with_the_bytes_of_another_file_is_read_once(tmp_path):
    (tmp_path / "b.txt").write_text("参保率98%", encoding="utf-8")
    listed, (issue,) = found(tmp_path, packed({"c.txt": "参保率98%"}))
    assert [source.document for source in listed] == ["a.zip/c.txt"]
    assert (issue.document, issue.kind) == ("b.txt", "duplicate_file")


@pytest.mark.parametrize(
    "name", [".DS_Store", "__MACOSX/a.txt", "~$b.docx", "README.md", "b.csv", "c/"]
)
def test_what_is_no_report_is_left_out(tmp_path, name):
    assert names(tmp_path, packed({name: b"", "a.txt": "参保率98%"})) == ["a.zip/a.txt"]


@pytest.mark.parametrize(
    "name", ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:/a.txt", "..\\a.txt"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused_and_said(tmp_path, name):
    listed, (issue,) = found(tmp_path, packed({name: "x", "b.txt": "参保率98%"}))
    assert [source.document for source in listed] == ["a.zip/b.txt"]
    assert (issue.severity, issue.kind) == ("warning", "unsafe_name")
    assert issue.where == name.replace("\\", "/")
    assert issue.message == "a member whose name leads out of the archive is not read"
    assert "by hand" in issue.action


def test_names_in_gbk_are_read(tmp_path):
    data = packed({"AB.txt": "参保率98%"}).replace(b"AB.txt", "甲".encode("gbk") + b".txt")
    assert names(tmp_path, data) == ["a.zip/甲.txt"]


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path):
    (source,), issues = found(tmp_path, packed({"b.zip": packed({"c.txt": "x"})}))
    assert issues == ()
    with pytest.raises(UnreadableError) as raised:
        readers.read(source)
    assert raised.value.message == (
        "a.zip/b.zip is an archive inside an archive, which is not unpacked."
    )
    assert raised.value.action == "Unpack it and put the reports in it into the raw folder."


def damaged():
    return packed({"a.txt": "参保率98%" * 50}, zipfile.ZIP_STORED).replace(b"98%", b"99%", 1)


def encrypted():
    """An archive whose only member says that it is encrypted."""
    data = bytearray(packed({"a.txt": "x"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


BOUNDS = [
    (
        "MEMBERS",
        1,
        {"a.txt": "1", "b.txt": "2"},
        "the zip container has 2 members, more than the 1 allowed.",
    ),
    (
        "TOTAL",
        2**20,
        {"a.txt": bytes(2**20), "b.txt": bytes(2**20)},
        "the zip container unpacks to 2 MB, more than the 1 MB allowed.",
    ),
    (
        "RATIO",
        200,
        {"a.txt": bytes(2**21)},
        r"a.txt in the zip container grows \d{3,4} times in unpacking, more than the 200 times allow",
    ),
]


def test_an_archive_of_a_million_names_is_not_even_listed(tmp_path, monkeypatch):
    entries = b"PK\x01\x02" * (archives._ENTRIES + 1)
    began = time.process_time()
    listed, (issue,) = found(tmp_path, b"PK\x03\x04" + entries)
    assert time.process_time() - began < 1
    assert listed == ()
    assert issue.message == ("the zip container has 50001 members, more than the 1000 allowed.")


def test_a_file_beyond_the_limit_is_not_opened_to_see_what_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LIMIT", 1000)
    monkeypatch.setattr(readers, "LIMIT", 1000)
    (source,), issues = found(tmp_path, packed({"a.txt": bytes(5000)}, zipfile.ZIP_STORED))
    assert issues == ()
    with pytest.raises(UnreadableError, match="more than the"):
        readers.read(source)


@pytest.mark.parametrize(("bound", "value", "members", "message"), BOUNDS)
def test_an_archive_beyond_its_bounds_is_one_issue(
    tmp_path, monkeypatch, bound, value, members, message
):
    monkeypatch.setattr(archives, bound, value)
    (tmp_path / "b.txt").write_text("参保率98%", encoding="utf-8")
    listed, (issue,) = found(tmp_path, packed(members))
    assert [source.document for source in listed] == ["b.txt"]
    assert (issue.document, issue.severity) == ("a.zip", "error")
    assert re.match(message, issue.message)
    assert issue.action.startswith("Unpack it yourself, look what it is")


@pytest.mark.parametrize(
    ("data", "message", "action"),
    [
        (damaged, "a.txt in the archive is damaged (bad crc-32", "Fetch the archive again"),
        (encrypted, "a.txt in the archive is protected by a password.", "Unpack it with the pass"),
    ],
)
def test_a_member_that_cannot_be_unpacked_is_one_issue(tmp_path, data, message, action):
    listed, (issue,) = found(tmp_path, data())
    assert (listed, issue.severity, issue.kind) == ((), "error", "unreadable")
    assert issue.message.startswith(message)
    assert issue.action.startswith(action)


def test_an_archive_without_members_is_said(tmp_path):
    listed, issues = found(tmp_path, packed({"c/": ""}))
    assert listed == ()
    assert [(issue.kind, issue.message) for issue in issues] == [
        ("empty_archive", "the archive holds no file")
    ]


def test_an_archive_that_changes_after_listing_is_said(tmp_path):
    (source,), _ = found(tmp_path, packed({"b.txt": "参保率98%"}))
    (tmp_path / "a.zip").write_bytes(packed({"c.txt": "x"}))
    with pytest.raises(UnreadableError, match=r"a.zip/b.txt: b.txt is no longer in the archive\. "):
        readers.read(source)


def test_a_damaged_container_is_left_to_the_readers(tmp_path):
    (source,), issues = found(tmp_path, packed({"a.txt": "x"})[:20])
    assert issues == ()
    with pytest.raises(UnreadableError, match=r"is a zip container .* that is damaged or cut off"):
        readers.read(source)


@pytest.mark.parametrize(
    ("part", "message", "action"),
    [
        ("ppt/presentation.xml", "is a presentation (pptx).", "Save it as PDF, or remove it"),
        ("OFD.xml", "is an OFD file.", "Open it in WPS or an OFD reader and save it as PDF."),
        ("content.xml", "is an OpenDocument file.", "Save it as .docx or .xlsx."),
        ("AndroidManifest.xml", "is a program, no report.", "Remove it from the raw folder."),
    ],
)
def test_a_container_of_another_kind_says_what_it_is(tmp_path, part, message, action):
    (source,), _ = found(tmp_path, packed({part: "<x/>"}), "report.docx")
    with pytest.raises(UnreadableError) as raised:
        readers.read(source)
    assert raised.value.message == f"report.docx {message}"
    assert raised.value.action.startswith(action)


def test_a_container_is_checked_before_a_library_opens_it(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MEMBERS", 3)
    (source,), _ = found(tmp_path, typeset_docx(MODEL), "report.docx")
    with pytest.raises(UnreadableError, match=r"report.docx: the zip container has \d+ members"):
        readers.read(source)


def test_check_takes_what_is_within_bounds():
    archives.check(typeset_docx(MODEL))
    with pytest.raises(ArchiveError):
        archives.check(b"PK\x03\x04")
