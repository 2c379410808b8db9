"""Sign-in by OpenID Connect: a provider says who somebody is, and the plant file what its groups may."""

from lineside.trust.oidc.flow import SIGN_IN_S
from lineside.trust.oidc.sign_ins import Answer, SignIns

__all__ = ["SIGN_IN_S", "Answer", "SignIns"]
