"""Old Office containers (OLE): what is in one is told by the names in its directory."""

from __future__ import annotations

from ingest.documents.readers import UnreadableError
from ingest.records import Source

_BEGINNING = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The streams that tell a kind, the one that decides first at the top.
_KINDS = (
    ("EncryptedPackage", "protected"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("HwpSummaryInformation", "hwp"),
)


def kind(data: bytes) -> str:
    """What an OLE container holds: protected, doc, xls, ppt, hwp, or "other"; "" for none.

    >>> kind(b"no container")
    ''
    """
    if not data.startswith(_BEGINNING):
        return ""
    for name, found in _KINDS:
        # An entry of the directory: 64 bytes of name, filled up with noughts, then its length.
        entry = name.encode("utf-16-le").ljust(64, b"\0") + (2 * len(name) + 2).to_bytes(
            2, "little"
        )
        if entry in data:
            return found
    return "other"


def protected(source: Source) -> UnreadableError:
    """The complaint about a file that only opens with a password."""
    return UnreadableError(
        f"{source.document} is protected by a password.",
        "Open it with the password in Word, Excel or WPS, and save it without one.",
    )
