from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.multipart import boundary_of, read_parts

DOCUMENTS = [b"<a/>", b"<b>\r\n\r\n--not the boundary</b>", "<c>主轴</c>".encode()]


def stream(*, lengths: bool, end: bytes) -> bytes:
    """The documents as an agent streams them."""
    head = b"--edge" + end + b"Content-type: text/xml" + end
    parts = [
        head + (b"Content-Length: %d" % len(document) + end if lengths else b"") + end + document + end
        for document in DOCUMENTS
    ]
    return b"".join(parts) + b"--edge--" + end


async def chunks(data: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    """The data as it comes off the network."""
    for start, end in pairwise([0, *sorted(cuts), len(data)]):
        yield data[start:end]


@given(cuts=st.lists(st.integers(0, 200), max_size=20), lengths=st.booleans(), end=st.sampled_from([b"\r\n", b"\n"]))
async def test_documents_are_found_however_the_stream_is_cut(cuts: list[int], lengths: bool, end: bytes) -> None:
    """By their length or by the next boundary, with either kind of line end, cut at any byte."""
    data = stream(lengths=lengths, end=end)

    found = [part async for part in read_parts(chunks(data, [min(cut, len(data)) for cut in cuts]), b"--edge")]

    assert found == DOCUMENTS


async def test_a_document_is_given_as_soon_as_it_is_whole() -> None:
    """With its length told, nobody waits for the next one."""
    data = stream(lengths=True, end=b"\r\n")
    whole = data.index(DOCUMENTS[0]) + len(DOCUMENTS[0])

    found = [part async for part in read_parts(chunks(data[:whole], []), b"--edge")]

    assert found == DOCUMENTS[:1]


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace;boundary=edge", b"--edge"),
        ('Multipart/X-Mixed-Replace; Boundary="edge"; x=1', b"--edge"),
        ("text/xml", None),
        ("text/xml; boundary=edge", None),
    ],
)
def test_the_boundary_is_that_of_the_header(content_type: str, boundary: bytes | None) -> None:
    """Quoted or not; a single document has none."""
    assert boundary_of(content_type) == boundary
