"""What the sample shop sells, as tables: phone lines and everything else, with prices in euros."""

from typing import NamedTuple


class PhoneLine(NamedTuple):
    """One phone family; `euros` runs over generations, then storages, and rises all the way."""

    name: str
    code: str
    generations: tuple[int, ...]
    storages: tuple[int, ...]
    euros: tuple[int, ...]
    launched: tuple[int, ...]
    """Days before the reference date, per generation."""
    second_case: tuple[str, str, int]
    """The dearer of its two cases: name, code, euros."""


class Group(NamedTuple):
    """Products of one family, cheapest first: their place is their tier."""

    category: str
    family: str
    goods: tuple[tuple[str, str, int], ...]
    """SKU, name, euros."""


PHONE_LINES = (
    PhoneLine(
        "Aurora",
        "AUR",
        (5, 6, 7),
        (128, 256, 512),
        (499, 549, 619, 649, 709, 789, 829, 889, 989),
        (1500, 700, 300),
        ("Leather case", "LEA", 39),
    ),
    PhoneLine(
        "Breeze",
        "BRE",
        (2, 3, 4),
        (128, 256),
        (249, 289, 329, 369, 419, 469),
        (1400, 640, 260),
        ("Silicone case", "SIL", 24),
    ),
    PhoneLine(
        "Cirrus",
        "CIR",
        (10, 11, 12),
        (64, 128),
        (119, 139, 159, 189, 209, 239),
        (1450, 760, 380),
        ("Folio case", "FOL", 19),
    ),
    PhoneLine(
        "Storm",
        "STO",
        (1, 2, 3),
        (256, 512, 1024),
        (549, 629, 729, 779, 859, 949, 999, 1089, 1249),
        (1300, 670, 240),
        ("Cooling case", "COO", 45),
    ),
    PhoneLine(
        "Atlas",
        "ATL",
        (7, 8, 9),
        (128, 256),
        (399, 449, 499, 559, 649, 719),
        (1600, 820, 330),
        ("Rugged case", "RUG", 49),
    ),
)

GOODS = (
    Group(
        "chargers",
        "Wall charger",
        (
            ("CHG-20", "Wall charger 20 W", 19),
            ("CHG-30", "Wall charger 30 W", 29),
            ("CHG-65", "Wall charger 65 W, two ports", 45),
            ("CHG-100", "Wall charger 100 W, four ports", 69),
        ),
    ),
    Group(
        "chargers",
        "Wireless charger",
        (
            ("WCH-10", "Wireless pad 10 W", 25),
            ("WCH-15", "Wireless pad 15 W", 39),
            ("WCH-3IN1", "Wireless stand, three in one", 79),
        ),
    ),
    Group(
        "cables",
        "USB-C cable",
        (
            ("CBL-C1", "USB-C cable 1 m", 9),
            ("CBL-C2", "USB-C cable 2 m", 13),
            ("CBL-B1", "Braided USB-C cable 1 m", 17),
            ("CBL-B2", "Braided USB-C cable 2 m", 21),
        ),
    ),
    Group(
        "cables",
        "Adaptor",
        (("ADP-A", "USB-C to USB-A adaptor", 8), ("ADP-HDMI", "USB-C to HDMI adaptor", 35)),
    ),
    Group(
        "powerbanks",
        "Power bank",
        (
            ("PWB-5", "Power bank 5,000 mAh", 19),
            ("PWB-10", "Power bank 10,000 mAh", 29),
            ("PWB-20", "Power bank 20,000 mAh", 45),
            ("PWB-27", "Power bank 27,000 mAh, 65 W", 79),
        ),
    ),
    Group(
        "audio",
        "Pulse",
        (
            ("PUL-1", "Pulse 1 earbuds", 39),
            ("PUL-2", "Pulse 2 earbuds", 59),
            ("PUL-3", "Pulse 3 earbuds", 89),
            ("PUL-3P", "Pulse 3 Pro earbuds", 149),
        ),
    ),
    Group(
        "audio",
        "Echo Ridge",
        (("HDP-1", "Echo Ridge headphones", 119), ("HDP-2", "Echo Ridge 2 headphones", 199)),
    ),
    Group(
        "audio", "Ranger", (("RNG-1", "Ranger gaming headset", 59), ("RNG-2", "Ranger 2 gaming headset", 99))
    ),
    Group(
        "speakers",
        "Pebble",
        (
            ("SPK-1", "Pebble speaker", 29),
            ("SPK-2", "Pebble Plus speaker", 59),
            ("SPK-3", "Pebble Max speaker", 119),
        ),
    ),
    Group(
        "watches",
        "Orbit",
        (("ORB-1", "Orbit 1 watch", 129), ("ORB-2", "Orbit 2 watch", 179), ("ORB-3", "Orbit 3 watch", 249)),
    ),
    Group("watches", "Kiddo", (("KID-1", "Kiddo watch", 79), ("KID-2", "Kiddo 2 watch with GPS", 119))),
    Group(
        "straps",
        "Orbit strap",
        (
            ("STR-SPO", "Orbit sport strap", 15),
            ("STR-NYL", "Orbit nylon strap", 19),
            ("STR-STE", "Orbit steel strap", 39),
        ),
    ),
    Group(
        "tablets",
        "Slate",
        (
            ("SLA-1", "Slate 1 tablet 64 GB", 199),
            ("SLA-2", "Slate 2 tablet 128 GB", 279),
            ("SLA-3", "Slate 3 tablet 128 GB", 379),
            ("SLA-3X", "Slate 3 tablet 256 GB", 459),
        ),
    ),
    Group(
        "tablets",
        "Slate Kids",
        (("SLK-1", "Slate Kids tablet", 129), ("SLK-2", "Slate Kids 2 tablet", 169)),
    ),
    Group("cases", "Slate cover", (("SLC-1", "Slate cover", 29), ("SLC-2", "Slate keyboard cover", 89))),
    Group("cases", "Slate Kids cover", (("SKC-1", "Slate Kids bumper", 25),)),
    Group("pens", "Slate pen", (("PEN-1", "Slate pen", 49), ("PEN-2", "Slate pen Pro", 99))),
    Group(
        "gaming",
        "Grip controller",
        (
            ("GRP-1", "Grip controller", 49),
            ("GRP-2", "Grip 2 controller", 79),
            ("GRP-3", "Grip Elite controller", 129),
        ),
    ),
    Group(
        "gaming",
        "Phone cooler",
        (("COL-1", "Clip-on phone cooler", 29), ("COL-2", "Magnetic phone cooler", 45)),
    ),
    Group("gaming", "Triggers", (("TRG-1", "Shoulder triggers", 19),)),
    Group(
        "memory",
        "microSD card",
        (
            ("MSD-64", "microSD card 64 GB", 12),
            ("MSD-128", "microSD card 128 GB", 19),
            ("MSD-256", "microSD card 256 GB", 32),
            ("MSD-512", "microSD card 512 GB", 59),
        ),
    ),
    Group(
        "car",
        "Car mount",
        (
            ("MNT-V", "Car vent mount", 17),
            ("MNT-D", "Car dashboard mount", 25),
            ("MNT-Q", "Car mount with wireless charging", 49),
        ),
    ),
    Group("car", "Car charger", (("CAR-20", "Car charger 20 W", 15), ("CAR-45", "Car charger 45 W", 27))),
    Group("photo", "Tripod", (("TRI-1", "Pocket tripod", 19), ("TRI-2", "Travel tripod", 45))),
    Group("photo", "Ring light", (("RLT-1", "Clip-on ring light", 15), ("RLT-2", "Ring light 25 cm", 39))),
    Group("photo", "Gimbal", (("GIM-1", "Phone gimbal", 99),)),
    Group("trackers", "Spot", (("SPT-1", "Spot tracker", 25), ("SPT-4", "Spot trackers, pack of four", 79))),
)

SERVICES = (
    Group(
        "plans",
        "Nimbus plan",
        (
            ("PLN-S", "Plan S, 10 GB a month", 10),
            ("PLN-M", "Plan M, 40 GB a month", 16),
            ("PLN-L", "Plan L, 120 GB a month", 24),
            ("PLN-XL", "Plan XL, unlimited", 34),
        ),
    ),
    Group(
        "plans",
        "Family plan",
        (("PLF-2", "Family plan, two lines", 29), ("PLF-4", "Family plan, four lines", 49)),
    ),
    Group(
        "plans",
        "Business plan",
        (("PLB-1", "Business plan, per line", 22), ("PLB-P", "Business plan Plus, per line", 32)),
    ),
    Group(
        "insurance",
        "Nimbus Care",
        (
            ("INS-B", "Nimbus Care Basic, 12 months", 39),
            ("INS-P", "Nimbus Care Plus, 12 months", 69),
            ("INS-X", "Nimbus Care Premium, 24 months", 129),
        ),
    ),
    Group(
        "repairs", "Workshop", (("SRV-CLN", "Cleaning and check-up", 19), ("SRV-DAT", "Data transfer", 25))
    ),
)

ON_REQUEST = ("PLB-FLEET", "Fleet plan, price on request")

RETIRED = (
    "PUL-1",
    "ORB-1",
    "SLA-1",
    "SLK-1",
    "KID-1",
    "HDP-1",
    "AUR5-512",
    "STO1-1024",
    "CIR10-64",
    "ATL7-256",
)
SOLD_OUT = ("STO3-1024", "PUL-3P", "GRP-3", "BRE3-256", "SPK-3", "WCH-3IN1", "CASE-STO2-COO")
