"""One way in for every message: the checks of the guide, in their order, and nothing before them.

The guide: docs/site/en/how-to/dci.md.

Who calls was told by the HTTP layer (401, 403). Here: JSON, envelope, version, action, sender,
receiver, time, signature, encryption, count, and last the message's id: a message that is refused
does not use up its id.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.access.addresses import AddressRules, NotAnAddress
from app.access.looking import Looker
from app.dci.callbacks import callback_of
from app.dci.endpoints import LATER, Endpoint, is_known
from app.dci.envelope import Envelope, document_of, is_our_version, moment_of, read_envelope
from app.dci.keys import KeysUnavailable, OwnKeys, PartnerKeys, encryption_key
from app.dci.received import Received
from app.dci.refusals import MessageRefused
from app.store.dci_messages import Claim, MessageIdTaken, Messages
from app.store.dci_senders import Sender, Senders
from app.store.session import Database
from connectors.dci.codes import ErrorCode, HeaderCode
from connectors.dci.encryption import EncryptionInvalid, decrypt, is_encrypted
from connectors.dci.keys import KeyPair
from connectors.dci.signatures import (
    Dialect,
    SignatureInvalid,
    SignatureMissing,
    Signed,
    check,
    dialect_of,
)

OLDEST: Final = timedelta(days=1)
"""A message may be stored and forwarded on its way, but not for longer."""
AHEAD: Final = timedelta(minutes=5)
MOST_ITEMS: Final = 100


@dataclass(frozen=True, kw_only=True)
class Intake:
    """The checks over our keys, the partners' and what came before."""

    database: Database
    senders: Senders
    messages: Messages
    own: OwnKeys
    partners: PartnerKeys
    rules: Callable[[], Awaitable[AddressRules]]
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    async def sender_of(self, client_id: str) -> Sender:
        """The partner that this client is. Raises `MessageRefused`."""
        found = await self.database.read(lambda tx: self.senders.of_client(tx, client_id))
        if found is None:
            raise MessageRefused(ErrorCode.FORBIDDEN, "the client is no registered DCI sender")
        return found

    async def take(self, endpoint: Endpoint, body: bytes, look: Looker) -> Received:
        """The message, or `MessageRefused` with the first thing that is wrong."""
        envelope = read_envelope(document_of(body), callback=endpoint.callback)
        _check_kind(endpoint, envelope)
        sender = await self.sender_of(look.actor)
        _check_parties(envelope, sender)
        now = self.now()
        _check_time(envelope, now)
        dialect = await self._signed(envelope, sender, now)
        await self._check_callback(endpoint, envelope, sender)
        message, encrypted = self._opened(envelope)
        reply_key = await self.reply_key(sender) if encrypted else None
        _check_count(endpoint, envelope, message)
        header = envelope.header
        claim = Claim(look.actor, look.region, header.message_id, body)
        own_id = self.new_id("cr")
        try:
            claimed = await self.database.write(
                lambda tx: self.messages.claim(tx, claim, own_id, now)
            )
        except MessageIdTaken:
            words = "the message's id stood for another message"
            raise MessageRefused(HeaderCode.MESSAGE_ID, words) from None
        return Received(
            endpoint=endpoint,
            look=look,
            sender=sender,
            header=header,
            message=message,
            dialect=dialect,
            reply_key=reply_key,
            correlation_id=claimed.correlation_id,
            repeated=claimed.repeated,
            at=now,
        )

    async def _signed(self, envelope: Envelope, sender: Sender, now: datetime) -> Dialect:
        """The dialect of a signature that holds, or of a stub where this sender may send one."""
        try:
            dialect = _dialect(envelope.signature, sender)
            if dialect is Dialect.NONE:
                return dialect
            await self._check_signature(envelope, sender, now)
        except SignatureMissing as missing:
            raise MessageRefused(ErrorCode.SIGNATURE_MISSING, str(missing)) from None
        except SignatureInvalid as invalid:
            raise MessageRefused(ErrorCode.SIGNATURE, str(invalid)) from None
        except KeysUnavailable as away:
            raise MessageRefused(ErrorCode.SIGNATURE, str(away)) from None
        return dialect

    async def _check_signature(self, envelope: Envelope, sender: Sender, now: datetime) -> None:
        signature, signed = str(envelope.signature), Signed(envelope.header.raw, envelope.message)
        keys = await self.partners.of(sender)
        try:
            check(signature, signed, keys, now=now, sender=sender.sender_id)
        except SignatureInvalid:
            # The partner may have changed its keys since they were fetched.
            again = await self.partners.of(sender, anew=True)
            if again == keys:
                raise
            check(signature, signed, again, now=now, sender=sender.sender_id)

    async def _check_callback(self, endpoint: Endpoint, envelope: Envelope, sender: Sender) -> None:
        """Where the answer goes is asked before anything is taken in: nobody else is called."""
        if endpoint not in LATER:
            return
        try:
            (await self.rules()).place_of(callback_of(endpoint, envelope.header, sender))
        except NotAnAddress as refused:
            words = f"header.sender_uri: {refused}"
            raise MessageRefused(ErrorCode.SENDER_URI, words) from None

    async def reply_key(self, sender: Sender) -> KeyPair:
        """Who asks in secret is not answered in the open."""
        try:
            found = encryption_key(await self.partners.of(sender))
        except KeysUnavailable as away:
            raise MessageRefused(ErrorCode.ENCRYPTION, str(away)) from None
        if found is None:
            words = "the sender has no key (use: enc) that an answer could be encrypted for"
            raise MessageRefused(ErrorCode.ENCRYPTION, words)
        return found

    def _opened(self, envelope: Envelope) -> tuple[Mapping[str, Any], bool]:
        message, encrypted = envelope.message, is_encrypted(envelope.message)
        if envelope.header.is_encrypted and not encrypted:
            words = "header.is_msg_encrypted is true, and the message is not encrypted"
            raise MessageRefused(ErrorCode.ENCRYPTION, words)
        if encrypted:
            try:
                message = decrypt(message, self.own.opening)
            except EncryptionInvalid as invalid:
                raise MessageRefused(ErrorCode.ENCRYPTION, str(invalid)) from None
        if not isinstance(message, Mapping):
            raise MessageRefused(ErrorCode.BAD, "the message is no object")
        return message, encrypted


def _check_kind(endpoint: Endpoint, envelope: Envelope) -> None:
    header = envelope.header
    if not is_our_version(header.version):
        raise MessageRefused(HeaderCode.VERSION, "version 1.0.0 is spoken here")
    if endpoint.takes(header.action):
        return
    if is_known(header.action):
        words = f"this address takes the action {endpoint.action.value}"
        raise MessageRefused(HeaderCode.ACTION_NOT_SUPPORTED, words)
    raise MessageRefused(HeaderCode.ACTION, "header.action is no word of the standard")


def _check_parties(envelope: Envelope, sender: Sender) -> None:
    """The token says who calls; the header must say the same, and mean us."""
    header = envelope.header
    if header.sender_id and header.sender_id != sender.sender_id:
        raise MessageRefused(ErrorCode.SENDER_ID, "header.sender_id is not the token's sender")
    if header.receiver_id and header.receiver_id not in sender.receiver_ids:
        raise MessageRefused(ErrorCode.RECEIVER_ID, "header.receiver_id is not this registry")


def _check_time(envelope: Envelope, now: datetime) -> None:
    at = moment_of(envelope.header.message_ts)
    if at is None:
        words = "header.message_ts is no moment by RFC 3339 with a zone"
        raise MessageRefused(HeaderCode.MESSAGE_TS, words)
    if not now - OLDEST <= at <= now + AHEAD:
        words = "header.message_ts is more than a day ago, or still to come"
        raise MessageRefused(HeaderCode.MESSAGE_TS, words)


def _dialect(signature: object, sender: Sender) -> Dialect:
    stubs = Dialect.NONE.value in sender.dialects
    if signature in (None, "") and stubs:
        return Dialect.NONE
    dialect = dialect_of(signature)
    if dialect.value in sender.dialects:
        return dialect
    if dialect is Dialect.NONE:
        raise SignatureMissing("a stub stands where a signature is asked for")
    raise SignatureInvalid("this sender is not registered to sign in this way")


def _check_count(endpoint: Endpoint, envelope: Envelope, message: Mapping[str, Any]) -> None:
    """As many items as the header says, and no more than are taken at once."""
    if not endpoint.items:
        return
    items = message.get(endpoint.items)
    if not isinstance(items, list) or not items:
        raise MessageRefused(ErrorCode.BAD, f"message.{endpoint.items} is no list of requests")
    if len(items) > MOST_ITEMS:
        words = f"at most {MOST_ITEMS} requests are taken at once"
        raise MessageRefused(HeaderCode.TOTAL_COUNT_LIMIT, words)
    if envelope.header.total_count != len(items):
        words = f"header.total_count is not the length of message.{endpoint.items}"
        raise MessageRefused(HeaderCode.TOTAL_COUNT, words)
