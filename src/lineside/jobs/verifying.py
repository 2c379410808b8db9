"""The own ledger recomputed, as a job: is it whole, and does it agree with every receipt that came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineside.jobs.job import Job, JobContext, Work
from lineside.jobs.jobs import Jobs
from lineside.trust import Head as SignedHead
from lineside.trust import Held, Ledger, Receipt, scan_ledger

VERIFY = "ledger.verify"


def verify_job(ledger: Ledger) -> Work:
    """The job kind "ledger.verify": its result is the verdict in words of every language."""

    def run(context: JobContext, _: Mapping[str, Any]) -> Mapping[str, object]:
        with ledger.stored() as now:
            total, file = now.size, "books"
            own = [SignedHead.parse(text, file) for *_, text in now.heads(receipts=False)]
            kept = [Receipt.parse(text, file) for *_, text in now.heads(receipts=True)]
            found = scan_ledger(now.entries(), lambda done: context.progress(done, total))
        return found.verdict(own, [Held(one.head, "receipt") for one in kept]).told()

    return run


def submit_verify(jobs: Jobs) -> Job:
    """Queues it."""
    return jobs.submit(VERIFY, "ledger")
