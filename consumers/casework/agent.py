"""The Faust agent of casework: hands what comes of the log to the transaction, in a thread, until it is applied."""

from __future__ import annotations

import asyncio

import faust

from consumers.casework.transaction import Casework
from consumers.patience import until_done
from infra import metrics, streams
from infra.batches import Wave, place_of
from infra.settings import Settings


def attach(app: faust.App, settings: Settings, casework: Casework) -> None:
    """Make casework the only reader of the log in this app."""

    async def carry_out(wave: Wave) -> None:
        with metrics.batch("casework", sum(map(len, wave))):
            await until_done(
                lambda: asyncio.to_thread(casework.apply, *wave),
                what=place_of(wave),
                give_up_after=settings.stall_seconds,
            )

    streams.attach(app, [settings.topics.case_events], "casework", carry_out)

    @app.on_partitions_revoked.connect
    async def forget(*_: object, **__: object) -> None:
        casework.forget()
