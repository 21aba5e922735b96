"""The application over a desk of its own."""

import pytest
from flask import Flask

from assist.app import create_app
from assist.config import Config
from assist.services.desk import Desk
from tests.assist.web.visitors import Visitor


@pytest.fixture
def app(config: Config, desk: Desk) -> Flask:
    return create_app(config, desk=desk)


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    return Visitor(app.test_client())
