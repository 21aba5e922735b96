"""What an object finds out once, when it is first asked."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - used as the decorator that it is
    """As `functools.cached_property` is from Python 3.12 on. Before, that holds one lock for all instances of a
    class while the value is worked out: where this asks a CRM, all connections of the vendor wait for one of them."""

    def __init__(self, find: Callable[[Any], Value]) -> None:
        self._find = find
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Value:
        if instance is None:
            return self
        value = self._find(instance)
        vars(instance)[self._name] = value
        return value
