"""Lengths of time as people write them on a command line."""

import re
from typing import Any

import click

WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([smh])")
SECONDS = {"s": 1, "m": 60, "h": 3600}


class Duration(click.ParamType[float]):
    """`90s`, `10m`, `1.5h`, read as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = WRITTEN.fullmatch(str(value).strip().lower())
        seconds = float(found[1]) * SECONDS[found[2]] if found else 0.0
        if not seconds:
            self.fail(f"{value!r} is no length of time; write 90s, 10m or 2h.", param, ctx)
        return seconds
