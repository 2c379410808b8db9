"""Who may do what: permissions, identities, and the loopback rule that holds until identities exist."""

from lineside.trust.loopback import is_loopback, is_own_origin
from lineside.trust.permissions import LOCAL_OWNER, Identity, Permission, require

__all__ = ["LOCAL_OWNER", "Identity", "Permission", "is_loopback", "is_own_origin", "require"]
