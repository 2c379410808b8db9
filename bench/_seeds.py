# ruff: noqa: E501, ISC004 - documents stand as they are written
"""Good documents of each form, for parsers that are fed bytes like them."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lineside.connect.modbus_line import crc
from lineside.connect.sparkplug_payload import Type, payload_type
from lineside.exchange import (
    ASK,
    STATEMENT,
    Adoption,
    Ask,
    Envelope,
    Exposure,
    Foreseen,
    Input,
    Need,
    Reply,
    Submission,
    Value,
    encoded,
)
from lineside.trust import Key

ROOT = Path(__file__).parent.parent

LINES = [
    b'machine,line=l1 load=1.5,parts=3i,made=4u,on=true,mode="ACT\\"IVE" 1790000000000000000\n',
    b"machine load=1\n# a comment\nmachine,a\\ b=c\\,d e\\=f=-1e3 5\n\n",
    b'm t="a\nb",u=f 1\r\nmachine,line=l mode="x",load=1 1790000000000000001\n' * 3,
]
ROWS = [
    b'[{"address": "load", "time": "2026-09-21T14:13:20.5Z", "value": 1.5, "quality": "good"}]',
    b'{"address": "mode", "value": "ACTIVE"}\n{"address": "parts", "time": 1790000000, "value": 7}\n{"address": "words", "value": true}',
    b'{"heard": [1789999999000000, 1790000000000000]}\n{"lost": 1790000000000000, "key": "edge.dropped", "fields": {"count": 1}}\n'
    b'{"state": "active", "key": "connect.active", "fields": {}, "time": 1790000000000000}',
]
MQTT = [
    b'{"t": "2026-09-21T14:13:20Z", "load": 1.5, "mode": "ACTIVE", "a": [{"b": 2}], "deep": {"parts": 3, "alarm": "fault"}}',
    b'{"t": 1790000000.25, "parts": 7, "made": 1, "words": [1, null, {"x": "\\u00e4"}], "load": null}',
    b"12.5",
    b"ACTIVE",
]
SHDR = [
    b"2026-09-21T14:13:20.123456Z|load|1.5|mode|ACTIVE\n2026-09-21T14:13:21Z|alarm|FAULT|1|2|HIGH|hot\n* PONG 10000\n",
    b"|load|UNAVAILABLE\nm:load|2\n12.5|parts|3|words|a\\|b\n",
    b"2026-09-21T14:13:20Z|@ASSET@|t1|CuttingTool|--multiline--AB\n<a/>\n--multiline--AB\n2026-09-21T14:13:22Z|load|3\n",
    b"2026-09-21T14:13:20Z@1.5|load|3 100 1 2 3|mode|READY\n",
]
_STREAMS = (
    '<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:1.3"><Header instanceId="1" firstSequence="1" '
    'lastSequence="5" nextSequence="6" creationTime="2026-09-21T14:13:20Z" sender="a" version="1.3" bufferSize="8"/>'
    '<Streams><DeviceStream name="d" uuid="u"><ComponentStream component="Axes" componentId="c"><Samples>'
    '<Load dataItemId="i1" sequence="1" timestamp="2026-09-21T14:13:20.5Z">1.5</Load>'
    '<LoadTimeSeries dataItemId="i1" sequence="2" timestamp="2026-09-21T14:13:21Z" sampleCount="3" sampleRate="10">1 2 3'
    '</LoadTimeSeries></Samples><Events><Execution dataItemId="i2" sequence="3" timestamp="2026-09-21T14:13:22Z">ACTIVE'
    '</Execution></Events><Condition><Fault dataItemId="i3" sequence="4" timestamp="2026-09-21T14:13:23Z" nativeCode="7" '
    'type="SYSTEM">hot</Fault><Normal dataItemId="i3" sequence="5" timestamp="2026-09-21T14:13:24Z" type="SYSTEM"/>'
    "</Condition></ComponentStream></DeviceStream></Streams></MTConnectStreams>"
)
MTCONNECT = [
    _STREAMS.encode(),
    b'<MTConnectDevices><Header instanceId="1"/><Devices><Device id="d" name="d" uuid="u"><DataItems><DataItem id="i1" '
    b'name="load" category="SAMPLE" type="LOAD" subType="ACTUAL" units="PERCENT"/></DataItems></Device></Devices></MTConnectDevices>',
    b'<MTConnectError><Header instanceId="1"/><Errors><Error errorCode="OUT_OF_RANGE">no</Error></Errors></MTConnectError>',
]
MULTIPART = [
    b"--b\r\nContent-type: text/xml\r\nContent-length: 4\r\n\r\n<a/>\r\n--b\r\nContent-length: 5\r\n\r\n<bb/>",
    b"--b\n\n<a/>\n--b\n\n<b/>\n--b--\n",
]


def _rtu(frame: bytes) -> bytes:
    return frame + crc(frame)


MODBUS = [
    b"\0\1\0\0\0\7\1\3\4\0\1\0\2",
    b"\0\1\0\0\0\3\1\x83\2",
    b"\0\1\0\0\0\5\1\1\2\xff\1",
    _rtu(b"\1\3\4\0\1\0\2"),
    _rtu(b"\1\x83\2"),
    _rtu(b"\1\1\2\xff\1"),
]
OPCUA = [bytes([at]) + b"\1\0\0\0\2\0\0\0\3\0\0\0abc\1" + bytes(40) for at in range(0, 56, 3) if at != 48]


def _sparkplug() -> list[bytes]:
    captured = [
        json.loads(line) for line in (ROOT / "tests/connect/sparkplug_capture.jsonl").open("r", encoding="utf-8")
    ]
    seeds = [bytes.fromhex(one["hex"]) for one in captured if one["hex"]][:20]
    payload = payload_type()()
    payload.timestamp, payload.seq = 1_790_000_000_000, 1
    for name, kind, field, value in (
        ("a", Type.DOUBLE, "double_value", 1.5),
        ("b", Type.INT8, "int_value", 248),
        ("c", Type.STRING, "string_value", "x"),
        ("d", Type.DATETIME, "long_value", 1_790_000_000_000),
        ("e", Type.INT8_ARRAY, "bytes_value", b"\1\2\3"),
    ):
        metric = payload.metrics.add()
        metric.name, metric.datatype, metric.alias = name, kind, len(payload.metrics)
        setattr(metric, field, value)
    table = payload.metrics.add()
    table.name, table.datatype = "f", Type.DATASET
    table.dataset_value.columns.append("x")
    table.dataset_value.types.append(Type.INT32)
    table.dataset_value.rows.add().elements.add().int_value = 3
    part = payload.metrics.add()
    part.name, part.datatype = "g", Type.TEMPLATE
    member = part.template_value.metrics.add()
    member.name, member.datatype, member.int_value = "h", Type.INT32, 4
    plain = payload.SerializeToString()
    folded = payload_type()()
    folded.uuid, folded.body = "SPBV1.0_COMPRESSED", zlib.compress(plain)
    return [*seeds, plain, folded.SerializeToString()]


SPARKPLUG = _sparkplug()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    times = pa.array([1_790_000_000_000_000, 1_790_000_001_000_000]).cast(pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"time": times, "load": [1.5, 2.0], "mode": ["ACTIVE", "READY"]}), buffer)
    return buffer.getvalue()


RECORDINGS = [
    b"time,address,value\n2026-09-21T14:13:20Z,load,1.5\n2026-09-21T14:13:21Z,mode,ACTIVE\n",
    b"Zeit;load;mode\n21.09.2026 14:13:20;1,5;ACTIVE\n21.09.2026 14:13:21;2;READY\n",
    b'\xef\xbb\xbftime\tload\twords\n1790000000\t3\t"a\tb"\n',
    gzip.compress(b"time,load\n2026-09-21 14:13:20,1\n", mtime=0),
    SHDR[0] * 3,
    SHDR[2] * 3,
    _parquet(),
]
_XES = (
    '<?xml version="1.0"?><log xes.version="1.0"><trace><string key="concept:name" value="c1"/>'
    '<event><string key="concept:name" value="saw"/><string key="lifecycle:transition" value="start"/>'
    '<date key="time:timestamp" value="2026-09-21T14:13:20Z"/></event>'
    '<event><string key="concept:name" value="saw"/><string key="lifecycle:transition" value="complete"/>'
    '<date key="time:timestamp" value="2026-09-21T14:13:50Z"/></event></trace></log>'
)
_OCEL = {
    "objectTypes": [],
    "eventTypes": [],
    "objects": [{"id": "p1", "type": "Part"}, {"id": "m1", "type": "Machine"}],
    "events": [
        {
            "id": "e1",
            "type": "saw",
            "time": "2026-09-21T14:13:20Z",
            "attributes": [{"name": "result", "value": "ok"}],
            "relationships": [{"objectId": "p1", "qualifier": ""}, {"objectId": "m1", "qualifier": ""}],
        }
    ],
}
_OCEL_XML = (
    '<log><object-types/><event-types/><objects><object id="p1" type="Part"><objects/></object></objects><events>'
    '<event id="e1" type="saw" time="2026-09-21T14:13:20Z"><objects><relationship object-id="p1" qualifier=""/></objects>'
    "</event></events></log>"
)
LOGS = [
    b"case,activity,start,end\n1,saw,2026-09-21T14:13:20Z,2026-09-21T14:13:50Z\n1,mill,2026-09-21T14:14:00Z,2026-09-21T14:15:00Z\n",
    b"part;station;time;state\nA;S1;21.09.2026 14:13:20;working\nA;S1;21.09.2026 14:13:50;idle\n",
    _XES.encode(),
    json.dumps(_OCEL).encode(),
    _OCEL_XML.encode(),
]
TABLES = [
    b"keep,source,type,url,device,options,machine,signal,address,kind,unit,role,states,confidence,reason,example,place\n"
    b'yes,s,mqtt,mqtt://127.0.0.1,,"{""keep_h"": 1}",mill,load,press#load,measure,%,,,sure,,1.5,\n'
    b"yes,s,mqtt,mqtt://127.0.0.1,,,mill,mode,press#mode,state,,,1:running=ACTIVE|ON; 2:stopped=READY,sure,,ACTIVE,\n",
]
PLANTS = [
    (ROOT / "examples/power-only/plant.toml").read_bytes()[:4000],
    b'[site]\nid = "w"\ntimezone = "UTC"\n[area.a]\n[line.l]\narea = "a"\n[source.s]\ntype = "mqtt"\nurl = "mqtt://x"\n'
    b'[machine.m]\nline = "l"\nsource = "s"\n[machine.m.signals]\nload = { address = "p#load", kind = "measure" }\n',
    b'node = "http://127.0.0.1:8000"\nbuffer_mb = 5\n[source.press]\ntype = "shdr"\nurl = "tcp://127.0.0.1:7878"\n',
]
MODELS = [
    b'{"schema": "lineside.line/1", "time_unit": "s", "sources": {"blanks": {"to": "saw"}}, "stations": {"saw": {"work": '
    b'{"type": "lognormal", "mean": 40, "sd": 8}, "buffer": 0, "to": "mill"}, "mill": {"work": 45, "buffer": 5, "failures": {"jam": '
    b'{"time_to_failure": {"type": "exponential", "mean": 3600}, "repair": {"type": "gamma", "shape": 2, "mean": 300}}}, '
    b'"to": [{"to": "out", "probability": 0.97}, {"to": "scrap", "probability": 0.03}]}}}',
    b'{"schema": "lineside.changes/1", "changes": [{"name": "quick", "scale": {"/stations/mill/failures/jam/repair": 0.5}}, '
    b'{"name": "more", "set": {"/stations/mill/buffer": 5}}, {"name": "no", "remove": ["/stations/mill/failures/jam"]}]}',
]
PROBLEMS = [
    b"2 3\n2 1 0 3 1 6\n1 8 2 5 0 10\n",
    b"2 3\n2 2 0 4 1 5 1 2 6\n1 2 1 3 2 4\n",
    b'{"schema": "lineside.schedule/1", "machines": {"m": {}}, "jobs": {"j": {"operations": [{"on": {"m": 3}}]}}}',
]

HUB = "0" * 32
_SAID: dict[str, Any] = {"hub": HUB, "member": 1, "number": 1, "previous": "0" * 64, "made_ms": 1_790_000_000_000}
_MONTH = (
    Value(indicator="oee", value=0.61, coverage=0.9, evidence="e" * 64),
    Value(indicator="lead_time", absent="no_orders"),
)
_STATEMENTS = [
    Submission(month="2026-10", catalogue="2026-11", values=_MONTH, **_SAID),
    Need(title="Fewer stops", indicator="recovery_time", worth_cny=1e5, **_SAID),
    Adoption(pack="a" * 64, month="2026-10", foreseen=(Foreseen(indicator="oee", low=0.01, high=0.04),), **_SAID),
    Reply(question="b" * 64, indicators=("oee",), yes=True, coverage=0.9, **_SAID),
    Exposure(month="2026-10", inputs=(Input(what="steel", share=0.4, stock_days=5),), **_SAID),
]
_KEY = Key(Ed25519PrivateKey.generate())
_ASK = Ask(hub=HUB, member=1, what="status", made_ms=1_790_000_000_000, nonce="c" * 64)
ENVELOPES = [
    *(Envelope.sign(STATEMENT, encoded(one), _KEY).json() for one in _STATEMENTS),
    Envelope.sign(ASK, encoded(_ASK), _KEY).json(),
    *(bytes([3]) + encoded(one) for one in _STATEMENTS),
    bytes([5]) + encoded(_ASK),
]
PROGRAMMES = [
    b"[[programme]]" + part
    for part in (ROOT / "src/lineside/rules/data/programmes.toml").read_bytes().split(b"[[programme]]")[1:]
]
