"""What nobody should send: words, numbers, paths, bodies, headers, whole requests and frames of a live socket."""

from __future__ import annotations

import gzip

WORDS = (
    "",
    " ",
    "\0",
    "\ud800",
    "\u202e\u0007",
    "x" * 5000,
    "../../../etc/passwd",
    "..\\..\\plant.toml",
    "/etc/passwd",
    "-1",
    "NaN",
    "1e999",
    "9" * 400,
    "null",
    "'; DROP TABLE facts; --",
    "{{7*7}}${7*7}%s%n",
    "<script>alert(1)</script>",
    "a\r\nSet-Cookie: a=b",
    "=cmd|'/c calc'!A1",
    "０１２",
    "0001-01-01",
    "9999-12-31T23:59:59.999999Z",
    "2026-03-04T25:00",
    "-9999999999999999",
    "99999999999999999999",
)
KNOWN_WORDS = (
    *("press", "cell", "disk", "site", "machine/press", "line/cell", "press/mode", "works", "operator", "general"),
    *("2026-03-04", "2026-03-05", "import", "oee", "orders", "plant", "service", "mtconnect", "states/press"),
    *("machine/zebra", "zebra", "zebra/zebra-mode", "zebra-source", "zebra-line"),
)
NUMBERS = (0, 1, -1, 7, 0.5, -0.0, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 1e308, float("nan"))
PLACES = (
    *(b"..%2f..%2f..%2fetc%2fpasswd", b"../../../plant.toml", b"%2e%2e/%2e%2e/plant.toml", b"..%5c..%5cplant.toml"),
    *(
        b"%00",
        b"a%00b",
        b"%ff%fe",
        b"%ed%a0%80",
        b"%c0%ae%c0%ae",
        b"%0d%0aSet-Cookie:%20a=b",
        b"%",
        b"%zz",
        b"%25%32%65",
    ),
    *(b"-1", b"0", b"99999999999999999999999", b"9" * 4500, b"1e999", b"NaN", b"1.0", b"+1", b"%EF%BC%91", b"1_000"),
    *(b"x" * 5000, b"%F0%9F%9A%82", b"%E2%80%AE", b"a;b=c", b"a,b", b"*", b"%3Cscript%3E", b"%27%20OR%201=1--", b""),
)
BODIES = (
    *(
        b"",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"0",
        b'""',
        b"{",
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"NaN",
    ),
    *(b"[" * 100_000, b'{"a":' * 20_000, b'{"a":1,"a":2}', b'{"\\ud800":1}', b'{"name":"\xed\xa0\x80"}', b"-" * 9000),
    *(
        b"a,b\n1,2\n",
        b"a;b\n\x00;\xff\n",
        b'm,machine=press mode="x" 1',
        b"m v=1e999 99999999999999999999",
        b"PK\x03\x04" * 9,
    ),
    *(
        b"<a>" * 20_000,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ),
    *(
        b"x" * 1_100_000,
        b"a=1&b=2",
        b'--x\r\nContent-Disposition: form-data; name="../a"; filename="../b"\r\n\r\nc\r\n--x--',
    ),
)
BOMB = gzip.compress(b"0" * 30_000_000)
FORMS = (
    *(b"application/json", b"application/json; charset=utf-7", b"application/json; charset=\xff", b"text/plain", b""),
    *(b"application/x-www-form-urlencoded", b"multipart/form-data", b"multipart/form-data; boundary=x", b"text/xml"),
    *(
        b"application/octet-stream",
        b"application/problem+json",
        b"/",
        b"application/x-msgpack",
        b"text/csv; charset=none",
    ),
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    *((b"Range", one) for one in (b"bytes=0-0", b"bytes=-1", b"bytes=9-1,2-3", b"bytes=" + b"0-," * 3000, b"x")),
    *((b"If-None-Match", one) for one in (b"*", b'W/"x"', b'"')),
    *((b"If-Modified-Since", one) for one in (b"never", b"Thu, 99 Jan 9999 99:99:99 GMT")),
    *((b"Accept", one) for one in (b"nonsense", b"*/*;q=nan", b"text/html,application/xml", b"," * 3000)),
    *((b"Accept-Language", one) for one in (b"zh", b"\xff\xfe", b"zh;q=", b"," * 9000, b"x" * 9000)),
    *((b"Accept-Encoding", one) for one in (b"\xff", b"identity;q=0", b"br, zstd")),
    *(
        (b"Cookie", one)
        for one in (b"lineside=", b"lineside=\xff\xfe", b"=;;=", b"lineside=a; lineside=b", b"a" * 9000)
    ),
    *(
        (b"Authorization", one)
        for one in (b"Bearer", b"Bearer \xff", b"Basic ====", b"Basic /////w==", b"Digest x", b":")
    ),
    *(
        (b"Host", one)
        for one in (b"", b"evil.example", b"[::1", b"127.0.0.1:99999999", b"\xff", b"a b", b"127.0.0.1@evil")
    ),
    *((b"Origin", one) for one in (b"null", b"http://[", b"http://evil.example", b"\xff", b"file:///")),
    *((b"X-Forwarded-For", b"10.0.0.1"), (b"X-Forwarded-Proto", b"https"), (b"X-HTTP-Method-Override", b"DELETE")),
    *(
        (b"Expect", b"100-continue"),
        (b"Expect", b"nonsense"),
        (b"Upgrade", b"h2c"),
        (b"TE", b"trailers"),
        (b"Via", b"\x7f"),
    ),
    *((b"Content-Length", one) for one in (b"-1", b"+1", b"0x1", b"1, 2", b"9" * 40, b"\xb2", b"")),
    *((b"Transfer-Encoding", one) for one in (b"chunked, chunked", b"gzip", b"identity", b"xchunked", b"chunked\x0b")),
    *((b"X\x00", b"a"), (b"X Y", b"a"), (b"X", b"a\x00b"), (b"X", b"a\r\n b"), (b"", b"a"), (b"X", b"y" * 20_000)),
)
METHODS = (
    b"GET",
    b"HEAD",
    b"POST",
    b"PUT",
    b"PATCH",
    b"DELETE",
    b"OPTIONS",
    b"TRACE",
    b"CONNECT",
    b"PROPFIND",
    b"get",
    b"G\xff",
)
ENDS = (b"&&&", b"&=", b"&%zz=%", b"&x" * 500, b"&lang=zh&lang=\xff", b"#x", b"?", b";", b"&p=%00")
_H = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
_POST = b"POST /api/login" + _H + b"Content-Type: application/json\r\n"
_SECOND = b"GET /api/plant HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_UPGRADE = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
_KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
WIRE = (
    _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + _SECOND,
    _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n5\r\n{}\r\n\r\n0\r\n\r\n" + _SECOND,
    _POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + _SECOND,
    _POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\n\r\n2;x=" + b"y" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    _POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    b"GET http://evil.example/api/plant" + _H + b"\r\n",
    b"GET /api/plant HTTP/1.1\r\nConnection: close\r\n\r\n",
    b"GET /api/plant HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"GET /api/plant HTTP/1.0\r\n\r\n",
    b"GET /api/plant HTTP/2.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"GET /api/plant HTTP/9\r\n\r\n",
    b"PRI * HTTP/2.0\r\nConnection: close\r\n\r\n",
    b"GET *" + _H + b"\r\n",
    b"GET \\..\\..\\plant.toml" + _H + b"\r\n",
    b"GET //evil.example/%2e%2e" + _H + b"\r\n",
    b"GET /api/plant\r\nX: y" + _H + b"\r\n",
    b"GET /api/plant HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n",
    b"GET /\x00" + _H + b"\r\n",
    b"GET /caf\xe9" + _H + b"\r\n",
    b"\x00" * 40 + b"\r\n\r\n",
    b"\r\n\r\n\r\nGET /api/me" + _H + b"\r\n",
    b"GET /api/live" + _H + b"Upgrade: websocket\r\n\r\n",
    b"GET /api/live" + _UPGRADE + b"\r\n",
    b"GET /api/live" + _UPGRADE + b"Sec-WebSocket-Version: 99\r\n" + _KEY,
    b"GET /api/nothing" + _UPGRADE + b"Sec-WebSocket-Version: 13\r\n" + _KEY,
    b"POST /api/live" + _UPGRADE + b"Sec-WebSocket-Version: 13\r\n" + _KEY,
)
"""Oddities of HTTP/1.1 itself: what is asked twice in one must not be answered twice."""
FRAMES: tuple[str | bytes, ...] = (
    *(
        "",
        "x",
        "null",
        "[]",
        '{"subscribe": "now"}',
        '{"subscribe": [1]}',
        '{"subscribe": ["nothing", "\\ud800", "\\u0000"]}',
    ),
    *(
        '{"subscribe": ["now", "now", "sources", "jobs"]}',
        '{"unsubscribe": ["never"]}',
        "[" * 50_000,
        '{"subscribe": {}}',
    ),
    *(b"", b"\x00\xff", b'{"subscribe": ["now"]}', '{"subscribe": ["' + "x" * 50_000 + '"]}', "9" * 5000),
)
"""What nobody should say on a live socket."""
