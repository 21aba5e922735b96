"""Signing a connection in by browser: the admin is sent to the CRM and brings a code back."""

from assist.services.audit import Entry, record
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from crm_adapters.errors import BadSettings
from crm_adapters.oauth import OAuth, SignIn
from crm_adapters.transport import Purpose

AUTHORIZED = "connection.authorized"
CALLBACK = "/oauth/callback"


def begin(desk: Desk, name: str, *, redirect_uri: str | None = None) -> SignIn:
    """`redirect_uri` as it is registered with the CRM; by default our own, where nothing needs to answer if the
    address is brought back by hand. Raises UnknownConnection, and BadSettings where the connection needs no
    browser."""
    return _open(desk, name)[1].begin(redirect_uri or desk.config.public_url + CALLBACK)


def finish(desk: Desk, name: str, sign_in: SignIn, answer: str) -> None:
    """`answer`: the address that the browser was sent to, or the code in it. Raises CRMError."""
    connection_id, oauth = _open(desk, name)
    oauth.finish(sign_in, answer)
    with desk.database.writing() as session:
        record(session, Entry(AUTHORIZED, f"connection:{connection_id}"), at=desk.clock.now())


def _open(desk: Desk, name: str) -> tuple[int, OAuth]:
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    oauth = open_adapter(desk, connection, Purpose.INTERACTIVE).sign_in()
    if oauth is None:
        raise BadSettings(f"{name} signs in with its settings; there is nothing to do in a browser.")
    return connection.id, oauth
