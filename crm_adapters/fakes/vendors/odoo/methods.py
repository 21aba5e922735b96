"""The methods that may be called from outside, by the names of their parameters."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from crm_adapters.fakes.vendors.odoo.database import Database

READING = frozenset({"search_read", "read", "fields_get", "has_access", "check_access_rights", "context_get"})
OF_MODELS = frozenset({"search_read", "fields_get", "create", "load", "context_get"})
"""Take no ids."""
FIRST_HTML = 17
Named = Mapping[str, Any]


class OdooError(Exception):
    """`kind`: the exception's class as answers name it."""

    def __init__(self, kind: str, message: str, status: int) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


def denied(model: str) -> OdooError:
    return OdooError("odoo.exceptions.AccessError", f"You are not allowed to access {model} records.", 403)


def missing() -> OdooError:
    return OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.", 404)


def invalid(message: str) -> OdooError:
    return OdooError("odoo.exceptions.ValidationError", message, 422)


class Methods:
    def __init__(self, database: Database, uid: int) -> None:
        self.database = database
        self.uid = uid
        self.denied: set[tuple[str, str]] = set()
        """Models and operations that the user is not allowed."""

    def call(self, model: str, method: str, ids: Sequence[int], named: Named, context: Named) -> Any:
        """§8: what is wrong comes as OdooError, or as a ValueError of Odoo's own."""
        methods: dict[str, Callable[..., Any]] = {
            "search_read": self.search_read,
            "read": self.read,
            "create": self.create,
            "write": self.write,
            "load": self.load,
            "fields_get": self.fields_get,
            "message_post": self.message_post,
            "context_get": lambda *_: {"lang": "en_US", "tz": "UTC", "uid": self.uid},
        }
        access = "has_access" if self.database.major() >= 18 else "check_access_rights"
        methods[access] = lambda model, _ids, _context, *, operation, **_: (
            (model, operation) not in self.denied
        )
        if method not in methods:
            raise OdooError("werkzeug.exceptions.NotFound", f"{model} has no public method {method}", 404)
        if method in OF_MODELS and ids:
            raise _unprocessable(f"cannot call {model}.{method} with ids")
        try:
            return methods[method](model, ids, context, **named)
        except TypeError as error:
            raise _unprocessable(str(error)) from None

    def require(self, model: str, operation: str) -> None:
        if (model, operation) in self.denied:
            raise denied(model)

    def search_read(
        self,
        model: str,
        _ids: Sequence[int],
        context: Named,
        *,
        domain: Sequence[Any] = (),
        fields: Sequence[str] = (),
        **page: Any,
    ) -> list[dict[str, Any]]:
        self.require(model, "read")
        if page.keys() - {"offset", "limit", "order"}:
            raise TypeError(f"search_read() got an unexpected keyword argument: {sorted(page)}")
        rows = self.database.search(model, domain, archived=context.get("active_test") is False)
        for name in reversed([part.strip() for part in page.get("order", "id").split(",")]):
            rows.sort(key=lambda row, name=name: self.database.value(model, row, name))  # type: ignore[misc]  # a default keeps the name
        first, most = page.get("offset", 0), page.get("limit")
        found = rows[first : None if most is None else first + most]
        return [self.database.show(model, row, self._names(model, fields)) for row in found]

    def read(
        self, model: str, ids: Sequence[int], _context: Named, *, fields: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """*Seen*: what is not there is left out."""
        self.require(model, "read")
        rows = [row for number in ids if (row := self.database.get(model, number))]
        return [self.database.show(model, row, self._names(model, fields)) for row in rows]

    def _names(self, model: str, fields: Sequence[str]) -> Sequence[str]:
        return fields or [
            name for name, field in self.database.fields(model).items() if field.type != "binary"
        ]

    def fields_get(
        self,
        model: str,
        _ids: Sequence[int],
        _context: Named,
        *,
        allfields: Sequence[str] = (),
        attributes: Sequence[str] = (),
    ) -> dict[str, dict[str, Any]]:
        """Whoever may not read the records is told of their fields all the same."""
        return {
            name: {
                key: value
                for key, value in {
                    "type": field.type,
                    "string": name.replace("_", " ").capitalize(),
                    "readonly": field.readonly,
                    "required": False,
                    "store": field.stored,
                    **({"selection": [list(one) for one in field.options]} if field.options else {}),
                    **({"relation": field.relation} if field.relation else {}),
                }.items()
                if not attributes or key in attributes
            }
            for name, field in self.database.fields(model).items()
            if not allfields or name in allfields
        }

    def create(
        self, model: str, _ids: Sequence[int], _context: Named, *, vals_list: Sequence[Named]
    ) -> list[int]:
        self.require(model, "create")
        return [int(self.database.add(model, self._checked(model, values)).id) for values in vals_list]

    def write(self, model: str, ids: Sequence[int], _context: Named, *, vals: Named) -> bool:
        self.require(model, "write")
        rows = [self.database.get(model, number) for number in ids]
        for row in rows:
            if row is None:
                raise missing()
            self.database.change(model, row, self._checked(model, vals))
        return True

    def _checked(self, model: str, values: Named) -> dict[str, Any]:
        """§7, *seen*: a country by its name clears the field, and nobody is told."""
        known = self.database.fields(model)
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"Invalid field {name!r} on model {model!r}")
            options = [code for code, _ in known[name].options]
            if options and value and value not in options:
                raise ValueError(f"Wrong value for {model}.{name}: {value!r}")
        ones = {name for name, field in known.items() if field.type == "many2one"}
        return {
            name: False if name in ones and not isinstance(value, int) else value
            for name, value in values.items()
        }

    def load(
        self,
        model: str,
        _ids: Sequence[int],
        _context: Named,
        *,
        fields: Sequence[str],
        data: Sequence[list[str]],
    ) -> dict[str, Any]:
        """§7: the same name again changes the record; what is refused comes as messages, with 200. Of one row."""
        self.require(model, "create")
        row = dict(zip(fields, data[0], strict=True))
        module, _, name = row.pop("id").partition(".")
        values = {key.removesuffix("/.id"): _imported(key, value) for key, value in row.items()}
        product = self.database.get("product.product", values.get("product_id"))
        if (
            model != "sale.order.line"
            or product is None
            or not self.database.get("sale.order", values["order_id"])
        ):
            told = "No matching record found for database id"
            return {
                "ids": False,
                "messages": [{"type": "error", "message": told, "field": "product_id"}],
                "nextrow": 0,
            }
        wanted = [["module", "=", module], ["name", "=", name]]
        known = self.database.search("ir.model.data", wanted, archived=True)
        if known:
            line = self.database.need(model, str(known[0].values["res_id"]))
            self.database.change(model, line, values)
        else:
            usual = {
                "name": product.values["name"],
                "price_unit": product.values["lst_price"],
                "product_uom_qty": 1.0,
            }
            line = self.database.add(model, usual | values)
            names = {"module": module, "name": name, "model": model, "res_id": int(line.id)}
            self.database.add("ir.model.data", names)
        return {"ids": [int(line.id)], "messages": [], "nextrow": 0}

    def message_post(
        self, model: str, ids: Sequence[int], _context: Named, *, body: str = "", message_type: str = "notification",
        subtype_xmlid: str = "", **more: Any,
    ) -> list[int]:  # fmt: skip
        """§6, *seen*: HTML is text unless it is said to be HTML; no notes of a user without an e-mail."""
        self.require("mail.message", "create")
        (number,) = ids
        if self.database.get(model, number) is None:
            raise missing()
        user = self.database.get("res.users", self.uid)
        if user is None or not user.values["email"]:
            raise invalid("Unable to send message, please configure the sender's email address.")
        if more.keys() - ({"body_is_html"} if self.database.major() >= FIRST_HTML else set()):
            raise ValueError(f"message_post() got an unexpected keyword: {sorted(more)}")
        html = (
            body
            if more.get("body_is_html") or self.database.major() < FIRST_HTML
            else f"<p>{escape(body)}</p>"
        )
        values = {"model": model, "res_id": number, "body": html, "message_type": message_type}
        return [int(self.database.add("mail.message", values | {"subtype": subtype_xmlid}).id)]


def _unprocessable(message: str) -> OdooError:
    return OdooError("werkzeug.exceptions.UnprocessableEntity", message, 422)


def _imported(name: str, value: str) -> Any:
    """Texts, as they stand in a file."""
    return int(value) if name.endswith("/.id") else float(value)
