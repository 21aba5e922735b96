"""For whoever writes or uses an adapter: the conformance suite, an in-memory CRM, and faults on demand.

Needs pytest; nothing outside tests imports it.
"""

from crm_adapters.testing.contract import AdapterContract
from crm_adapters.testing.fakecontract import FakeContract, FakeStage
from crm_adapters.testing.faults import Crash, Fault, Faults, FaultyAdapter
from crm_adapters.testing.memory import MemoryCRM
from crm_adapters.testing.memoryadapter import MemoryAdapter
from crm_adapters.testing.memorystage import MemoryStage
from crm_adapters.testing.stage import Stage
from crm_adapters.testing.transport import FileTokenStore, Watch, local_transport
from crm_adapters.testing.world import World, make_outcome

__all__ = [
    "AdapterContract",
    "Crash",
    "FakeContract",
    "FakeStage",
    "Fault",
    "Faults",
    "FaultyAdapter",
    "FileTokenStore",
    "MemoryAdapter",
    "MemoryCRM",
    "MemoryStage",
    "Stage",
    "Watch",
    "World",
    "local_transport",
    "make_outcome",
]
