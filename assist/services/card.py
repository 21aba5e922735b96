"""The card: everything the mirror says about one customer, as the sidebar shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy.orm import Session

from assist.models.mirror import Customer
from assist.services import writeback
from assist.services.desk import Desk
from assist.services.facts import Dossier, count_down, find_gate, is_late, know
from assist.services.notes import choose_taker
from assist.services.rulings import find_ruled_gate, judge_dossier
from assist.services.switchboard import Switch
from assist.services.views import (
    Card,
    Freshness,
    Header,
    IcpView,
    PersonaResult,
    PersonaView,
    Price,
    Purchase,
    QuestionView,
    WriteBack,
)
from assist.store.customers import PurchaseRow, SourceRow, find_customer, list_sources
from assist.store.people import list_customer_ids
from assist.store.persona_choices import ChoiceRow
from personas import matcher
from personas.catalogue import Catalogue
from personas.conditions import Operator, Reason, Truth
from personas.facts import FactSet
from personas.icp import rate
from personas.questions import Question, choose_question
from personas.wording import explain

SHOWN_PURCHASES = 10


@dataclass(frozen=True, slots=True)
class Choosing:
    """In a conversation, where an agent may say which persona it is."""

    choice: ChoiceRow | None
    """What they have said."""


def make_card(
    desk: Desk,
    session: Session,
    dossier: Dossier,
    *,
    matched_on: str,
    language: str,
    choosing: Choosing | None = None,
) -> Card:
    catalogue = desk.personas
    facts = count_down(know(desk, dossier), catalogue.counted, dossier)
    sources = list_sources(session, dossier.customer_ids)
    result = matcher.best(catalogue.personas, facts)
    return Card(
        state="match",
        header=_header(dossier, facts, sources, matched_on),
        persona=_choose_persona(result, language, choosing),
        question=_ask_next(catalogue, result, facts, language),
        asked=_list_asked(catalogue, dossier, language),
        icp=_icp(desk, facts, language),
        gate=find_gate(dossier) or find_ruled_gate(judge_dossier(desk, dossier, catalogue, facts), language),
        history=tuple(_purchase(row, dossier) for row in dossier.purchases[:SHOWN_PURCHASES]),
        more_purchases=max(0, len(dossier.purchases) - SHOWN_PURCHASES),
        write_back=_write_back(
            desk, session, dossier.customer_ids, sources, own=dossier.customer.connection_id
        ),
        freshness=_freshness(dossier.customer, sources),
        complaints_visible=any(
            source.connection_id in desk.figures.current().with_cases for source in sources
        ),
    )


def find_write_back(desk: Desk, session: Session, customer_id: int) -> WriteBack:
    """The card's write-back line alone, for looking at it again."""
    customer, ids = find_customer(session, customer_id), list_customer_ids(session, customer_id)
    own = customer.connection_id if customer else 0
    return _write_back(desk, session, ids, list_sources(session, ids), own=own)


def describe_personas(result: matcher.PersonaResult, language: str) -> PersonaResult:
    """The personas to show; where too little is known, the likeliest one carries what is missing."""
    shown = result.leading or (result.matches[:1] if result.state is matcher.State.NOT_ENOUGH_DATA else ())
    return PersonaResult(str(result.state), tuple(_persona(match, language) for match in shown))


def _choose_persona(result: matcher.PersonaResult, language: str, choosing: Choosing | None) -> PersonaResult:
    proposed = describe_personas(result, language)
    if choosing is None:
        return proposed
    names = sorted((match.persona.name.into(language), match.persona.key) for match in result.matches)
    options, choice = tuple((key, name) for name, key in names), choosing.choice
    chosen = [match for match in result.matches if choice and match.persona.key == choice.persona]
    if choice is None or (choice.persona and not chosen):
        return replace(proposed, options=options)
    return PersonaResult("chosen", tuple(_persona(match, language) for match in chosen), options)


def _ask_next(
    catalogue: Catalogue, result: matcher.PersonaResult, facts: FactSet, language: str
) -> QuestionView | None:
    """Nothing where one persona is clear."""
    if len(result.leading) == 1:
        return None
    question = choose_question(catalogue.questions, catalogue.personas, facts)
    return _view_question(question, language) if question else None


def _list_asked(catalogue: Catalogue, dossier: Dossier, language: str) -> tuple[QuestionView, ...]:
    given = dossier.customer.answers
    return tuple(
        _view_question(question, language, said=str(given[fact].get("value")))
        for fact, question in catalogue.questions.items()
        if given and fact in given
    )


def _view_question(question: Question, language: str, *, said: str | None = None) -> QuestionView:
    answers = tuple((value, words.into(language)) for value, words in question.answers.items())
    return QuestionView(question.fact, question.asks.into(language), answers, dict(answers).get(said or ""))


def _persona(match: matcher.PersonaMatch, language: str) -> PersonaView:
    persona = match.persona
    return PersonaView(
        key=persona.key,
        name=persona.name.into(language),
        summary=persona.summary.into(language),
        coverage=float(match.coverage),
        score=float(match.score),
        reasons=tuple(explain(reason, language) for reason in match.reasons),
        against=(),
        missing=tuple(_lacking(fact, language) for fact in match.missing),
        goals=tuple(goal.into(language) for goal in persona.goals),
        do=tuple(text.into(language) for text in persona.conversation.do),
        dont=tuple(text.into(language) for text in persona.conversation.dont),
    )


@lru_cache(maxsize=1_024)
def _lacking(fact: str, language: str) -> str:
    return explain(Reason(fact, Operator.KNOWN, wanted=True, actual=None, truth=Truth.UNKNOWN), language)


def _icp(desk: Desk, facts: FactSet, language: str) -> IcpView:
    result = rate(desk.personas.icp, facts)
    known = result.tier is not None and result.value is not None
    reasons = [reason for side in result.dimensions for reason in side.reasons] + list(result.disqualified_by)
    return IcpView(
        grade=result.label if known else None,
        reasons=tuple(explain(reason, language) for reason in reasons),
        missing=tuple(_lacking(fact, language) for fact in sorted(result.missing)),
    )


def _header(dossier: Dossier, facts: FactSet, sources: Sequence[SourceRow], matched_on: str) -> Header:
    customer = dossier.customer
    months = facts.get("customer.months_since_first")
    return Header(
        customer_id=customer.id,
        name=customer.name,
        register=customer.register,
        language=customer.language,
        country=customer.country,
        company=customer.company,
        matched_on=matched_on,
        connections=tuple(source.connection for source in sources),
        orders=int(str(facts.get("order.count", 0))),
        months=None if months is None else int(str(months)),
        lifecycle=str(facts.get("customer.lifecycle", "prospect")),
    )


def _purchase(row: PurchaseRow, dossier: Dossier) -> Purchase:
    priced = row.unit_price is not None and row.currency
    return Purchase(
        at=row.placed_at,
        name=row.name,
        quantity=abs(row.quantity),
        price=Price(row.unit_price, row.currency) if priced and row.unit_price and row.currency else None,
        order_number=row.number,
        status=_status(row, dossier),
    )


def _status(row: PurchaseRow, dossier: Dossier) -> str:
    if row.quantity < 0:
        return "returned"
    return "late" if is_late(row, dossier.now) else row.status


def _write_back(
    desk: Desk, session: Session, customer_ids: Sequence[int], sources: Sequence[SourceRow], *, own: int
) -> WriteBack:
    """`own`: the connection that the shown customer is of."""
    taker = choose_taker(sources, own)
    if taker is None:
        return WriteBack(waiting=0, failed=0, delivered_at=None, supported=False)
    held = desk.switches.find(Switch.WRITES) is not None
    return writeback.state(session, customer_ids, shadow=taker.shadow, held=held)


def _freshness(customer: Customer, sources: Sequence[SourceRow]) -> Freshness:
    """As old as the oldest of the CRMs that the card is made of."""
    elsewhere, own = [], customer.refreshed_at
    for source in sources:
        if source.connection_id == customer.connection_id:
            own = max(own, source.synced_at or own)
        elif source.synced_at:
            elsewhere.append(source.synced_at)
    return Freshness(
        synced_at=min([own, *elsewhere]),
        live=False,
        crm_down=any(source.error for source in sources),
    )
