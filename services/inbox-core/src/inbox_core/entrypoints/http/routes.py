"""THE table of routes: what the API answers, to whom, and how it may refuse.

The application (app.py), the OpenAPI document (openapi.py) and the tests of roles are made of it.
"""

from inbox_core.app.access import Permission
from inbox_core.app.details import ConversationDetail
from inbox_core.app.uploads import FileView
from inbox_core.app.views import ChannelView, ContactView, ConversationView, MessageView
from inbox_core.entrypoints.http.handlers import (
    access,
    channels,
    contacts,
    conversations,
    events,
    files,
    messages,
)
from inbox_core.entrypoints.http.models import (
    ChannelBody,
    ChannelPatch,
    Channels,
    ChannelTypes,
    Counts,
    EventsQuery,
    FileQuery,
    ListQuery,
    LoginBody,
    Me,
    Members,
    PageBody,
    ReactionBody,
    ReadBody,
    ReplyBody,
    ThreadQuery,
    TransitionBody,
    TypingBody,
)
from inbox_core.entrypoints.http.route import Route
from inbox_core.entrypoints.realtime.poll import EventsPage
from inbox_core.entrypoints.realtime.tickets import TicketAnswer, TicketRequest

READ, ANSWER, ADMINISTER = Permission.READ, Permission.ANSWER, Permission.ADMINISTER
WORKSPACE = "/v1/workspaces/{workspace_id}"
CHANNEL = WORKSPACE + "/channels/{channel_id}"
CONTACT = WORKSPACE + "/contacts/{contact_id}"
CONVERSATION = WORKSPACE + "/conversations/{conversation_id}"
MESSAGE = CONVERSATION + "/messages/{message_id}"

ROUTES: tuple[Route, ...] = (
    # ── Access ──────────────────────────────────────────────────────────────────────────────
    Route(
        "POST", "/v1/login", "login", "Access", "Log in: sets the session cookie",
        access.login, "anyone", {200: Me}, body=LoginBody,
        problems=("bad_credentials", "too_many_requests", "csrf", "busy"),
    ),
    Route(
        "POST", "/v1/logout", "logout", "Access", "Log out: ends the session",
        access.logout, "signed_in", {204: None}, problems=("forbidden",),
    ),
    Route("GET", "/v1/me", "me", "Access", "Who am I", access.me, "signed_in", {200: Me}),
    Route(
        "GET", f"{WORKSPACE}/members", "listMembers", "Access", "Who is in the workspace",
        access.members, READ, {200: Members}, tagged=True,
    ),
    # ── Channels ────────────────────────────────────────────────────────────────────────────
    Route(
        "GET", f"{WORKSPACE}/channels", "listChannels", "Channels", "Channel accounts",
        channels.list_channels, READ, {200: Channels}, tagged=True,
    ),
    Route(
        "POST", f"{WORKSPACE}/channels", "connectChannel", "Channels",
        "Connect a platform account; its secret is stored sealed and never shown again",
        channels.create_channel, ADMINISTER, {201: ChannelView}, body=ChannelBody,
        problems=("account_taken", "channel_refused"), repeatable=True,
    ),
    Route(
        "GET", CHANNEL, "getChannel", "Channels", "One channel account",
        channels.get_channel, READ, {200: ChannelView},
    ),
    Route(
        "PATCH", CHANNEL, "changeChannel", "Channels",
        "Rename, switch on or off, replace the secret",
        channels.update_channel, ADMINISTER, {200: ChannelView}, body=ChannelPatch,
        if_match="required", problems=("channel_refused",),
    ),
    Route(
        "POST", f"{CHANNEL}/validate", "validateChannel", "Channels",
        "Ask the platform whether it still takes the secret",
        channels.check_channel, ADMINISTER, {200: ChannelView}, repeatable=True,
    ),
    Route(
        "GET", f"{WORKSPACE}/channel-types", "listChannelTypes", "Channels",
        "What the channels of each type can do",
        channels.list_channel_types, READ, {200: ChannelTypes}, tagged=True,
    ),
    # ── Conversations ───────────────────────────────────────────────────────────────────────
    Route(
        "GET", f"{WORKSPACE}/conversations", "listConversations", "Conversations",
        "A page of conversations, the latest message first",
        conversations.list_conversations, READ, {200: PageBody[ConversationView]},
        query=ListQuery, problems=("invalid_cursor",), tagged=True,
    ),
    Route(
        "GET", f"{WORKSPACE}/conversations/counts", "countConversations", "Conversations",
        "How many conversations each view has, counted to a hundred",
        conversations.count_conversations, READ, {200: Counts}, tagged=True,
    ),
    Route(
        "GET", CONVERSATION, "getConversation", "Conversations", "One conversation",
        conversations.get_conversation, READ, {200: ConversationDetail},
    ),
    Route(
        "PUT", f"{CONVERSATION}/read", "markRead", "Conversations",
        "Mark as read up to a message, for everybody",
        conversations.mark_read, READ, {200: ConversationView}, body=ReadBody,
    ),
    Route(
        "DELETE", f"{CONVERSATION}/read", "markUnread", "Conversations",
        "Mark the customer's last message as unread, for everybody",
        conversations.mark_unread, READ, {200: ConversationView},
    ),
    Route(
        "POST", f"{CONVERSATION}/transitions", "transitionConversation", "Conversations",
        "Change the status; the same status again changes nothing",
        conversations.transition, ANSWER, {200: ConversationView}, body=TransitionBody,
        problems=("invalid_transition", "live_conversation_exists"), repeatable=True,
        if_match="optional",
    ),
    Route(
        "POST", f"{CONVERSATION}/typing", "tellTyping", "Conversations",
        "Show the customer that somebody writes, where the channel can",
        conversations.typing, ANSWER, {204: None}, body=TypingBody, repeatable=True,
    ),
    # ── Messages ────────────────────────────────────────────────────────────────────────────
    Route(
        "GET", f"{CONVERSATION}/messages", "listMessages", "Messages",
        "A page of a thread by descending `seq`, the order of arrival; show it by (sent_at, seq)",
        messages.list_messages, READ, {200: PageBody[MessageView]}, query=ThreadQuery,
        problems=("invalid_cursor",), tagged=True,
    ),
    Route(
        "POST", f"{CONVERSATION}/messages", "sendMessage", "Messages",
        "Reply to the customer: 201, or 200 for a message this client_msg_id made before",
        messages.send_message, ANSWER, {201: MessageView, 200: MessageView}, body=ReplyBody,
        problems=(
            "not_sendable", "contact_blocked", "window_closed", "live_conversation_exists",
        ),
        repeatable=True,
    ),
    Route(
        "POST", f"{MESSAGE}/retry", "retryMessage", "Messages",
        "Send a failed or uncertain message again",
        messages.retry_message, ANSWER, {202: MessageView},
        problems=("not_sendable", "contact_blocked", "window_closed", "not_retryable"),
        repeatable=True,
    ),
    Route(
        "PUT", f"{MESSAGE}/reaction", "setReaction", "Messages",
        "React to a message of the customer; another emoji replaces the one before",
        messages.set_reaction, ANSWER, {200: MessageView}, body=ReactionBody,
        problems=("not_supported", "window_closed"),
    ),
    Route(
        "DELETE", f"{MESSAGE}/reaction", "removeReaction", "Messages", "Take our reaction back",
        messages.remove_reaction, ANSWER, {200: MessageView},
        problems=("not_supported", "window_closed"),
    ),
    Route(
        "POST", f"{MESSAGE}/media/{{part}}/retry", "retryMedia", "Messages",
        "Try again to copy a file of a message",
        files.retry_media, ANSWER, {202: MessageView}, problems=("not_retryable",), repeatable=True,
    ),
    # ── Contacts ────────────────────────────────────────────────────────────────────────────
    Route(
        "PUT", f"{CONTACT}/block", "blockContact", "Contacts",
        "Block: what the contact writes is kept, wakes nobody, and cannot be answered",
        contacts.block, ANSWER, {200: ContactView}, if_match="optional",
    ),
    Route(
        "DELETE", f"{CONTACT}/block", "unblockContact", "Contacts", "Hear the contact again",
        contacts.unblock, ANSWER, {200: ContactView}, if_match="optional",
    ),
    # ── Files ───────────────────────────────────────────────────────────────────────────────
    Route(
        "POST", f"{WORKSPACE}/files", "uploadFile", "Files",
        "Upload a file, to be sent within a day: the body is the file, Content-Type its type",
        files.upload, ANSWER, {201: FileView}, query=FileQuery,
        problems=("file_refused", "too_many_requests", "busy"), repeatable=True, upload=True,
    ),
    Route(
        "GET", f"{WORKSPACE}/files/{{file_id}}", "getFile", "Files",
        "The bytes of a file, or with Range a part of them",
        files.download, READ, {200: None, 206: None}, problems=("gone",), download=True,
    ),
    # ── Realtime ────────────────────────────────────────────────────────────────────────────
    Route(
        "POST", "/v1/realtime/tickets", "issueTicket", "Realtime",
        "A ticket for the first frame of a socket", access.ticket, "signed_in",
        {200: TicketAnswer}, body=TicketRequest, problems=("forbidden", "not_found"),
    ),
    Route(
        "GET", f"{WORKSPACE}/events", "pollEvents", "Realtime",
        "What sockets are told, by long poll", events.poll_events, READ, {200: EventsPage},
        query=EventsQuery,
    ),
)  # fmt: skip
