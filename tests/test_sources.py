"""Finding report files: what is read, what is left out, and what a person is told."""

import hashlib
import os

import pytest

from ingest.documents import sources


def put(folder, name, content=b"x"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(folder):
    return [source.document for source in sources.find(folder)[0]]


def test_files_are_found_below_and_sorted_by_their_path(tmp_path):
    put(tmp_path, "乙县/2023.txt", b"1")
    put(tmp_path, "a.txt", b"2")
    put(tmp_path, "b/c/d.pdf", b"3")
    assert names(tmp_path) == ["a.txt", "b/c/d.pdf", "乙县/2023.txt"]


def test_a_source_carries_fingerprint_and_size(tmp_path):
    path = put(tmp_path, "a.txt", "北塔区".encode())
    ((source,), issues) = sources.find(tmp_path)
    assert source.sha256 == hashlib.sha256("北塔区".encode()).hexdigest()
    assert (source.size, source.path, issues) == (9, str(path), ())


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.txt",
        ".git/config",
        "README.md",
        "readme",
        "sources.csv",
        "~$报告.docx",
        "Thumbs.db",
    ],
)
def test_what_is_no_report_is_left_out_silently(tmp_path, name):
    put(tmp_path, name)
    assert sources.find(tmp_path) == ((), ())


def test_a_table_of_data_is_left_out_and_said(tmp_path):
    put(tmp_path, "gold.csv")
    found, (issue,) = sources.find(tmp_path)
    assert (found, issue.kind, issue.severity) == ((), "not_a_report", "info")
    assert issue.action == "save it as .xlsx or .txt if it is a report's form"


def test_of_equal_files_the_first_by_name_is_kept_and_the_other_named(tmp_path):
    put(tmp_path, "b.txt", b"same")
    put(tmp_path, "a.txt", b"same")
    found, (issue,) = sources.find(tmp_path)
    assert [source.document for source in found] == ["a.txt"]
    assert (issue.document, issue.kind, issue.severity) == ("b.txt", "duplicate_file", "warning")
    assert issue.message == "same bytes as a.txt, which is read instead"
    assert issue.action == "remove one of the two files"


def test_links_out_of_the_folder_and_loops_are_not_followed(tmp_path):
    secret = put(tmp_path, "outside/secret.txt", b"secret")
    raw = tmp_path / "raw"
    put(raw, "a.txt")
    (raw / "leak.txt").symlink_to(secret)
    (raw / "loop").symlink_to(raw, target_is_directory=True)
    found, issues = sources.find(raw)
    assert [source.document for source in found] == ["a.txt"]
    assert [(issue.document, issue.kind) for issue in issues] == [
        ("leak.txt", "symbolic_link"),
        ("loop", "symbolic_link"),
    ]


def test_a_file_that_cannot_be_opened_is_one_issue_and_the_rest_is_read(tmp_path, monkeypatch):
    put(tmp_path, "a.txt", b"1")
    put(tmp_path, "b.txt", b"2")
    fingerprint = sources._fingerprint

    def refuse(path):
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return fingerprint(path)

    monkeypatch.setattr(sources, "_fingerprint", refuse)
    found, (issue,) = sources.find(tmp_path)
    assert [source.document for source in found] == ["b.txt"]
    assert (issue.severity, issue.kind) == ("error", "unreadable_file")
    assert issue.message == "the file could not be opened (Permission denied)"
    assert "you may read it" in issue.action


def test_a_folder_that_cannot_be_listed_is_one_issue(tmp_path, monkeypatch):
    put(tmp_path, "a.txt")
    put(tmp_path, "closed/b.txt")
    scandir = os.scandir

    def refuse(folder):
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(sources.os, "scandir", refuse)
    found, (issue,) = sources.find(tmp_path)
    assert [source.document for source in found] == ["a.txt"]
    assert (issue.document, issue.kind) == ("closed", "unreadable_folder")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are no text")
def test_a_name_that_is_no_text_is_written_readably(tmp_path):
    (tmp_path / os.fsdecode(b"\xb1\xb1.txt")).write_bytes(b"x")
    assert names(tmp_path) == ["\\xb1\\xb1.txt"]


def test_a_missing_folder_says_what_to_do(tmp_path):
    with pytest.raises(sources.NoFolderError, match=r"gone: no such folder.*ingest build FOLDER"):
        sources.find(tmp_path / "gone")
