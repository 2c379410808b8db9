"""A secure sum of the demo cluster: generated members hide what they have, and its hub learns what it is in all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lineside.demo.cluster.asked import scenes
from lineside.demo.cluster.history import HistoryClock
from lineside.demo.cluster.speaking import Speaker, heard
from lineside.exchange import Addressed, SumKey, SumShare, month_name, share, steps, sum_key
from lineside.hub import Hub
from lineside.hub.sums import AskedSum, Sum
from lineside.trust import HERE

_TAKE_PART = 20
_STREAM = 11
"""The stream of random numbers of this module."""
_DAYS = 14
_HOURS_A_PERSON = (2.0, 24.0)
_MOST_H = 1_000_000.0


def sum_up(hub: Hub, clock: HistoryClock, speakers: Mapping[int, Speaker], seed: int, month: int) -> Sum | None:
    """A sum over the first members, called for, gone through and told; None where they are too few to hide in.

    It takes the clock a fortnight on. Raises LinesideError for what the hub does not take.
    """
    protection = hub.settings.protection
    taking = [one for _, one in sorted(speakers.items())][:_TAKE_PART]
    if len(taking) < protection.group + protection.colluders:
        return None
    told = scenes().sum
    to = Addressed(members=tuple(sorted(one.member for one in taking)))
    words = told.title, told.purpose, told.quantity
    called = hub.sums.call(AskedSum(*words, month_name(month), told.unit, 1.0, _MOST_H, to=to, days=_DAYS), by=HERE)
    secrets = {one.member: sum_key() for one in taking}
    now_ms = hub.oversight.now_ms
    keys = ((one, secrets[one.member][1]) for one in taking)
    heard(hub, [(one, one.statement(SumKey, now_ms, call=called.sha256, key=key)) for one, key in keys])
    clock.forward_to(called.call.keys_until_ms * 1000)
    hub.sums.keep()
    _share(hub, called.id, taking, {member: secret for member, (secret, _) in secrets.items()}, seed)
    hub.sums.keep()
    return hub.sums.get(called.id)


def _share(hub: Hub, number: int, taking: list[Speaker], secrets: Mapping[int, bytes], seed: int) -> None:
    """Each says what it has, hidden behind what it agreed on with each other one."""
    asked, rng = hub.sums.get(number), np.random.default_rng([seed, _STREAM])
    round_ = asked.rounds[-1]
    said = []
    for one in taking:
        hours = round((one.told.profile.employees or 1) * float(rng.uniform(*_HOURS_A_PERSON)))
        hidden = share(steps(hours, asked.call), one.member, secrets[one.member], round_.told, round_.envelope.payload)
        statement = one.statement(SumShare, hub.oversight.now_ms, round=round_.sha256, share=hidden)
        said.append((one, statement))
    heard(hub, said)
