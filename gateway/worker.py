"""The delivery and clock loop: outbox letters go to their channels, and what partners say comes back to the referral."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable

from gateway.channel import fhir_rest
from gateway.channel.backend_client import BackendClient
from gateway.clock import Clock, to_ms
from gateway.context import Context, Principal
from gateway.fhir.outcome import OutcomeError
from gateway.net.line import PartnerAway
from gateway.record.course import settle_some
from gateway.referral.package import compose
from gateway.referral.receive import follow, told_by
from gateway.referral.send import advance, shown
from gateway.referral.state import ENDED
from gateway.settings import Settings
from gateway.store import audit, outbox
from gateway.store import referral as referrals
from gateway.store.audit import Journal
from gateway.store.engine import Connection, Store, StoreAway
from gateway.store.outbox import Letter
from gateway.store.referral import Channel, Open
from gateway.store.schema import COURSE_DUE
from gateway.trail import events

_log = logging.getLogger("handoff.worker")

_RETRY_MS = (5_000, 30_000, 120_000, 600_000, 3_600_000)
_GIVE_UP_MS = 7 * 24 * 3_600_000
"""The last channel is retried for seven days before a referral fails."""


class Worker:
    """One for a gateway. `run_once` does what is due; `run` does so until told to stop."""

    def __init__(self, settings: Settings, store: Store, client: BackendClient, clock: Clock) -> None:
        self._settings, self._store, self._client, self._clock = settings, store, client, clock
        self._journal = Journal(store)
        self._topics: dict[str, Callable[[Letter], None]] = {"referral-send": self._send, "referral-changed": self._tell, COURSE_DUE: self._settle}

    def run(self, stop: threading.Event) -> None:
        polled = 0
        while not stop.wait(1.0):
            try:
                self.deliver()
                if to_ms(self._clock()) - polled >= self._settings.poll_seconds * 1000:
                    polled = to_ms(self._clock())
                    self.poll()
            except StoreAway:
                _log.warning("store away; trying again")

    def run_once(self) -> None:
        """Deliver every letter that is due, then ask every partner how its referrals stand."""
        self.deliver()
        self.poll()

    def deliver(self) -> int:
        """Take up due letters; returns how many were delivered. A letter that fails is due again later, with the reason kept."""
        with self._store.read() as connection:
            letters = outbox.due(connection, to_ms(self._clock()))
        delivered = 0
        for letter in letters:
            try:
                self._topics.get(letter.topic, _nobody_listens)(letter)
            except (PartnerAway, LookupError, OutcomeError) as fault:
                self._postpone(letter, str(fault) if isinstance(fault, PartnerAway) else "what was to be sent is no longer there, or may no longer be")
                continue
            with self._store.write() as connection:
                outbox.done(connection, letter.seq, to_ms(self._clock()))
            delivered += 1
        return delivered

    def poll(self) -> int:
        """Follow every open referral whose Task lives at a partner; returns how many steps were taken."""
        with self._store.read() as connection:
            waiting = referrals.with_remote(connection, ENDED)
        return sum(self._follow(one) for one in waiting)

    def _send(self, letter: Letter) -> None:
        context, now = self._context(letter.practice), to_ms(self._clock())
        with self._store.read() as connection:
            one = referrals.read(connection, letter.practice, letter.subject)
            if one is None or one.state != "sent":
                return
            channel = _channel(connection, one)
            package = compose(connection, letter.practice, one.service_request, one.task, one.recipient, now)
        if channel is None:
            raise PartnerAway("the partner has no channel; add one with: handoff partner add --fhir-base ... --client-id ...")
        if not package.whole:
            raise PartnerAway("the consent that this referral hangs on is no longer in force; withdraw the referral or record a new consent")
        remote = fhir_rest.push(self._client.of(letter.practice), channel, fhir_rest.bundle_of([item.body for item in package.going], self._settings.fhir_base))
        with self._store.change() as connection:
            referrals.set_remote(connection, one, remote, 0)
            now_open = referrals.read(connection, letter.practice, one.task)
            if now_open is not None and now_open.state == "sent":
                audit.append(connection, events(context, "update", advance(context, connection, one.task, "delivered", "gateway")))
            elif now_open is not None:  # withdrawn while it was on the wire: the partner must hear of it
                outbox.add(connection, letter.practice, "referral-changed", one.task, {"state": now_open.state, "actor": "initiator"}, now)

    def _tell(self, letter: Letter) -> None:
        """What the practice itself did to a referral that lies at a partner: asked to cancel it, withdrew it, answered a question."""
        with self._store.read() as connection:
            one = referrals.read(connection, letter.practice, letter.subject)
            channel = _channel(connection, one) if one else None
        if letter.payload.get("actor") != "initiator" or one is None or one.remote_task is None or channel is None or one.state != letter.payload["state"]:
            return
        client = self._client.of(letter.practice)
        remote = fhir_rest.read_task(client, channel, one.remote_task)
        if told_by(remote) not in (*ENDED, one.state):  # what the partner ended comes in with the next poll
            fhir_rest.change_task(client, channel, remote, shown(one.state))

    def _settle(self, letter: Letter) -> None:
        """The course of a client, where an intake broke off before it came to that."""
        if settle_some(self._context(letter.practice), [letter.subject]):
            _log.error("the course of a client could not be worked out: a mapping has a fault")

    def _follow(self, one: Open) -> int:
        context, steps = self._context(one.practice), 0
        with self._store.read() as connection:
            channel = _channel(connection, one)
        if channel is None or one.remote_task is None:
            return 0
        try:
            versions = fhir_rest.versions_since(self._client.of(one.practice), channel, one.remote_task, one.remote_version)
        except PartnerAway:
            _log.warning("a partner could not be asked about a referral; trying again")
            return 0
        for version, task in versions:
            with self._store.change() as connection:
                written = follow(context, connection, one.task, task)
                referrals.set_remote(connection, one, one.remote_task, version)
                audit.append(connection, events(context, "update", written))
                steps += len(written)
        return steps

    def _postpone(self, letter: Letter, fault: str) -> None:
        now = to_ms(self._clock())
        with self._store.change() as connection:
            outbox.postpone(connection, letter.seq, now + _RETRY_MS[min(letter.attempts, len(_RETRY_MS) - 1)], fault)
            one = referrals.read(connection, letter.practice, letter.subject)
            if letter.topic == "referral-send" and one and one.state == "sent" and now - one.since >= _GIVE_UP_MS:
                context = self._context(letter.practice)
                audit.append(connection, events(context, "update", advance(context, connection, one.task, "failed", "gateway")))
                outbox.done(connection, letter.seq, now)

    def _context(self, practice: str) -> Context:
        principal = Principal("gateway", "Handoff worker", practice, "practice", "gateway", "TREAT", "")
        return Context(principal, self._store, self._journal, self._clock, str(uuid.uuid4()), self._settings.fhir_base, lambda _type, _letter: False)


def _channel(connection: Connection, one: Open) -> Channel | None:
    return next((found for found in referrals.channels_of(connection, one.practice, one.recipient) if found.kind == "fhir_rest"), None)


def _nobody_listens(letter: Letter) -> None:
    """A topic that no channel takes yet: the letter is done once it is stored with its change."""
