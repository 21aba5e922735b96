"""Hears everything that is logged and every error that a test was refused with, for words that must not be told."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import format_exception

from crm_adapters.errors import CRMError


class Listener(logging.Handler):
    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__(level=0)
        self.words = tuple(word.lower() for word in words)
        self.overheard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text += told(record.exc_info[1])
        self.hear(f"log of {record.name}", text)

    def hear(self, source: str, text: str) -> None:
        """The words are not repeated, only where they were heard."""
        if any(word in text.lower() for word in self.words):
            self.overheard.append(source)


_listeners: list[Listener] = []


@contextmanager
def listen(listener: Listener) -> Iterator[Listener]:
    """To all loggers, whatever their level."""
    root = logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(1)
    _listeners.append(listener)
    try:
        yield listener
    finally:
        _listeners.remove(listener)
        root.setLevel(level)
        root.removeHandler(listener)


def hear_error(error: CRMError) -> None:
    for listener in _listeners:
        listener.hear(f"message of {type(error).__name__}", told(error))


def told(error: BaseException | None) -> str:
    """Everything that a log shows of an error."""
    return "".join(format_exception(error)) if error else ""
