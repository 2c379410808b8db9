"""By what a node shows others who it is: certificates that its owner brings, or those of its own authority."""

from lineside.trust.tls.authority import AUTHORITY, Authority
from lineside.trust.tls.shown import Shown, fingerprint_of, read_shown, trusting, validity_of

__all__ = ["AUTHORITY", "Authority", "Shown", "fingerprint_of", "read_shown", "trusting", "validity_of"]
