"""Looking a customer up: the sidebar's card, wide. The key comes by POST and stands in no address."""

from flask import request
from flask_babel import get_locale

from assist.services import lookup
from assist.web.auth import requires
from assist.web.console.area import LOOKERS, blueprint, render
from assist.web.context import current_desk

LONGEST_KEY = 320


@blueprint.get("/customers")
@requires(*LOOKERS)
def ask_customer() -> str:
    return render("customer", card=None, key="")


@blueprint.post("/customers")
@requires(*LOOKERS)
def show_customer() -> str:
    key = request.form.get("key", "").strip()[:LONGEST_KEY]
    asked = read_key(key, request.form.get("customer", ""))
    desk = current_desk()
    with desk.database.reading() as session:
        card = lookup.look_up(desk, session, asked) if asked else None
    return render("customer", card=card, key=key)


def read_key(key: str, customer: str) -> lookup.LookUp | None:
    """One box for all a customer is known by: what has an @ is an e-mail, the rest a phone or an id."""
    language = str(get_locale() or "en").replace("_", "-")
    if customer.isdecimal():
        return lookup.LookUp(email=None, phone=None, ref=None, customer_id=int(customer), language=language)
    if not key:
        return None
    is_email = "@" in key
    return lookup.LookUp(
        email=key if is_email else None,
        phone=None if is_email else key,
        ref=None if is_email else key,
        customer_id=None,
        language=language,
    )
