"""What answers say to browsers: run and load nothing from elsewhere, be framed by nobody, keep nothing, tell no one.

A page says more than its parts do. Its scripts come from the node's files alone; styles may stand in it, as charts and
lanes set widths there.
"""

from __future__ import annotations

SECURITY = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer; short, as a page asks for many."""

PAGE_SECURITY = SECURITY | {
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-src 'none'; worker-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
