"""Old Word files (doc, wps, rtf) and their kin, turned into docx by LibreOffice and read as such.

LibreOffice is looked for when it is needed. Without it, extractous (an optional extra) gives the
text of a doc with its tables flattened, one cell a line, which the text reader puts together
again. Of rich text it would lose the rows, so that one needs LibreOffice.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ingest.documents import archives
from ingest.documents.readers import UnreadableError, assembly, html, ole, text, word
from ingest.records import Document, Source

SECONDS = 120
"""How long LibreOffice may take for one file."""

_RTF = b"{\\rtf"
_XML = b'<?mso-application progid="Word.Document"?>'
_SAMPLE = 4096
_PROGRAMS = ("soffice", "libreoffice", "soffice.exe")
# Where it stands when it is not on the path.
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)
# No macro runs, nothing that a file links to is fetched.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel"
 oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop
 oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop
 oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link"
 oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
_INSTALL = (
    "Install LibreOffice (Debian: apt-get install libreoffice-writer; other systems: "
    "libreoffice.org) and run again; or save the file as .docx with Word or WPS."
)


def matches(data: bytes) -> bool:
    """Whether the bytes are an old Word file, rich text, or a web page packed as one file."""
    return bool(_format(data))


def read(source: Source, data: bytes) -> Document:
    """Reads an old Word file into a document; raises UnreadableError if it cannot.

    The document's `reader` tells whether LibreOffice or extractous made the text.
    """
    form = _format(data)
    if form == "protected":
        raise ole.protected(source)
    if form == "mhtml":
        pieces = html.pieces(source, _unpacked(source, data))
        return assembly.document(source, form, "lxml", pieces)
    program = office()
    if program:
        pieces = word.pieces(source, _converted(source, data, form, program))
        return assembly.document(source, form, "libreoffice", pieces)
    if form == "doc" and importlib.util.find_spec("extractous"):
        return _flattened(source, data, form)
    raise UnreadableError(
        f"{source.document} is {_NAMES[form]}, which needs LibreOffice, and there is none here.",
        _INSTALL,
    )


_NAMES = {
    "doc": "an old Word file (doc or wps)",
    "rtf": "a rich text file",
    "odt": "an OpenDocument text",
    "wordml": "a Word file of 2003 (XML)",
}


def _format(data: bytes) -> str:
    if data.startswith(_RTF):
        return "rtf"
    head = data[:_SAMPLE]
    if head.lstrip().lower().startswith((b"mime-version:", b"from: <")) and b"multipart" in head:
        return "mhtml"
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml") and _XML in head:
        return "wordml"
    if archives.kind(data) == "opendocument" and b"opendocument.text" in data[:200]:
        return "odt"
    found = ole.kind(data)
    return found if found in ("doc", "protected") else ""


def office() -> str | None:
    """The LibreOffice of this machine, None without one."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return found or next((place for place in _PLACES if Path(place).is_file()), None)


def _converted(source: Source, data: bytes, form: str, program: str) -> bytes:
    """The docx that LibreOffice makes of the file, in a profile and folder thrown away after."""
    with tempfile.TemporaryDirectory(prefix="xianbi-") as name:
        folder = Path(name)
        profile = folder / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        report = folder / f"report.{'xml' if form == 'wordml' else form}"
        report.write_bytes(data)
        code = _run(
            [
                program,
                "--headless",
                "--norestore",
                "--nolockcheck",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--convert-to",
                "docx:MS Word 2007 XML",
                "--outdir",
                str(folder / "out"),
                str(report),
            ],
            source,
        )
        made = folder / "out" / "report.docx"
        if not made.is_file():
            raise UnreadableError(
                f"{source.document} could not be converted (LibreOffice ended with code {code}): "
                "it is damaged or protected by a password.",
                "Open it in Word or WPS and save it as .docx, without a password.",
            )
        return made.read_bytes()


def _run(command: list[str], source: Source) -> int:
    """Runs a program in a process group of its own, and ends the whole group when time is up."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise UnreadableError(
                f"{source.document} took LibreOffice longer than {SECONDS} seconds.",
                "Open it in Word or WPS and save it as .docx.",
            ) from error
        finally:
            if process.poll() is None:
                # LibreOffice starts others, which would live on.
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()


def _flattened(source: Source, data: bytes, form: str) -> Document:
    import extractous

    try:
        words, _ = extractous.Extractor().extract_bytes_to_string(bytearray(data))
    except (RuntimeError, ValueError, OSError) as error:
        raise UnreadableError(
            f"{source.document} could not be read by extractous: it is damaged or protected by a "
            "password.",
            _INSTALL,
        ) from error
    cleaned = text.clean(words)
    if not cleaned.strip():
        raise UnreadableError(f"{source.document} holds no text that extractous finds.", _INSTALL)
    return Document(source, form, "extractous", cleaned, tuple(text.blocks(cleaned)))


def _unpacked(source: Source, data: bytes) -> bytes:
    """The page in a web archive (mht), in UTF-8."""
    try:
        import email.policy

        message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
        page = message.get_body(("html",))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        # The parser of the standard library raises any of these over parts that make no sense.
        page = None
    if page is None:
        raise UnreadableError(
            f"{source.document} is a web archive without a page in it.",
            "Open it in a browser or Word and save it as .docx or .html.",
        )
    content = page.get_payload(decode=True)
    charset = page.get_content_charset("")
    try:
        return bytes(content).decode(charset).encode("utf-8-sig") if charset else bytes(content)
    except (UnicodeDecodeError, LookupError):
        return bytes(content)
