"""Secure sums: what members have together, which a hub learns without learning what any of them has."""

from lineside.hub.sums.asked import AskedSum
from lineside.hub.sums.proving import told_members
from lineside.hub.sums.records import SumRecord
from lineside.hub.sums.sums import Progress, Sum, Sums

__all__ = ["AskedSum", "Progress", "Sum", "SumRecord", "Sums", "told_members"]
