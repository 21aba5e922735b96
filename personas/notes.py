"""What a CRM is told about a suggestion: a sentence and what else is known, in the language its people read."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from personas.content import Fields, InvalidContent
from personas.languages import LANGUAGES, Translated
from personas.talk_tracks import Price, format_price

SENTENCES = ("offered", "accepted", "declined", "declined_by_customer", "declined_by_agent", "wrong_data")
LINES = ("reason", "price", "upsell", "cross_sell", "replenish", "channel", "agent")
CHANNELS = ("insert", "copy", "voice")

_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class NoteValues:
    act: str
    """`offered` · `accepted` · `declined` · `wrong_data`."""
    product: str
    agent: str
    kind: str
    """`upsell` · `cross_sell` · `replenish`: what the anchor is to the product."""
    anchor: str | None = None
    price: Price | None = None
    reason: Translated | None = None
    said_by: str | None = None
    """Whose reason it is: `customer` or `agent`."""
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    sentences: Mapping[str, Translated]
    lines: Mapping[str, Translated]
    channels: Mapping[str, Translated]

    def write(self, values: NoteValues, language: str) -> str:
        """Lines of text; the first can stand alone. A value with line breaks in it stays on its line."""
        sentence = self.sentences[_sentence(values)].into(language)
        names = {"product": _in_one_line(values.product), "agent": _in_one_line(values.agent)}
        told = [_fill(sentence, names)]
        for name, value in self._known(values, language, named="{agent}" in sentence):
            told.append(_fill(self.lines[name].into(language), {"value": _in_one_line(value)}))
        return "\n".join(told)

    def _known(self, values: NoteValues, language: str, *, named: bool) -> Iterator[tuple[str, str]]:
        """`named`: the sentence says who the agent is."""
        if values.reason:
            yield "reason", values.reason.into(language)
        if values.price:
            yield "price", format_price(values.price, language)
        if values.anchor and values.anchor != values.product and values.kind in self.lines:
            yield values.kind, values.anchor
        if values.channel and values.channel in self.channels:
            yield "channel", self.channels[values.channel].into(language)
        if not named:
            yield "agent", values.agent


def parse_notes(raw: object, *, path: str) -> Notes:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    notes = Notes(
        sentences=_texts(fields, "sentences", SENTENCES, {"agent", "product"}),
        lines=_texts(fields, "lines", LINES, {"value"}),
        channels=_texts(fields, "channels", CHANNELS, set()),
    )
    fields.finish()
    return notes


def _sentence(values: NoteValues) -> str:
    return f"{values.act}_by_{values.said_by}" if values.act == "declined" and values.said_by else values.act


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _texts(
    fields: Fields, name: str, keys: Collection[str], placeholders: Collection[str]
) -> dict[str, Translated]:
    inner = Fields(fields.raw(name), fields.at(name))
    found = {key: inner.translated(key) for key in keys}
    inner.finish()
    for key, text in found.items():
        _refuse_unknown(text, placeholders, inner.at(key))
    return found


def _refuse_unknown(text: Translated, placeholders: Collection[str], path: str) -> None:
    for language in LANGUAGES:
        for placeholder in _PLACEHOLDER.findall(text.into(language)):
            if placeholder not in placeholders:
                known = ", ".join(sorted(placeholders)) or "none"
                raise InvalidContent(
                    f"{path}.{language}", f"there is no {{{placeholder}}}; there are {known}."
                )
