"""The words for true and false that spreadsheets write in European languages (Excel's TRUE and FALSE, yes and no)."""

from __future__ import annotations

__all__ = ["as_boolean"]

_LANGUAGES = {
    "programs": ("true 1 enabled", "false 0 disabled"),
    "English": ("yes y", "no n"),
    "Bulgarian": ("истина да", "лъжа не"),
    "Croatian": ("istina točno da", "laž netočno ne"),
    "Czech": ("pravda ano", "nepravda ne"),
    "Danish": ("sand ja", "falsk nej"),
    "Dutch": ("waar ja", "onwaar nee"),
    "Estonian": ("tõene jah", "väär ei"),
    "Finnish": ("tosi kyllä", "epätosi ei"),
    "French": ("vrai oui", "faux non"),
    "German": ("wahr ja", "falsch nein"),
    "Greek": ("αληθές αληθής αληθες αληθης ναι", "ψευδές ψευδής ψευδες ψευδης όχι"),  # noqa: RUF001
    "Hungarian": ("igaz igen", "hamis nem"),
    "Italian": ("vero sì si", "falso no"),
    "Latvian": ("patiess patiesība jā", "aplams nepatiesība nē"),
    "Lithuanian": ("tiesa taip", "netiesa ne"),
    "Norwegian": ("sann ja", "usann nei"),
    "Polish": ("prawda tak", "fałsz nie"),
    "Portuguese": ("verdadeiro sim", "falso não nao"),
    "Romanian": ("adevărat da", "fals nu"),
    "Russian": ("истина да", "ложь нет"),
    "Slovak": ("pravda áno", "nepravda nie"),
    "Slovenian": ("res drži da", "narobe ne"),
    "Spanish": ("verdadero sí si", "falso no"),
    "Swedish": ("sant ja", "falskt nej"),
    "Turkish": ("doğru evet", "yanlış yanliş hayır hayir"),  # noqa: RUF001
    "Ukrainian": ("істина так", "хибність ні"),
}
_WORDS = {
    word.casefold(): meaning
    for words in _LANGUAGES.values()
    for text, meaning in zip(words, (True, False), strict=True)
    for word in text.split()
}


def as_boolean(text: str) -> bool | str | None:
    """What a text says; None where it is empty, the text itself where it is not understood."""
    word = text.strip()
    return _WORDS.get(word.casefold(), word or None)
