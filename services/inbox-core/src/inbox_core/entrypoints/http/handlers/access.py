"""Log in and out, who am I, who else is here, and tickets for sockets."""

from inbox_core.app.access import Forbidden, Principal
from inbox_core.app.login import log_in
from inbox_core.entrypoints.http.authentication import csrf_token
from inbox_core.entrypoints.http.models import LoginBody, Me, Members, UserView, WorkspaceView
from inbox_core.entrypoints.http.route import Answer, Backend, Call
from inbox_core.entrypoints.realtime.tickets import TicketRequest


async def login(backend: Backend, call: Call) -> Answer:
    """A session, and its cookie."""
    body: LoginBody = call.body
    session = await log_in(
        backend.accounts,
        backend.passwords,
        backend.limiter,
        body.email,
        body.password,
        call.address,
    )
    return Answer(_me(backend, session.principal), session=session.token)


async def logout(backend: Backend, call: Call) -> Answer:
    """The session ends here and everywhere; the cookie goes."""
    session = call.caller.session_hash
    if session is None:
        raise Forbidden("An API token has no session to end; an owner revokes it.")
    await backend.accounts.close_session(session)
    await backend.signed_out(call.caller)
    return Answer(None, status=204, session="")


async def me(backend: Backend, call: Call) -> Answer:
    return Answer(_me(backend, call.caller))


async def members(backend: Backend, call: Call) -> Answer:
    return Answer(Members(items=list(await backend.reading.members(call.workspace))))


async def ticket(backend: Backend, call: Call) -> Answer:
    """A ticket, to be shown by the first frame of a socket."""
    body: TicketRequest = call.body
    principal = call.caller
    return Answer(backend.tickets.issue(principal, body.workspace_id, principal.session_ends))


def _me(backend: Backend, principal: Principal) -> Me:
    return Me(
        user=UserView(id=principal.user_id, name=principal.name, email=principal.email),
        workspaces=[
            WorkspaceView(id=row.workspace_id, name=row.workspace_name, role=row.role)
            for row in principal.memberships.values()
        ],
        csrf_token=csrf_token(backend.signer, principal),
    )
