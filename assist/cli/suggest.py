"""`assist suggest`: what the sidebar would say, at a command line."""

from dataclasses import asdict, dataclass
from typing import Any

import click

from assist.cli.output import json_option, open_desk, print_json, with_errors_explained
from assist.services.decide import preview
from assist.services.desk import Desk
from assist.services.facts import Dossier, open_dossier
from assist.services.lookup import LookUp, look_up
from assist.services.strangers import get_products, imagine
from assist.services.views import Card, SuggestionView
from assist.store.customers import find_customer


@dataclass(frozen=True, slots=True)
class Answer:
    card: Card | None
    suggestions: tuple[SuggestionView, ...]


@click.command("suggest")
@click.option("--email")
@click.option("--phone")
@click.option("--ref", help="The customer's id in the CRM.")
@click.option("--history", help="SKUs a customer without record has bought, with commas between.")
@click.option("--basket", default="", help="SKUs being bought now, with commas between.")
@click.option("--language", default="en", show_default=True, help="Of the reasons: en, es or pt-BR.")
@json_option
@with_errors_explained
def command(basket: str, history: str | None, as_json: bool, **key: Any) -> None:  # noqa: FBT001 - click passes options by name
    """Who the customer is, which personas they match and why, and what to offer."""
    if sum(1 for name in ("email", "phone", "ref") if key[name]) + (history is not None) != 1:
        raise click.UsageError("Give one of --email, --phone, --ref or --history.")
    desk = open_desk()
    if history is not None:
        answer = Answer(None, imagine(desk, _skus(history), basket=_skus(basket)))
    else:
        answer = _answer(desk, LookUp(**key), basket=_skus(basket))
    if as_json:
        print_json(asdict(answer))
    else:
        _print(answer)


def _skus(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _answer(desk: Desk, request: LookUp, *, basket: list[str]) -> Answer:
    with desk.database.reading() as session:
        get_products(session, basket)
        card = look_up(desk, session, request)
        if card.header is None:
            return Answer(card, ())
        customer = find_customer(session, card.header.customer_id)
        assert customer is not None  # noqa: S101 - found a moment ago in the same transaction
        dossier: Dossier = open_dossier(session, customer, desk.clock.now())
        return Answer(card, preview(desk, session, dossier, basket=basket))


def _print(answer: Answer) -> None:
    if answer.card:
        _print_card(answer.card)
    if not answer.suggestions:
        click.echo("Nothing to offer.")
    for one in answer.suggestions:
        _print_suggestion(one)


def _print_card(card: Card) -> None:
    if card.header is None:
        click.echo({"unknown": "Nobody has that key."}.get(card.state, "Several customers have it:"))
        for choice in card.choices:
            click.echo(f"  {choice.name}, {choice.connection} (pick one with --ref)")
        return
    header = card.header
    language = header.language or "language unknown"
    click.echo(f"{header.name} · {language} · {header.orders} orders · {header.lifecycle}")
    if card.gate:
        click.echo(f"Help first: {card.gate.code} {card.gate.subject}")
    for persona in card.persona.personas if card.persona else ():
        state = card.persona.state if card.persona else ""
        known = f"{persona.score:.0%} of the evidence, {persona.coverage:.0%} known"
        click.echo(f"Persona: {persona.name} ({state}, {known})")
        for reason in persona.reasons:
            click.echo(f"  · {reason}")
        if persona.missing:
            click.echo(f"  Missing: {', '.join(persona.missing)}")
    if card.icp and card.icp.grade:
        click.echo(f"ICP: {card.icp.grade}")


def _print_suggestion(one: SuggestionView) -> None:
    price = f"{one.price.amount} {one.price.currency}" if one.price else "price unknown"
    after = f" after {one.anchor}" if one.anchor else ""
    click.echo(f"{one.position}. {one.kind}: {one.name} [{one.sku}] {price}{after}")
    if one.evidence:
        count = one.evidence
        among = f"{count.also} of {count.buyers} who bought {count.anchor} also bought it"
        spread = f"{count.low:.0%}–{count.high:.0%}"
        click.echo(f"   {among} within {count.days} days ({spread}); shop-wide {count.shop_wide:.1%}")
    elif one.linked:
        click.echo(f"   Your catalogue relates it to {one.anchor}.")
    elif one.popular:
        click.echo("   Popular lately; not personal.")
    for cause in one.because:
        click.echo(f"   because of {cause.name} ({cause.share:.0%})")
    click.echo(f"   “{one.talk_track}”")
