"""A draft on a real customer: what agents see now beside what they would see."""

from flask import request

from assist.services.lookup import look_up
from assist.services.shelf import InForce
from assist.services.sides import compare
from assist.web.auth import requires
from assist.web.console.area import OPS, blueprint
from assist.web.console.content import open_source
from assist.web.console.customers import LONGEST_KEY, read_key
from assist.web.context import current_crowd, current_desk
from assist.web.language import page_language

EXAMPLES = 6
LONGEST_PRODUCT = 120


@blueprint.route("/drafts/<int:draft>/preview", methods=["GET", "POST"])
@requires(*OPS)
def preview_draft(draft: int) -> str:
    """The customer's key comes by POST and stands in no address."""
    source, desk, sides = open_source(draft), current_desk(), None
    assert source.draft  # noqa: S101 - of a draft
    key = request.form.get("key", "").strip()[:LONGEST_KEY]
    product = request.form.get("product", "").strip()[:LONGEST_PRODUCT]
    asked = read_key(key, request.form.get("customer", ""))
    found = None
    if asked:
        with desk.database.reading() as session:
            found = look_up(desk, session, asked)
    if found and found.header:
        release = InForce(source.draft.release.digest, source.catalogue)
        customer = found.header.customer_id
        sides = compare(desk, customer, release, product=product, language=page_language())
    return source.render(
        "draft_preview",
        "preview",
        key=key,
        product=product,
        card=found,
        sides=sides,
        examples=current_crowd().members[:EXAMPLES],
        names={
            one.key: one.name.into(page_language())
            for one in (*desk.personas.personas, *source.catalogue.personas)
        },
    )
