"""What a token says of itself. Used by each channel's connect.py."""

from datetime import UTC, datetime

from contracts.records import OWN_APP
from metagraph.errors import NotSent
from metagraph.graph import GraphClient, TokenInfo


async def ask_about(graph: GraphClient, token: str, app_token: str | None) -> TokenInfo | None:
    """`app_token` None: the token is asked about itself.

    None: not every token may be asked about; whether it works, the account says.
    """
    try:
        return await graph.token_info(token, app_token)
    except NotSent:
        return None


def ends_at(info: TokenInfo | None) -> datetime | None:
    """None: never, or nobody says."""
    return datetime.fromtimestamp(info.expires_at, UTC) if info and info.expires_at else None


def own_app(info: TokenInfo | None) -> dict[str, str]:
    """For the record's config: the app the token was made for."""
    return {OWN_APP: info.app_id} if info and info.app_id else {}
