"""What ranks products, by the recommender's names, in words."""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from assist.web.console.area import blueprint
from assist.web.formats import bounded

NAMES = {
    "ranker": _l("learned trees"),
    "blend": _l("learned blend"),
    "default": _l("shipped blend"),
    "sold ever": _l("popularity"),
    "sold in 21 days": _l("popularity lately"),
    "new": _l("newness"),
    "bought lately": _l("bought lately by the customer"),
    "bought often": _l("bought often by the customer"),
    "bought again by others": _l("bought again by others"),
    "due": _l("due again"),
    "moved up": _l("share of owners who moved up to it"),
    "moved up most": _l("step up that most took"),
    "itemitem": _l("bought by the same customers"),
    "together": _l("bought in the same order"),
    "curated": _l("related in the catalogue"),
    "upgrades": _l("step up in the catalogue"),
    "als": "ALS",
    "ease": "EASE",
    "rp3beta": "RP3beta",
}
TREND = re.compile(r"(sold|first bought) in (\d{1,3}) days")


@blueprint.app_template_filter()
def method(name: str) -> str:
    """What is not known here keeps its name."""
    trend = TREND.fullmatch(name)
    if name in NAMES or not trend:
        return str(NAMES.get(name, bounded(name, 40)))
    if trend[1] == "sold":
        return str(_("buyers in %(days)s days", days=trend[2]))
    return str(_("first-time buyers in %(days)s days", days=trend[2]))
