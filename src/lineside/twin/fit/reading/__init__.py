"""Event logs of any plant, read into one record of what the line did."""

from lineside.twin.fit.reading.log import read_log
from lineside.twin.fit.reading.writing import write_log

__all__ = ["read_log", "write_log"]
