"""What is found out once, by each object for itself."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from crm_adapters.lazy import lazy


class Account:
    def __init__(self) -> None:
        self.asked = 0
        self.begun, self.answer = Event(), Event()

    @lazy
    def currency(self) -> str:
        self.asked += 1
        self.begun.set()
        assert self.answer.wait(10)
        return "EUR"


def test_it_is_asked_for_once() -> None:
    account = Account()
    account.answer.set()
    assert [account.currency, account.currency, account.asked] == ["EUR", "EUR", 1]


def test_nobody_waits_for_anothers_answer() -> None:
    slow, quick = Account(), Account()
    quick.answer.set()
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(lambda: slow.currency)
        assert slow.begun.wait(10)
        assert threads.submit(lambda: quick.currency).result(10) == "EUR"
        slow.answer.set()
        assert waiting.result(10) == "EUR"
