"""Work beside the machines and after them: persistent, cancellable, with progress, in a short and a long lane."""

from lineside.jobs.job import Cancelled, Job, JobContext, JobState, Json, Work
from lineside.jobs.jobs import Jobs, forget_unfinished
from lineside.jobs.records import JobRecord
from lineside.jobs.verifying import VERIFY, submit_verify, verify_job

__all__ = [
    "VERIFY",
    "Cancelled",
    "Job",
    "JobContext",
    "JobRecord",
    "JobState",
    "Jobs",
    "Json",
    "Work",
    "forget_unfinished",
    "submit_verify",
    "verify_job",
]
