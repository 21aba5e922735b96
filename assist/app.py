"""The one place where the parts are put together."""

from flask import Flask

from assist.clock import Clock, SystemClock
from assist.config import Config
from assist.db import Database, open_engine
from assist.jobs import Jobs, open_queue
from assist.services.crowd import CrowdShelf
from assist.services.desk import Desk
from assist.services.figures import FiguresShelf
from assist.services.live import LiveCRM
from assist.services.serving import ModelShelf
from assist.services.shelf import ReleaseShelf
from assist.services.switchboard import SwitchBoard
from assist.vault import Vault, ensure_keys
from assist.web import api, assets, auth, console, errors, health, language, security, sidebar, webhooks
from assist.web.context import CROWD, DESK, JOBS


def build_desk(config: Config, *, clock: Clock | None = None) -> Desk:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    stored = None
    if not (config.secret_key and config.vault_keys):
        stored = ensure_keys(config.data_dir / "keys.json")
    time = clock or SystemClock()
    database = Database(open_engine(config.database_url))
    return Desk(
        config=config,
        clock=time,
        database=database,
        vault=Vault(config.vault_keys or (stored.vault_keys if stored else ())),
        secret_key=config.secret_key or (stored.secret_key if stored else ""),
        releases=ReleaseShelf(database, time),
        models=ModelShelf(database, config.models_dir),
        figures=FiguresShelf(database),
        live=LiveCRM(),
        switches=SwitchBoard(database),
    )


def create_app(config: Config, *, clock: Clock | None = None, desk: Desk | None = None) -> Flask:
    app = Flask("assist", static_folder=None)
    app.extensions[DESK] = desk = desk or build_desk(config, clock=clock)
    app.extensions[JOBS] = Jobs(desk, open_queue(config))
    app.extensions[CROWD] = CrowdShelf()
    app.secret_key = desk.secret_key
    for part in (security, errors, language, assets):
        part.init_app(app)
    for part in (sidebar, console, auth, health, webhooks):
        app.register_blueprint(part.blueprint)
    api.init_app(app)
    return app
