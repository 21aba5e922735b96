"""A process that keeps renewing a connection's token in the database, which another one renews as well."""

import os
import sys

from assist.clock import SystemClock
from assist.db import Database, open_engine
from assist.services.tokens import DatabaseTokens
from assist.vault import Vault
from tests.crm_adapters.refresher import refresh_often

if __name__ == "__main__":
    database = Database(open_engine(sys.argv[2]))
    vault = Vault([os.environ["ASSIST_VAULT_KEYS"]])
    tokens = DatabaseTokens(database, vault, SystemClock(), int(sys.argv[3]))
    refresh_often(sys.argv[1], tokens, int(sys.argv[4]))
