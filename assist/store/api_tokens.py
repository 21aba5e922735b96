"""Questions about the tokens of programs."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.account import UserAccount
from assist.models.api_token import ApiToken


def find_token(session: Session, token_hash: str) -> tuple[ApiToken, UserAccount] | None:
    """With the account that it acts for."""
    found = session.execute(
        select(ApiToken, UserAccount)
        .join(UserAccount, UserAccount.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash)
    ).first()
    return (found[0], found[1]) if found else None


def list_tokens(session: Session) -> Sequence[tuple[ApiToken, str]]:
    """With the e-mail of the account, the latest first."""
    rows = select(ApiToken, UserAccount.email).join(UserAccount, UserAccount.id == ApiToken.user_id)
    return [(token, email) for token, email in session.execute(rows.order_by(ApiToken.id.desc()))]
