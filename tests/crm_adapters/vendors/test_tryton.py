"""Tryton's adapter against Tryton's fake: the suite, and what is Tryton's own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    AuthRevoked,
    Conflict,
    CRMError,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.tryton import Fake
from crm_adapters.fakes.vendors.tryton.database import Database
from crm_adapters.model import (
    Customer,
    CustomerKey,
    DealKind,
    Email,
    KeyKind,
    Kind,
    Money,
    NewLine,
    OpenDeal,
    OrderStatus,
    Product,
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import Run, sync
from crm_adapters.vendors.tryton import Adapter
from crm_adapters.vendors.tryton.failures import judge
from crm_adapters.vendors.tryton.known import read_ids, write_ids
from crm_adapters.vendors.tryton.values import decode, encode

SETTINGS = {"page_size": 5, "mapping": {"customer.id.shop": "code", "customer.crm.floor": "shop_floor"}}
SETTLED = timedelta(hours=2)


class TestTryton(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"name": "Aña Núñez", "language": "es", "crm.floor": "2"}
    lacks = frozenset(
        {
            "customer.given_name",
            "customer.family_name",
            "customer.company",
            "order.time",
            "product.family",
            "product.further_prices",
        }
    )
    deals_are_orders = True
    renews = True

    def hold(self, record: Any) -> Any:
        """Everybody has a code; of languages there are only some; what can take a line is a draft of a sale."""
        match record:
            case Customer(language="pt-BR"):
                return replace(record, language="pt")
            case Customer():
                return replace(record, declared_ids=record.declared_ids or {"shop": f"P{record.ref}"})
            case OpenDeal():
                return replace(record, kind=DealKind.QUOTE)
        return record


class Shop:
    """A fake that is served, an adapter on it, and what its people do."""

    def __init__(self, fake: Fake, watch: Watch, url: str, refs: dict[str, str]) -> None:
        self.fake = fake
        self.watch = watch
        self.url = url
        self.refs = refs
        self.adapter = self.connect()
        self.cursors = {kind: sync(self.adapter, kind).cursor for kind in self.adapter.capabilities.kinds}

    @property
    def database(self) -> Database:
        return self.fake.office.database

    @property
    def ana(self) -> str:
        return self.refs["ana"]

    def connect(self, **settings: Any) -> Adapter:
        """With a session of its own."""
        raw = {**self.fake.settings(self.url), **SETTINGS, **settings}
        return Adapter(Adapter.load_settings(raw), local_transport(self.watch))

    def add_opportunity(self) -> str:
        values = {"party": int(self.ana), "currency": 1, "description": "New shop", "state": "lead"}
        return f"opportunity:{self.database.add('sale.opportunity', **values)}"

    def listed(self, kind: Kind) -> Run:
        """By the next sync, after hours in which nothing else happened."""
        self.watch.now += SETTLED
        return sync(self.adapter, kind, self.cursors[kind])


@pytest.fixture
def shop() -> Iterator[Shop]:
    watch = Watch()
    fake = Fake(watch.clock)
    refs = fake.fill(Seed())
    with serving(fake) as url:
        yield Shop(fake, watch, url, refs)


def test_either_series_is_found_at_its_own_address(shop: Shop) -> None:
    shop.fake.become("7.0")
    adapter = shop.connect()
    assert "Tryton 7.0" in adapter.check().findings[0].message
    assert adapter.get_customer(shop.ana).ref == shop.ana


def test_a_session_goes_on_at_the_new_address_after_an_update(shop: Shop) -> None:
    shop.fake.become("7.0")
    adapter = shop.connect()
    assert adapter.log_outcome(make_outcome(shop.ana), key="before").created
    shop.fake.become("8.2")
    assert adapter.log_outcome(make_outcome(shop.ana), key="after").created


def test_series_differ_in_what_they_know(shop: Shop) -> None:
    deal = shop.add_opportunity()
    shop.fake.become("7.0")
    adapter = shop.connect()
    priced = {item.ref: item for page in sync(adapter, Kind.PRODUCTS).pages for item in page.items}
    phone = priced[shop.refs["phone"]]
    assert isinstance(phone, Product)
    assert phone.prices == (Money(Decimal(500), "EUR"),)
    assert adapter.relations(shop.refs["phone"]) == []
    with pytest.raises(Unsupported):
        adapter.add_line(deal, NewLine(shop.refs["case"]), key="line-1")


def test_one_session_serves_all_instances(shop: Shop) -> None:
    before = len([one for one in shop.fake.log if one.path == "/rpc/"])
    for _ in range(3):
        type(shop.adapter)(shop.adapter.settings, shop.adapter.transport).get_customer(shop.ana)
    assert len([one for one in shop.fake.log if one.path == "/rpc/"]) == before


def test_a_wrong_password_is_tried_once(shop: Shop) -> None:
    wrong = shop.connect(password="wrong")
    seen = len(shop.fake.log)
    with pytest.raises(AuthRevoked, match="user or the password"):
        wrong.get_customer(shop.ana)
    assert [one.path for one in shop.fake.log[seen:]] == ["/rpc/", "/shop/rpc/"]
    assert not wrong.check().ok


def test_after_many_wrong_passwords_nobody_waits_for_the_lock(shop: Shop) -> None:
    wrong = shop.connect(password="wrong")
    for _ in range(5):
        with pytest.raises(AuthRevoked):
            wrong.get_customer(shop.ana)
    with pytest.raises(RateLimited) as refusal:
        shop.connect().get_customer(shop.ana)
    assert refusal.value.retry_after == 300
    assert not shop.watch.slept


@pytest.mark.parametrize(
    ("settings", "said"), [({"database": "shoop"}, "no such database"), ({"url": "/x"}, "no Tryton")]
)
def test_what_is_not_there_is_said(shop: Shop, settings: dict[str, str], said: str) -> None:
    if "url" in settings:
        settings = {"url": shop.url + settings["url"]}
    with pytest.raises(NotFound, match=said):
        shop.connect(**settings).get_customer(shop.ana)


def test_answers_are_asked_for_in_gzip(shop: Shop) -> None:
    """Without, 8.2 says so of long answers that it has not compressed."""

    def check(request: Request) -> None:
        assert "gzip" in request.headers["Accept-Encoding"]

    shop.fake.checks.append(check)
    list(shop.adapter.orders(shop.ana))
    assert shop.fake.complaints == []


def test_no_search_relies_on_a_backslash(shop: Shop) -> None:
    """To 6.0 on SQLite it is a sign like any other."""
    named = [shop.fake.put(Customer("", email, emails=(Email(email),))) for email in ("o_k@x.de", "oak@x.de")]

    def check(request: Request) -> None:
        assert "\\" not in request.get_data(as_text=True)

    shop.fake.checks.append(check)
    found = shop.adapter.find_customers(CustomerKey(KeyKind.EMAIL, "o_k@x.de"))
    assert [match.customer.ref for match in found] == named[:1]
    assert shop.fake.complaints == []


@pytest.mark.parametrize(
    ("missing", "call"),
    [
        (("sale.sale", "read"), lambda adapter, ref: list(adapter.orders(ref))),
        (("sale.line", "read"), lambda adapter, ref: list(adapter.orders(ref))),
        (("party.address", "read"), lambda adapter, ref: adapter.get_customer(ref)),
        (("party.party", "write"), lambda adapter, ref: adapter.log_outcome(make_outcome(ref), key="k")),
        (("party.party", "write"), lambda adapter, ref: adapter.update_customer(ref, {"name": "Ana"})),
        (
            ("stock.move", "read"),
            lambda adapter, _: sync(adapter, Kind.PRODUCTS, sync(adapter, Kind.PRODUCTS).cursor),
        ),
    ],
)
def test_a_right_that_is_missing_is_named(shop: Shop, missing: tuple[str, str], call: Any) -> None:
    shop.fake.office.denied.add(missing)
    with pytest.raises(PermissionDenied) as refusal:
        call(shop.adapter, shop.ana)
    assert refusal.value.scope == " ".join(missing)
    (told,) = [
        finding for finding in shop.adapter.check().findings if finding.missing and finding.name == "scopes"
    ]
    assert told.missing == (" ".join(missing),)
    assert "administrator of Tryton" in told.granted_by


def test_a_right_too_many_is_named(shop: Shop) -> None:
    def find_excess(*, writes: bool) -> tuple[str, ...]:
        (told,) = [one for one in shop.connect().check(writes=writes).findings if one.name == "excess scopes"]
        assert told.ok
        return told.excess

    assert "sale.sale delete" in find_excess(writes=True)
    assert "party.party write" not in find_excess(writes=True)
    assert "party.party write" in find_excess(writes=False)
    shop.fake.office.administrator = True
    assert {"administrator", "res.user write"} <= set(find_excess(writes=True))


def test_what_is_left_out_needs_no_right(shop: Shop) -> None:
    shop.fake.office.denied |= {
        ("sale.opportunity", "read"),
        ("stock.move", "read"),
        ("stock.location", "read"),
    }
    adapter = shop.connect(opportunities=False, stock=False)
    assert not adapter.capabilities.stock
    assert adapter.check().ok
    assert adapter.open_deals(shop.ana)
    products = [item for page in sync(adapter, Kind.PRODUCTS).pages for item in page.items]
    assert {item.stock for item in products if isinstance(item, Product)} == {None}


def test_without_a_company_the_check_says_so(shop: Shop) -> None:
    shop.fake.office.company = None
    (told,) = [finding for finding in shop.connect().check().findings if finding.name == "company"]
    assert not told.ok


def test_telephones_that_were_kept_as_typed_are_said(shop: Shop) -> None:
    database = shop.database
    database.add(
        "party.contact_mechanism", party=int(shop.ana), type="phone", value="12 34", value_compact="1234"
    )
    (told,) = [finding for finding in shop.connect().check().findings if finding.name == "telephones"]
    assert not told.ok
    assert "phonenumbers" in told.message


def test_a_shop_without_stock_is_warned_that_nothing_will_be_offered(shop: Shop) -> None:
    def find_stock(**settings: bool) -> list[tuple[bool, bool]]:
        findings = shop.connect(**settings).check().findings
        return [(one.ok, one.warning) for one in findings if one.name == "stock"]

    assert find_stock() == [(True, False)]
    for move in shop.database.all("stock.move"):
        shop.database.remove("stock.move", int(move.id))
    assert find_stock() == [(True, True)]
    assert find_stock(stock=False) == []


def test_a_change_that_does_not_stamp_its_owner_is_listed(shop: Shop) -> None:
    ways = [
        row for row in shop.database.all("party.contact_mechanism") if row.values["party"] == int(shop.ana)
    ]
    shop.database.change("party.contact_mechanism", int(ways[0].id), value="new@example.com")
    assert shop.listed(Kind.CUSTOMERS).listed == {shop.ana}


def test_an_archived_contact_mechanism_is_no_longer_read(shop: Shop) -> None:
    ways = [
        row for row in shop.database.all("party.contact_mechanism") if row.values["party"] == int(shop.ana)
    ]
    for row in ways:
        shop.database.change("party.contact_mechanism", int(row.id), active=False)
    (found,) = [item for page in shop.listed(Kind.CUSTOMERS).pages for item in page.items]
    assert isinstance(found, Customer)
    assert (found.emails, found.phones) == ((), ())
    assert found == shop.adapter.get_customer(shop.ana)


def test_a_line_that_does_not_stamp_its_sale_is_listed(shop: Shop) -> None:
    (deal,) = shop.adapter.open_deals(shop.ana)
    shop.watch.now += SETTLED
    shop.adapter.add_line(deal.ref, NewLine(shop.refs["case"]), key="line-1")
    assert shop.listed(Kind.ORDERS).listed == {deal.ref}


def test_what_a_product_shares_with_its_variants_is_listed_for_each(shop: Shop) -> None:
    phone = shop.database.get("product.product", shop.refs["phone"])
    assert phone
    template = phone.values["template"]
    second = shop.database.add("product.product", template=template, code="PHONE-1-B")
    run = shop.listed(Kind.PRODUCTS)
    assert {shop.refs["phone"], str(second)} == run.listed
    found = [item for page in run.pages for item in page.items if isinstance(item, Product)]
    assert {item.family for item in found} == {"Aurora 6 · 128 GB"}
    assert len({item.name for item in found}) == 2
    assert {price.amount for item in found for price in item.prices} == {Decimal(500)}


def test_a_product_changes_with_its_category_its_price_and_its_stock(shop: Shop) -> None:
    database = shop.database
    case, better = (database.get("product.product", shop.refs[name]) for name in ("case", "better"))
    assert case
    assert better
    (category,) = [row for row in database.all("product.category") if row.values["name"] == "cases"]
    shop.watch.now += SETTLED
    database.change("product.category", int(category.id), name="covers")
    database.change("product.template", better.values["template"], list_price=Decimal(580))
    database.add("stock.move", product=int(shop.refs["phone"]), quantity=-3.0)
    run = shop.listed(Kind.PRODUCTS)
    found = {item.ref: item for page in run.pages for item in page.items if isinstance(item, Product)}
    assert found.keys() == {case.id, better.id, shop.refs["phone"]}
    assert found[case.id].category == "covers"
    assert found[better.id].prices == (Money(Decimal(580), "EUR"),)
    assert found[shop.refs["phone"]].stock == 4


def test_a_product_is_archived_with_its_template(shop: Shop) -> None:
    case = shop.database.get("product.product", shop.refs["case"])
    assert case
    shop.database.change("product.template", case.values["template"], active=False)
    run = shop.listed(Kind.PRODUCTS)
    (found,) = [item for page in run.pages for item in page.items]
    assert isinstance(found, Product)
    assert (found.ref, found.active) == (case.id, False)
    assert not run.lost({case.id})


def test_a_merge_lists_what_it_does_not_stamp(shop: Shop) -> None:
    theirs = {order.ref for order in shop.adapter.orders(shop.refs["twin1"])}
    shop.fake.merge(shop.refs["twin1"], into=shop.refs["twin2"])
    people, orders = shop.listed(Kind.CUSTOMERS), shop.listed(Kind.ORDERS)
    assert people.merged == {shop.refs["twin1"]: shop.refs["twin2"]}
    assert people.listed == {shop.refs["twin2"]}
    assert theirs
    assert theirs <= orders.listed


def test_a_merge_archives_the_addresses_of_the_one_who_went(shop: Shop) -> None:
    stays = shop.adapter.get_customer(shop.refs["twin2"])
    shop.fake.merge(shop.ana, into=stays.ref)
    found = shop.adapter.get_customer(stays.ref)
    assert (found.emails, found.phones) == (stays.emails, stays.phones)


def test_an_archived_customer_is_gone_and_may_come_back(shop: Shop) -> None:
    bare = shop.refs["bare"]
    shop.database.change("party.party", int(bare), active=False)
    run = shop.listed(Kind.CUSTOMERS)
    assert (run.listed, run.lost({bare})) == (set(), {bare})
    assert shop.adapter.find_customers(CustomerKey(KeyKind.REF, bare)) == []
    with pytest.raises(NotFound):
        shop.adapter.get_customer(bare)
    shop.database.change("party.party", int(bare), active=True)
    shop.cursors[Kind.CUSTOMERS] = run.cursor
    assert shop.listed(Kind.CUSTOMERS).listed == {bare}


def test_lost_rights_are_not_taken_for_deletions(shop: Shop) -> None:
    for number in range(100):
        shop.fake.put(Customer("", f"Somebody {number}"))
    shop.cursors[Kind.CUSTOMERS] = sync(shop.adapter, Kind.CUSTOMERS).cursor
    for row in shop.database.all("party.party"):
        shop.database.remove("party.party", int(row.id))
    with pytest.raises(PermissionDenied, match="lose a company"):
        shop.listed(Kind.CUSTOMERS)


def test_what_is_deleted_after_it_was_listed_is_told_by_the_next_run(shop: Shop) -> None:
    page = shop.adapter.changes(Kind.CUSTOMERS, None)
    struck = page.items[0].ref
    shop.fake.delete(Kind.CUSTOMERS, struck)
    run = sync(shop.adapter, Kind.CUSTOMERS, page.next_cursor)
    shop.watch.now += SETTLED
    assert sync(shop.adapter, Kind.CUSTOMERS, run.cursor).lost({struck}) == {struck}


def test_a_line_bears_the_taxes_and_the_price_that_a_client_would_give_it(shop: Shop) -> None:
    shop.fake.office.taxes = [shop.database.add("account.tax", name="VAT")]
    (deal,) = shop.adapter.open_deals(shop.ana)
    written = shop.adapter.add_line(deal.ref, NewLine(shop.refs["case"]), key="line-1")
    line = shop.database.get("sale.line", written.ref)
    assert line
    assert (line.values["unit_price"], line.values["taxes"]) == (Decimal("29.90"), shop.fake.office.taxes)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ({"product_ref": "request"}, "product_ref"),
        ({"product_ref": "case", "quantity": Decimal("1.5")}, "product_ref"),
        ({"product_ref": "case", "unit_price": Money(Decimal(9), "USD")}, "unit_price"),
    ],
)
def test_a_line_that_cannot_be_is_refused(shop: Shop, line: dict[str, Any], named: str) -> None:
    (deal,) = shop.adapter.open_deals(shop.ana)
    before = shop.fake.lines()
    new = NewLine(**{**line, "product_ref": shop.refs[line["product_ref"]]})
    with pytest.raises(ValidationFailed) as refusal:
        shop.adapter.add_line(deal.ref, new, key="line-1")
    assert refusal.value.fields.keys() == {named}
    assert shop.fake.lines() == before


def test_lines_are_put_on_drafts_and_opportunities(shop: Shop) -> None:
    (draft,) = shop.adapter.open_deals(shop.ana)
    opportunity = shop.add_opportunity()
    shop.database.change("sale.sale", int(draft.ref), state="quotation")
    assert {deal.ref: deal.kind for deal in shop.adapter.open_deals(shop.ana)} == {
        draft.ref: DealKind.QUOTE,
        opportunity: DealKind.DEAL,
    }
    with pytest.raises(Conflict):
        shop.adapter.add_line(draft.ref, NewLine(shop.refs["case"]), key="line-1")
    first = shop.adapter.add_line(opportunity, NewLine(shop.refs["case"]), key="line-1")
    again = shop.adapter.add_line(opportunity, NewLine(shop.refs["case"]), key="line-1")
    assert (first.created, again.created, again.ref) == (True, False, first.ref)
    (deal,) = [one for one in shop.adapter.open_deals(shop.ana) if one.ref == opportunity]
    assert [line.product_ref for line in deal.lines] == [shop.refs["case"]]


def test_titles_and_comments_are_no_purchases(shop: Shop) -> None:
    (order, *_) = shop.adapter.orders(shop.ana)
    for kind in ("title", "comment", "subtotal"):
        shop.database.add("sale.line", sale=int(order.ref), type=kind, description=kind)
    (after, *_) = shop.adapter.orders(shop.ana)
    assert after.lines == order.lines


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("draft", OrderStatus.OPEN),
        ("quotation", OrderStatus.OPEN),
        ("confirmed", OrderStatus.WON),
        ("processing", OrderStatus.WON),
        ("done", OrderStatus.WON),
        ("cancelled", OrderStatus.CANCELLED),
        ("of a module", OrderStatus.UNKNOWN),
    ],
)
def test_every_state_of_a_sale_has_a_status(shop: Shop, state: str, status: OrderStatus) -> None:
    (order, *_) = shop.adapter.orders(shop.ana)
    shop.database.change("sale.sale", int(order.ref), state=state)
    (found,) = [one for one in shop.adapter.orders(shop.ana) if one.ref == order.ref]
    assert (found.status, found.raw_status) == (status, state)


def test_a_note_without_the_character_that_postgresql_refuses(shop: Shop) -> None:
    shop.adapter.log_outcome(make_outcome(shop.ana, note="one\0two"), key="key-1")
    (note,) = shop.fake.notes()
    assert "onetwo" in note


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (["UserError", ["The value of Anna is wrong", "", None]], ValidationFailed),
        (["UserWarning", ["name", "Sure, Anna?", ""]], ValidationFailed),
        (["ConcurrencyException", "Records were modified in the meanwhile"], Conflict),
        (["LoginException", ["code", "Code for Anna", "char"]], AuthRevoked),
        (["'nosuch'", ""], VendorChanged),
        (["could not serialize access of Anna", "Traceback …"], Unavailable),
    ],
)
def test_a_failure_in_a_success_is_told_without_its_words(error: list[Any], kind: type[CRMError]) -> None:
    found = judge(Answer(200, {}, json.dumps({"id": 1, "error": error}).encode()))
    assert isinstance(found, kind)
    assert "Anna" not in str(found)


@pytest.mark.parametrize("body", ['{"id": 1, "result": [{"error": 1}]}', "null", "[]", "half"])
def test_what_holds_no_error_is_no_failure(body: str) -> None:
    assert judge(Answer(200, {}, body.encode())) is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(VALUES)
def test_values_come_back_as_they_went(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_values_are_written_as_tryton_writes_them() -> None:
    assert encode(Decimal("9.99")) == {"__class__": "Decimal", "decimal": "9.99"}
    assert encode(date(2026, 3, 1)) == {"__class__": "date", "year": 2026, "month": 3, "day": 1}
    moment = datetime.fromisoformat("2026-03-01T00:30:00+02:00")
    assert {**encode(moment), "microsecond": 7} == {
        "__class__": "datetime", "year": 2026, "month": 2, "day": 28, "hour": 22, "minute": 30, "second": 0,
        "microsecond": 7,
    }  # fmt: skip


@given(st.sets(st.integers(1, 400)))
def test_ids_come_back_as_they_were_written(ids: set[int]) -> None:
    assert read_ids(write_ids(ids)) == ids


def test_ids_in_a_row_are_short() -> None:
    assert write_ids([*range(1, 10_001), 10_003]) == "1-10000,10003"
