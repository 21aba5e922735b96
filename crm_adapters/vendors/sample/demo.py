"""Customers of the sample shop made by hand, each to show one thing; they carry the first references."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_adapters.model import Case, Consent, Customer, Email, OrderStatus, Phone
from crm_adapters.vendors.sample.orders import Sale, delivered, returned
from crm_adapters.vendors.sample.people import brazilian


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    ref: str
    name: str
    email: str
    shows: str


DEMO_CUSTOMERS = (
    DemoCustomer(
        "C-0001", "Ana Ruiz", "ana.ruiz@example.com", "loyal, addressed as usted; a new phone without a case"
    ),
    DemoCustomer(
        "C-0002", "João Silva", "joao.silva@example.com", "found by phone with and without the ninth digit"
    ),
    DemoCustomer(
        "C-0003", "María Hernández", "maria.hernandez@example.com", "a late order and an open complaint"
    ),
    DemoCustomer("C-0004", "Emily Carter", "emily.carter@example.com", "objected to being offered things"),
    DemoCustomer("C-0005", "Lucía Torres", "lucia.torres@example.com", "new, nothing bought yet"),
    DemoCustomer("C-0006", "Carlos Mendoza", "familia.mendoza@example.com", "shares an e-mail with C-0007"),
    DemoCustomer("C-0007", "Sofía Mendoza", "familia.mendoza@example.com", "shares an e-mail with C-0006"),
    DemoCustomer("C-0008", "Rafael Costa", "rafael.costa@example.com", "plays games"),
    DemoCustomer("C-0009", "Grace Miller", "grace.miller@harborlogistics.example", "buys for a company"),
    DemoCustomer("C-0010", "Paula Gómez", "paula.gomez@example.com", "buys for a family"),
    DemoCustomer(
        "C-0011",
        "Bruno Almeida",
        "bruno.almeida@example.com",
        "looks for the lowest price; sent something back",
    ),
    DemoCustomer("C-0012", "Diego Navarro", "diego.navarro@example.com", "always has the newest"),
    DemoCustomer(
        "C-0013", "Henry Walker", "henry.walker@harborlogistics.example", "buys for the company of C-0009"
    ),
)

_TRAITS: dict[str, tuple[str, str, Phone, str | None]] = {
    "C-0001": ("ES", "es-ES", Phone("+34 600 000 001", "+34600000001"), "formal"),
    "C-0002": ("BR", "pt-BR", brazilian("+5511", "87654321", short=True), "informal"),
    "C-0003": ("MX", "es-MX", Phone("+525555000003", "+525555000003"), "formal"),
    "C-0004": ("US", "en-US", Phone("+1 305 555 0004", "+13055550004"), None),
    "C-0005": ("ES", "es-ES", Phone("+34600000005", "+34600000005"), None),
    "C-0006": ("MX", "es-MX", Phone("+525555000006", "+525555000006"), None),
    "C-0007": ("MX", "es-MX", Phone("+525555000007", "+525555000007"), None),
    "C-0008": ("BR", "pt-BR", brazilian("+5521", "90000800", short=False), "informal"),
    "C-0009": ("US", "en-US", Phone("+13125550009", "+13125550009"), "formal"),
    "C-0010": ("MX", "es-MX", Phone("+523333000010", "+523333000010"), "informal"),
    "C-0011": ("BR", "pt-BR", brazilian("+5531", "90001100", short=False), None),
    "C-0012": ("ES", "es-ES", Phone("+34611000012", "+34611000012"), "informal"),
    "C-0013": ("US", "en-US", Phone("+13125550013", "+13125550013"), None),
}
"""Country, language, phone, form of address."""

_BOUGHT: dict[str, tuple[tuple[int, str], ...]] = {
    "C-0001": ((410, "SLK-2 SKC-1"), (396, "PLN-M"), (230, "PUL-2"), (120, "KID-2 SPT-1"), (24, "AUR6-128")),
    "C-0002": (
        (500, "CIR11-64 CASE-CIR11-CLR"),
        (340, "MSD-64"),
        (90, "BRE4-128 CASE-BRE4-SIL"),
        (70, "CHG-30"),
    ),
    "C-0003": ((420, "BRE2-128 CASE-BRE2-SIL"), (200, "AUR6-128 GLS-AUR6")),
    "C-0004": ((330, "AUR6-256 CASE-AUR6-CLR"), (150, "ORB-2"), (60, "SPT-1")),
    "C-0006": ((280, "BRE3-128 CASE-BRE3-CLR"), (100, "CBL-C2")),
    "C-0007": ((150, "AUR7-128 CASE-AUR7-LEA GLS-AUR7"),),
    "C-0008": (
        (560, "STO2-256 CASE-STO2-COO"),
        (545, "GRP-1 COL-1"),
        (380, "RNG-1"),
        (250, "PWB-20"),
        (200, "STO3-256 GLS-STO3"),
        (190, "COL-2 CHG-100"),
        (60, "TRG-1"),
    ),
    "C-0009": (
        (600, "ATL8-128*4 CASE-ATL8-RUG*4"),
        (590, "PLB-1*4"),
        (300, "ATL9-128*3 CASE-ATL9-RUG*3 GLS-ATL9*3"),
        (180, "CAR-45*4"),
        (75, "CHG-65*5 CBL-B2*5"),
    ),
    "C-0010": (
        (620, "CIR11-64 CASE-CIR11-FOL"),
        (400, "SLK-2 SKC-1"),
        (310, "CIR12-64 CASE-CIR12-FOL GLS-CIR12"),
        (180, "KID-2 SPT-1"),
        (95, "BRE4-128 INS-B"),
        (40, "SPT-4"),
    ),
    "C-0011": (
        (700, "CIR10-128"),
        (480, "MSD-64 CBL-C1"),
        (330, "CIR11-64"),
        (130, "CBL-C1"),
        (80, "CHG-20"),
    ),
    "C-0012": (
        (980, "AUR5-256 PLN-L"),
        (690, "AUR6-256 CASE-AUR6-LEA WCH-15"),
        (640, "PUL-2"),
        (520, "ORB-2 STR-NYL"),
        (290, "AUR7-256 CASE-AUR7-LEA GLS-AUR7 INS-X"),
        (200, "PUL-3"),
        (90, "ORB-3"),
        (30, "SPK-2"),
    ),
    "C-0013": ((210, "ATL9-256*2 CASE-ATL9-RUG*2"), (50, "PWB-27*2")),
}
"""Days before the reference date, and the basket as SKUs with their quantities."""

_CURRENCIES = {"ES": "EUR", "MX": "MXN", "BR": "BRL", "US": "USD"}


def demo_customers(today: datetime) -> dict[str, Customer]:
    return {demo.ref: _customer(demo, today) for demo in DEMO_CUSTOMERS}


def demo_sales(today: datetime) -> list[Sale]:
    sales = [sale for ref, bought in _BOUGHT.items() for sale in _sales(ref, bought, today)]
    sent_back = demo_sale("C-0011", 480, "MSD-64", today)
    return [*sales, _late_sale(today), returned(sent_back, days=9, sku="MSD-64")]


def demo_cases(today: datetime) -> list[Case]:
    opened = today - timedelta(days=3, hours=5)
    return [
        Case(
            "S-DEMO1",
            "C-0003",
            "Parcel is late",
            complaint=True,
            open=True,
            opened_at=opened,
            updated_at=opened,
        )
    ]


def _customer(demo: DemoCustomer, today: datetime) -> Customer:
    country, language, phone, register = _TRAITS[demo.ref]
    given, family = demo.name.split(" ", 1)
    longest = max((days for days, _ in _BOUGHT.get(demo.ref, ())), default=1)
    created = today - timedelta(days=longest + 3)
    return Customer(
        demo.ref,
        demo.name,
        given_name=given,
        family_name=family,
        emails=(Email(demo.email, verified=demo.ref not in {"C-0006", "C-0007"}),),
        phones=(phone,),
        language=language,
        country=country,
        company="Harbor Logistics LLC" if "harborlogistics" in demo.email else None,
        register=register,
        declared_ids={"shop": "10001"} if demo.ref == "C-0001" else {},
        consents=tuple(_consents(demo.ref, today)),
        created_at=created,
        updated_at=created,
    )


def _consents(ref: str, today: datetime) -> Iterator[Consent]:
    if ref == "C-0004":
        yield Consent("offers", granted=False, at=today - timedelta(days=45))
    if ref == "C-0001":
        yield Consent("offers", granted=True, at=today - timedelta(days=410))


def _sales(ref: str, bought: tuple[tuple[int, str], ...], today: datetime) -> Iterator[Sale]:
    for days_ago, basket in bought:
        yield delivered(demo_sale(ref, days_ago, basket, today), days=2)


def demo_sale(ref: str, days_ago: int, basket: str, today: datetime) -> Sale:
    """`basket`: SKUs with blanks between, `SKU*4` for four of them."""
    counted = (part.partition("*") for part in basket.split())
    lines = tuple((sku, int(quantity or 1)) for sku, _, quantity in counted)
    return Sale(ref, _CURRENCIES[_TRAITS[ref][0]], today - timedelta(days=days_ago, hours=-11), lines)


def _late_sale(today: datetime) -> Sale:
    placed = today - timedelta(days=14, hours=-11)
    promised = today - timedelta(days=5)
    return Sale("C-0003", "MXN", placed, (("AUR7-128", 1),), OrderStatus.OPEN, promised_at=promised)
