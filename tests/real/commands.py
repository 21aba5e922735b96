"""The command line on a shop, as an admin uses it beside the running server."""

import json
from dataclasses import dataclass
from typing import Any

from tests.assist.processes.nursery import Nursery
from tests.assist.processes.shop import Shop


@dataclass(frozen=True, slots=True)
class Commands:
    nursery: Nursery
    shop: Shop

    def run(self, *arguments: str, expect: int = 0) -> str:
        log = self.shop.folder / "commands"
        ran = self.nursery.run(arguments, environment=self.shop.environment, log=log)
        assert ran.exit_code == expect, ran.output
        return ran.output

    def sync(self) -> dict[str, Any]:
        """Reports by kind."""
        output = self.run("crm", "sync", "shop", "--json")
        reports = json.loads(output[output.index("[\n") :])
        return {report["kind"]: report for report in reports}
