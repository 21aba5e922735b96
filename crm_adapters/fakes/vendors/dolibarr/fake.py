"""Who is let in, what is asked, and what Dolibarr's own people do."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes import server
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.dolibarr import filling
from crm_adapters.fakes.vendors.dolibarr.office import CURRENCY, Office, show
from crm_adapters.fakes.vendors.dolibarr.sqlfilters import fault, fits
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, WebhookRequest

ROOT = "/api/index.php"
NAMES = {
    Kind.CUSTOMERS: "thirdparties",
    Kind.PRODUCTS: "products",
    Kind.ORDERS: "orders",
    Kind.CASES: "tickets",
}
TRIGGERS = {
    Kind.CUSTOMERS: "COMPANY_MODIFY",
    Kind.PRODUCTS: "PRODUCT_MODIFY",
    Kind.ORDERS: "ORDER_VALIDATE",
    Kind.CASES: "TICKET_MODIFY",
}
ADDRESS = "https://assist.example.com/webhooks/1?secret="
NEEDED = {
    "thirdparties": "societe.lire", "contacts": "societe.contact.lire", "products": "produit.lire",
    "orders": "commande.lire", "invoices": "facture.lire", "proposals": "propal.lire", "tickets": "ticket.read",
    "agendaevents": "agenda.myactions.read", "categories": "categorie.lire",
}  # fmt: skip
WRITING = ("societe.creer", "propal.creer", "agenda.myactions.create", "user.self.creer")
EMPTY_IS_MISSING = frozenset({"thirdparties", "contacts", "products", "agendaevents"})
"""Lists without rows that are 404: the first seen, the rest from the source; others are `[]` (orders seen)."""
KEPT = frozenset(
    {"name", "email", "phone", "default_lang", "url", "ref_ext", "client", "address", "zip", "town"}
)
COUNTRIES = {code: 100 + number for number, code in enumerate(("BR", "DE", "DK", "ES", "MX", "PT", "US"))}
FORBIDS_BY_403 = 20
NAMES_MOBILES = 20
USER = 7


class Fake(server.Fake):
    name = "dolibarr"
    token = "key-Qzx7-secret"  # noqa: S105 - of a fake
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake
    version = "20.0.2"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.office = Office(self.now)
        self.rights = {*NEEDED.values(), *WRITING, "societe.client.voir"}
        self.administrator = False
        self.takes_single_lines = True
        """Whether the call for several lines has made one for a single line needed."""

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "key": self.token, "currency": CURRENCY, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.office, record)

    def delete(self, kind: Kind, ref: str) -> None:
        table = self.office.tables[NAMES[kind]]
        table.remove(table.rows[ref])
        if kind is Kind.CUSTOMERS:
            for contact in self.office.contacts_of(ref):
                self.office.tables["contacts"].remove(contact)

    def close_deal(self, ref: str) -> None:
        """Signed."""
        filling.keep(self.office, "proposals", ref, {"statut": "2"})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.office.tables["agendaevents"].live()]

    def lines(self) -> list[str]:
        rows = self.office.tables["proposals"].live()
        return [json.dumps(line) for row in rows for line in row.values["lines"]]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """Source: the record whole, signed by nothing; up to 20 labelled as a form."""
        row = self.office.tables[NAMES[kind]].rows[ref]
        body = json.dumps({"triggercode": TRIGGERS[kind], "object": show(row)}).encode()
        label = "application/x-www-form-urlencoded" if self.major <= 20 else "application/json"
        return WebhookRequest(
            "POST", f"{ADDRESS}{self.webhook_secret}", {"Content-Type": label}, body, self.now()
        )

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """Only the address can be wrong."""
        genuine = self.webhook(kind, ref)
        bare = ADDRESS.partition("?")[0]
        return [
            replace(genuine, url=url)
            for url in (bare, f"{ADDRESS}another", f"{bare}?key={self.webhook_secret}")
        ]

    def authorize(self, request: Request) -> None:
        if request.headers.get("DOLAPIKEY") != self.token:
            raise Refused(self.unauthorized())

    def unauthorized(self) -> Response:
        """Source."""
        told = "Error user not valid (not found with api key or bad status or bad validity dates) (conf->entity=1)"
        return fault(401, "Unauthorized", told)

    def refused(self, request: Request) -> Response:
        return fault(400, "Bad Request", f"invalid {request.full_path} {request.get_data(as_text=True)}")

    def not_found(self) -> Response:
        """Restler's own, for a path that no class takes."""
        return fault(404, "Not Found")

    def _require(self, right: str) -> None:
        """Source: 401 up to 19, 403 later."""
        if right in self.rights:
            return
        if self.major >= FORBIDS_BY_403:
            raise Refused(fault(403, "Forbidden"))
        raise Refused(fault(401, "Unauthorized", "Access not allowed for login assist"))

    @route("GET", f"{ROOT}/status")
    def tell_status(self, _request: Request) -> Response:
        found = {"code": 200, "dolibarr_version": self.version, "access_locked": "0"}
        return reply({"success": found})

    @route("GET", f"{ROOT}/setup/company")
    def tell_company(self, _request: Request) -> Response:
        """Source: to administrators only."""
        if not self.administrator:
            raise Refused(fault(403, "Forbidden", "Error API open to admin users only"))
        return reply({"id": None, "name": "Shop", "currency_code": CURRENCY})

    @route("GET", f"{ROOT}/setup/dictionary/countries/byCode/<code>")
    def tell_country(self, _request: Request, code: str) -> Response:
        if code not in COUNTRIES:
            raise Refused(fault(404, "Not Found", "country not found"))
        return reply({"id": str(COUNTRIES[code]), "code": code})

    @route("GET", f"{ROOT}/users/info")
    def tell_user(self, request: Request) -> Response:
        self._require("user.self.creer")
        found: Values = {"id": str(USER), "login": "assist", "admin": "1" if self.administrator else "0"}
        if request.args.get("includepermissions") == "1":
            found["rights"] = _nest(self.rights)
        return reply(found)

    @route("GET", f"{ROOT}/<any({','.join(NEEDED)}):name>")
    def list_rows(self, request: Request, name: str) -> Response:
        """Source: one more row is looked for than is shown; what is not known is ignored."""
        self._require(NEEDED[name])
        filters, limit = request.args.get("sqlfilters", ""), int(request.args.get("limit", "100"))
        wanted = [one for one in request.args.get("thirdparty_ids", "").split(",") if one]
        table = self.office.tables[name]
        rows = [
            row
            for row in table.live()
            if (not wanted or row.values.get("socid") in wanted)
            and fits(filters, lambda column, row=row: self._column(name, row, column))  # type: ignore[misc]  # a default keeps the row
        ]
        start = int(request.args.get("page", "0")) * limit
        shown = [self._show(row) for row in sorted(rows, key=lambda row: int(row.id))[start : start + limit]]
        if not shown and name in EMPTY_IS_MISSING:
            raise Refused(fault(404, "Not Found", f"{name.capitalize()} not found"))
        return reply(shown)

    def _column(self, name: str, row: Row, column: str) -> str:
        """Source: third parties have a second telephone from 20 on."""
        if name == "thirdparties" and column == "t.phone_mobile" and self.major < NAMES_MOBILES:
            raise KeyError(column)
        return self.office.column(name, row, column)

    def _show(self, row: Row) -> Values:
        return show(row)

    @route("GET", f"{ROOT}/<any({','.join(NEEDED)}):name>/<int:ref>")
    def read_row(self, _request: Request, name: str, ref: int) -> Response:
        self._require(NEEDED[name])
        return reply(self._show(self._one(name, str(ref))))

    def _one(self, name: str, ref: str) -> Row:
        row = self.office.tables[name].get(ref)
        if row is None:
            raise Refused(fault(404, "Not Found", f"{name} not found"))
        return row

    @route("GET", f"{ROOT}/products/<ref>/categories")
    def list_categories(self, _request: Request, ref: str) -> Response:
        self._require("categorie.lire")
        table = self.office.tables["categories"]
        found = [table.rows[other] for product, other in sorted(self.office.members) if product == ref]
        return reply([show(row) for row in found])

    @route("GET", f"{ROOT}/products/<ref>/subproducts")
    def list_parts(self, _request: Request, ref: str) -> Response:
        """Source."""
        self._require("produit.lire")
        found = [(other, moves) for product, other, moves in self.office.associated if product == ref]
        return reply([{"rowid": other, "qty": "1", "incdec": moves} for other, moves in found])

    @route("PUT", f"{ROOT}/thirdparties/<ref>")
    def change_thirdparty(self, request: Request, ref: str) -> Response:
        """Unknown fields are taken without a word (seen); a country by its number alone, and complementary
        attributes all together (source, of 18)."""
        self._require("societe.creer")
        row, body = self._one("thirdparties", ref), request.get_json()
        values = {name: value for name, value in body.items() if name in KEPT}
        if "country_id" in body:
            codes = {number: code for code, number in COUNTRIES.items()}
            values["country_code"] = codes.get(int(body["country_id"]), "")
        if "array_options" in body:
            values["array_options"] = body["array_options"]
        return reply(self._show(self.office.tables["thirdparties"].change(row, values)))

    @route("POST", f"{ROOT}/agendaevents")
    def add_event(self, request: Request) -> Response:
        """Seen: the answer is a number. Source: only for oneself, without the right for everybody's."""
        self._require("agenda.myactions.create")
        body = request.get_json()
        if body.get("userownerid") != USER and "agenda.allactions.create" not in self.rights:
            raise Refused(
                fault(401, "Unauthorized", f"Insufficient rights for owner id {body.get('userownerid')}")
            )
        kept = {"label": body.get("label"), "note_private": body.get("note_private") or body.get("note")}
        kept |= {name: str(body[name]) for name in ("socid", "type_code", "percentage") if name in body}
        return reply(int(self.office.tables["agendaevents"].add({**kept, "datep": body.get("datep")}).id))

    @route("POST", f"{ROOT}/proposals/<ref>/line")
    def add_line(self, request: Request, ref: str) -> Response:
        if not self.takes_single_lines:
            raise Refused(self.not_found())
        return self._add_line(ref, request.get_json())

    @route("POST", f"{ROOT}/proposals/<ref>/lines")
    def add_lines(self, request: Request, ref: str) -> Response:
        """Source: a single line, until there is another call for that; a list of them from then on."""
        body = request.get_json()
        if not self.takes_single_lines:
            return self._add_line(ref, body)
        answers = [self._add_line(ref, line) for line in body]
        return answers[-1]

    def _add_line(self, ref: str, body: Values) -> Response:
        """Source: drafts only; the price is what is sent, never the product's, and what it comes to in another
        currency is worked out; HTML is cleaned of comments and scripts."""
        self._require("propal.creer")
        row = self._one("proposals", ref)
        if row.values["statut"] != "0" or not self.office.tables["products"].get(str(body.get("fk_product"))):
            raise Refused(fault(400, "Bad Request", "ErrorLine"))
        rate = Decimal(row.values["multicurrency_tx"])
        foreign = Decimal(body.get("multicurrency_subprice") or 0)
        price = foreign / rate if foreign else Decimal(body.get("subprice") or 0)
        line = filling.make_line(
            self.office,
            fk_product=str(body["fk_product"]),
            desc=re.sub(r"<!--.*?-->|</?script[^>]*>", "", body.get("desc") or ""),
            qty=str(body.get("qty")),
            subprice=price,
            multicurrency_subprice=foreign or price * rate,
        )
        lines = [*row.values["lines"], line]
        self.office.tables["proposals"].change(row, {"lines": lines, **filling.totals(lines)})
        return reply(int(line["id"]))


def _nest(rights: set[str]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for right in sorted(rights):
        *groups, name = right.split(".")
        inner = nested
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = 1
    return nested
