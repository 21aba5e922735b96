"""The API: what a script would do, with a token instead of a browser."""

from flask import Flask

from assist.web.api import customers, document, operations, page, rules  # noqa: F401 - some only add their routes


def init_app(app: Flask) -> None:
    document.init_app(app)
    app.register_blueprint(page.blueprint)
