"""Finds report files below a folder, and in archives there, and takes their fingerprints.

Never writes there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ingest.documents import archives, private
from ingest.records import Issue, Source

NOT_REPORTS = ("sources.csv", "thumbs.db", "desktop.ini")


class NoFolderError(OSError):
    """The raw folder is not there, or is no folder."""


class NoReportsError(ValueError):
    """The raw folder holds no report file."""


def find(raw: Path) -> tuple[tuple[Source, ...], tuple[Issue, ...]]:
    """All report files below `raw`, sorted by name, and what a person should look at.

    Left out: hidden files, README files, `sources.csv`, lock files of office programs; and, with
    an issue, other CSV files and symbolic links (what they lead to inside the folder is read under
    its own name; what lies outside is not the user's to publish). Of files with the same bytes the
    first by name is kept. Reports in a zip archive are found under the archive's name
    ("archive.zip/report.docx"). What is private in a name is masked; names that are the same then
    are told apart by ~2, ~3. Raises NoFolderError when `raw` is no folder.
    """
    if not raw.is_dir():
        raise NoFolderError(
            f"{raw}: no such folder. Put the reports into a folder and name it: ingest build FOLDER"
        )
    issues: list[Issue] = []
    found: list[Source] = []
    for path in _files(raw, raw, issues):
        document = name_of(path, raw)
        try:
            if _is_archive(path):
                found += _packed(path, document, issues)
                continue
            size, sha256 = _fingerprint(path)
        except OSError as error:
            issues.append(
                Issue(
                    document,
                    "error",
                    "unreadable_file",
                    "the whole file",
                    f"the file could not be opened ({error.strerror or 'no reason given'})",
                    "check that it exists, that you may read it, and that no program holds it open",
                )
            )
            continue
        found.append(Source(document, str(path), sha256, size))
    found = _told_apart(sorted(found, key=lambda source: (source.document, source.path)))
    first: dict[str, Source] = {}
    for source in found:
        kept = first.setdefault(source.sha256, source)
        if kept is not source:
            issues.append(
                Issue(
                    source.document,
                    "warning",
                    "duplicate_file",
                    "the whole file",
                    f"same bytes as {kept.document}, which is read instead",
                    "remove one of the two files",
                )
            )
    return tuple(first.values()), tuple(map(private.issue, issues))


def find_some(raw: Path) -> tuple[tuple[Source, ...], tuple[Issue, ...]]:
    """As `find`; raises NoReportsError where there is no report, and no file that could not be opened."""
    found, issues = find(raw)
    if not found and not any(issue.severity == "error" for issue in issues):
        raise NoReportsError(
            f"{raw}: no report file below this folder. Put reports there (text, and the other "
            "formats the README names), or name another folder: ingest build FOLDER"
        )
    return found, issues


def name_of(path: Path, raw: Path) -> str:
    """The name of a file in every table: its path below the raw folder, with slashes.

    Bytes that are no text in the name of a file are written as \\xNN, line ends and other characters
    that do not print as \\n, \\u202e; what is private is masked.
    """
    return _printed(
        os.fsencode(path.relative_to(raw).as_posix()).decode("utf-8", "backslashreplace")
    )


def _printed(name: str) -> str:
    """A name that fits on one line, prints as it reads, and holds nothing private.

    >>> _printed("联系人\\n13800000000.pdf")
    '联系人\\\\n***********.pdf'
    """
    return "".join(
        c if c.isprintable() or c == "\u3000" else c.encode("unicode_escape").decode("ascii")
        for c in private.words(name)
    )


def _told_apart(found: Iterable[Source]) -> list[Source]:
    """The same sources with names of their own, where masking has made two the same."""
    named: dict[str, Source] = {}
    for source in found:
        name, number = source.document, 1
        while name in named:
            number += 1
            path = PurePosixPath(source.document)
            name = path.with_name(f"{path.stem}~{number}{path.suffix}").as_posix()
        named[name] = replace(source, document=name)
    return list(named.values())


def _files(folder: Path, raw: Path, issues: list[Issue]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        issues.append(
            Issue(
                name_of(folder, raw),
                "error",
                "unreadable_folder",
                "the whole folder",
                f"the folder could not be listed ({error.strerror or 'no reason given'})",
                "check that you may read it, or move it away",
            )
        )
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_symlink():
            issues.append(
                Issue(
                    name_of(path, raw),
                    "info",
                    "symbolic_link",
                    "the whole file",
                    "a symbolic link is not followed",
                    "copy the report itself into the folder if it should be read",
                )
            )
        elif entry.name.startswith((".", "~$")):
            continue
        elif entry.is_dir():
            yield from _files(path, raw, issues)
        elif entry.name.lower().endswith(".csv") and not _is_no_report(entry.name):
            issues.append(
                Issue(
                    name_of(path, raw),
                    "info",
                    "not_a_report",
                    "the whole file",
                    "a CSV file holds a table of data and is not read as a report",
                    "save it as .xlsx or .txt if it is a report's form",
                )
            )
        elif entry.is_file() and not _is_no_report(entry.name):
            yield path


def _is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, and no docx or xlsx, which are zip containers too.

    A file too large to be read is left to the readers to refuse.
    """
    if path.stat().st_size > archives.LIMIT:
        return False
    with path.open("rb") as file:
        return bool(archives.kind(file.read(4))) and archives.kind(path.read_bytes()) == "zip"


def _packed(path: Path, document: str, issues: list[Issue]) -> Iterator[Source]:
    """The reports in an archive. An archive in an archive is left to the reader to refuse."""
    try:
        members, unsafe = archives.members(path.read_bytes())
    except archives.ArchiveError as error:
        issues.append(
            Issue(
                document,
                "error",
                "unreadable",
                "the whole file",
                error.message + ".",
                error.action + ".",
            )
        )
        return
    for name in unsafe:
        issues.append(
            Issue(
                document,
                "warning",
                "unsafe_name",
                _printed(name),
                "a member whose name leads out of the archive is not read",
                "unpack it by hand and put it into the raw folder if it is a report",
            )
        )
    if not members and not unsafe:
        issues.append(
            Issue(
                document,
                "warning",
                "empty_archive",
                "the whole file",
                "the archive holds no file",
                "fetch it again, or remove it from the raw folder",
            )
        )
    for member in members:
        name = member.name.rsplit("/", 1)[-1]
        if not _is_no_report(name) and not name.lower().endswith(".csv"):
            named = f"{document}/{_printed(member.name)}"
            yield Source(named, str(path / member.name), member.sha256, member.size)


def _is_no_report(name: str) -> bool:
    return name.lower() in NOT_REPORTS or name.lower().startswith("readme")


def _fingerprint(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest
