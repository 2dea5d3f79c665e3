"""How a text file is written: its encoding and its line ends, told from its first bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import BinaryIO

from eptura_scim.simulation.directory_check.partition import NotAnExportError

__all__ = ["HEAD_BYTES", "TextLayout", "text_layout"]

HEAD_BYTES = 1 << 20
"""How much of a file is read to find out what it is."""

_CHUNK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MOSTLY = 0.4


@dataclass(frozen=True)
class TextLayout:
    """The encoding of a text, where it starts, and what ends its lines."""

    encoding: str
    start: int
    """Bytes of the byte order mark."""
    newline: str

    @property
    def end(self) -> bytes:
        """What ends a line, in bytes."""
        return self.newline.encode(self.encoding)

    def decode(self, data: bytes) -> str:
        """The text; bytes that are not text become lone surrogates."""
        errors = "surrogateescape" if self.encoding == "utf-8" else "replace"
        return data.decode(self.encoding, errors)

    def read_line(self, file: BinaryIO, longest: int) -> bytes:
        """The bytes up to the end of the line, or `longest` of them. The file then stands behind them."""
        line = bytearray()
        width = len(self.end)
        while len(line) < longest and (chunk := file.read(min(_CHUNK, longest - len(line)))):
            begin = max(len(line) - width + 1, 0)
            line += chunk
            at = line.find(self.end, begin)
            while at >= 0 and at % width:  # between two characters of UTF-16
                at = line.find(self.end, at + 1)
            if at >= 0:
                file.seek(at + width - len(line), 1)
                return bytes(line[: at + width])
        return bytes(line)


def text_layout(head: bytes) -> TextLayout:
    """How the text is written that begins so. Raises NotAnExportError for UTF-32."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise NotAnExportError("UTF-32 text: save it as UTF-8")
    mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", ""))
    encoding = encoding or _without_mark(head[:_CHUNK])
    text = head[len(mark) : _CHUNK].decode(encoding, "replace")
    ends = [at for character in "\r\n" if (at := text.find(character)) >= 0]
    is_old_mac = bool(ends) and text[min(ends)] == "\r" and text[min(ends) + 1 : min(ends) + 2] != "\n"
    return TextLayout(encoding, len(mark), "\r" if is_old_mac else "\n")


def _without_mark(head: bytes) -> str:
    """UTF-16 shows by its zeros: every second byte of a text in Latin letters is one."""
    if head[1::2].count(0) > _MOSTLY * len(head) / 2:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > _MOSTLY * len(head) / 2 else "utf-8"
