"""NormalizeDiacritics: letters with marks become plain ones.

Source: the function's table in Microsoft's "Reference for writing expressions". Half of its rows are known here, of
each letter the upper or the lower case; the other case is made from it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

__all__ = ["normalize_diacritics"]

_LISTED = {
    "A": "Ä À Â Ã Å Á Ą Ă Ā Ā́ Ā̀ Ā̂ Ā̃ Ǟ Ā̈ Ǡ A̱ Å̄",
    "AE": "Æ Ǣ",
    "C": "Ç Č Ć C̄ C̱",
    "D": "Ď D̄ Ḏ",
    "E": "Ë È É Ê Ę Ě Ė Ē Ḗ Ḕ Ē̂ Ē̃ Ê̄ E̱ Ë̄ E̊̄",
    "G": "Ğ Ḡ G̱",
    "I": "Ï Î Ì Í İ Ī Ī́ Ī̀ Ī̂ Ī̃ I̱",
    "L": "Ł Ľ L̄ Ḹ Ḻ",
    "N": "Ñ Ń Ň N̄ Ṉ",
    "O": "Ö Ò Ő Õ Ô Ó Ō Ṓ Ṑ Ō̂ Ō̃ Ȫ Ō̈ Ǭ Ȭ Ȱ O̱",
    "OE": "Ø Ø̄ Œ̄",
    "R": "Ř R̄ Ṟ Ṝ",
    "S": "Š Ś Ș Ş S̄ S̱",
    "T": "Ť Ț T̄ Ṯ",
    "U": "Ü Ù Û Ú Ů Ű Ū Ū́ Ū̀ Ū̂ Ū̃ U̇̄ Ǖ Ṻ Ṳ̄ U̱",
    "Y": "Ÿ Ý Ȳ Ȳ́ Ȳ̀ Ȳ̃ Y̱",
    "Z": "Ź Ž Ż Z̄ Ẕ",
}
# Latin letters that no mark can be taken off from; for those that the table does not list.
_FOLDED = {"Œ": "OE", "œ": "oe", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "TH", "þ": "th"} | {
    "Ħ": "H", "ħ": "h", "Ŋ": "N", "ŋ": "n", "ẞ": "SS",
}  # fmt: skip

_CLUSTER = re.compile("[^\u0300-\u036f][\u0300-\u036f]*")


def _table() -> dict[str, str]:
    table = {"ß": "ss", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
    for plain, letters in _LISTED.items():
        for letter in letters.split():
            decomposed = unicodedata.normalize("NFD", letter)
            table[decomposed] = plain
            lower = "".join(character.lower() for character in decomposed)
            table[lower] = plain.lower()
    return table


_TABLE = _table()


def normalize_diacritics(text: str, unlisted: Literal["kept", "folded"]) -> str:
    """The text with the listed letters made plain, however their marks are composed."""
    if text.isascii():
        return text

    def plain(match: re.Match[str]) -> str:
        cluster = match[0]
        if cluster.isascii():
            return cluster
        decomposed = unicodedata.normalize("NFD", cluster)
        found = _TABLE.get(decomposed)
        if found is None and unlisted == "folded":
            base = "".join(character for character in decomposed if not unicodedata.combining(character))
            return "".join(_FOLDED.get(character) or _TABLE.get(character, character) for character in base)
        return cluster if found is None else found

    return _CLUSTER.sub(plain, text)
