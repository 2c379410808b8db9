"""Long work: persistent, cancellable, with progress, one piece after another and after the machines."""

from lineside.jobs.job import Cancelled, Job, JobContext, JobState, Json, Work
from lineside.jobs.jobs import Jobs, forget_unfinished

__all__ = ["Cancelled", "Job", "JobContext", "JobState", "Jobs", "Json", "Work", "forget_unfinished"]
