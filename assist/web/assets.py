"""Static files under addresses that change with their content, so that browsers may keep them for ever.

The version is a part of the path, not a query: ES modules import each other by relative addresses, and those
keep the path. One version covers a whole top folder (`sidebar`, `console`) of `assist/static`.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

ROOT = Path(__file__).resolve().parent.parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
PACKED = frozenset({".ico", ".png"})
EXTENSION = "assist.assets"

blueprint = Blueprint("assets", __name__, url_prefix="/assets")


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    gzipped: bytes | None
    """None where the format is compressed already."""
    type: str


@dataclass(frozen=True, slots=True)
class Assets:
    files: Mapping[str, Asset]
    """By address below `static`: `sidebar/main.js`."""
    versions: Mapping[str, str]
    """By top folder."""


def init_app(app: Flask) -> None:
    """Registers the blueprint and gives templates `asset_url`."""
    app.extensions[EXTENSION] = read_assets(ROOT)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset_url"] = asset_url


def asset_url(name: str) -> str:
    """`sidebar/main.js` → `/assets/<version>/sidebar/main.js`. Raises LookupError for a missing file."""
    assets = _assets()
    if name not in assets.files:
        raise LookupError(f"there is no static file {name}")
    return url_for("assets.send", version=assets.versions[_folder(name)], name=name)


def asset_names(folder: str, suffix: str) -> list[str]:
    """The files directly in one top folder, sorted."""
    return sorted(name for name in _assets().files if _folder(name) == folder and name.endswith(suffix))


def read_assets(root: Path) -> Assets:
    paths = sorted(path for path in root.rglob("*") if path.suffix in TYPES)
    files = {path.relative_to(root).as_posix(): _read(path) for path in paths}
    digests = {folder: sha256() for folder in map(_folder, files)}
    for name, asset in files.items():
        digests[_folder(name)].update(name.encode() + b"\0" + asset.body)
    return Assets(files, {folder: digest.hexdigest()[:12] for folder, digest in digests.items()})


@blueprint.get("/<version>/<path:name>")
def send(version: str, name: str) -> Response:
    assets = _assets()
    asset = assets.files.get(name) or abort(404)
    zipped = asset.gzipped if request.accept_encodings["gzip"] else None
    response = Response(zipped or asset.body, content_type=asset.type)
    if zipped:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    # A page from before an update asks for the old version: it gets the new file, but must not keep it.
    current = version == assets.versions[_folder(name)]
    response.headers["Cache-Control"] = FOR_EVER if current else "no-store"
    return response


def compress(response: Response) -> Response:
    """Only for pages without secrets: their length would tell about them beside text that others chose."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data()))
        response.content_encoding = "gzip"
    return response


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    zipped = None if path.suffix in PACKED else gzip.compress(body, mtime=0)
    return Asset(body, zipped, TYPES[path.suffix])


def _folder(name: str) -> str:
    return name.partition("/")[0]


def _assets() -> Assets:
    return cast(Assets, current_app.extensions[EXTENSION])
