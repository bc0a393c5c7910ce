"""Webhooks as Recharge sends them: registered, noted in the transaction of the change, sent until they arrive."""

from backends.webhooks.outbox import Outbox, Subject
from backends.webhooks.registration import registration
from backends.webhooks.tables import define_webhooks

__all__ = ["Outbox", "Subject", "define_webhooks", "registration"]
