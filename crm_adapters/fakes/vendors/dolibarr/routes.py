"""What is asked of a Dolibarr, and how it answers."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes import server
from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.dolibarr import filling
from crm_adapters.fakes.vendors.dolibarr.office import CURRENCY, Office, show
from crm_adapters.fakes.vendors.dolibarr.sqlfilters import fault, fits
from crm_adapters.fakes.wire import Refused, reply, route

ROOT = "/api/index.php"
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


class Routes(server.Fake):
    version = "20.0.2"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.office = Office(self.now)
        self.rights = {*NEEDED.values(), *WRITING, "societe.client.voir"}
        self.administrator = False
        self.takes_single_lines = True
        """Whether the call for several lines has made one for a single line needed."""
        self.cleans_all = False
        """Whether HTML is cleaned of everything but text."""
        self.skipped: set[str] = set()
        """Rows that go while a list is read."""

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

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
        """Source: rows are found first and then read one by one, and one that cannot be read is left out."""
        self._require(NEEDED[name])
        filters, limit = request.args.get("sqlfilters", ""), int(request.args.get("limit", "100"))
        wanted = [one for one in request.args.get("thirdparty_ids", "").split(",") if one]
        table = self.office.tables[name]
        fits(filters, lambda column: self._column(name, Row("0", {}, self.now(), self.now()), column))
        rows = [
            row
            for row in table.live()
            if (not wanted or row.values.get("socid") in wanted)
            and fits(filters, lambda column, row=row: self._column(name, row, column))  # type: ignore[misc]  # a default keeps the row
        ]
        key = request.args.get("sortfield", "t.rowid")
        if key != ("t.id" if name == "agendaevents" else "t.rowid"):
            raise Refused(fault(503, "Service Unavailable", f"Unknown column {key} in 'order clause'"))
        page = sorted(rows, key=lambda row: int(row.id))[:limit]
        shown = [show(row) for row in page if row.id not in self.skipped]
        if not shown and name in EMPTY_IS_MISSING:
            raise Refused(fault(404, "Not Found", f"{name.capitalize()} not found"))
        return reply(shown)

    def _column(self, name: str, row: Row, column: str) -> str:
        """Source: third parties have a second telephone from 20 on."""
        if name == "thirdparties" and column == "t.phone_mobile" and self.major < NAMES_MOBILES:
            raise KeyError(column)
        return self.office.column(name, row, column)

    @route("GET", f"{ROOT}/<any({','.join(NEEDED)}):name>/<int:ref>")
    def read_row(self, _request: Request, name: str, ref: int) -> Response:
        self._require(NEEDED[name])
        return reply(show(self._one(name, str(ref))))

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
        return reply(show(self.office.tables["thirdparties"].change(row, values)))

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
        currency is worked out; HTML is cleaned of comments, scripts and classes."""
        self._require("propal.creer")
        row = self._one("proposals", ref)
        if row.values["statut"] != "0" or not self.office.tables["products"].get(str(body.get("fk_product"))):
            raise Refused(fault(400, "Bad Request", "ErrorLine"))
        rate = Decimal(row.values["multicurrency_tx"])
        foreign = Decimal(body.get("multicurrency_subprice") or 0)
        price = foreign / rate if foreign else Decimal(body.get("subprice") or 0)
        dirt = r"<[^>]*>" if self.cleans_all else r"<!--.*?-->|</?script[^>]*>| class=\"[^\"]*\""
        line = filling.make_line(
            self.office,
            fk_product=str(body["fk_product"]),
            desc=re.sub(dirt, "", body.get("desc") or ""),
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
