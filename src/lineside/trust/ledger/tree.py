"""The Merkle tree of RFC 9162 (and 6962): hashes, proofs, and functions that check proofs with nothing but these.

A complete subtree is named by its level and its number there: level 0 holds the leaves. Whoever can say the hash of any
complete subtree can prove anything about the tree; a proof asks for O(log n) of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

At: TypeAlias = Callable[[int, int], bytes]
"""The hash of a complete subtree, by level and number."""
EMPTY = sha256(b"").digest()
SIZE = 32


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry's bytes."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\1" + left + right).digest()


def grown(at: At, index: int, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The subtrees that become complete with a leaf, as level, number and hash: two of them on average."""
    level, number, found = 0, index, leaf
    yield level, number, found
    while number & 1:
        found = node_hash(at(level, number - 1), found)
        level, number = level + 1, number >> 1
        yield level, number, found


def root(at: At, size: int) -> bytes:
    """The root of the first `size` entries."""
    return _between(at, 0, size) if size else EMPTY


def inclusion(at: At, index: int, size: int) -> list[bytes]:
    """The proof that entry `index` is among the first `size`."""
    return _inclusion(at, index, 0, size)


def consistency(at: At, old: int, size: int) -> list[bytes]:
    """The proof that the first `size` entries begin with the first `old`."""
    return _consistency(at, old, 0, size, whole=True) if 0 < old < size else []


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root_: bytes) -> bool:
    """Whether a proof shows that `leaf` is entry `index` of a tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root_


def extends(old: int, size: int, old_root: bytes, proof: Sequence[bytes], root_: bytes) -> bool:
    """Whether a proof shows that a tree begins with an older one (RFC 9162, 2.1.4.2)."""
    if old in (size, 0):
        return not proof and old_root == (root_ if old else EMPTY)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not 0 < old < size or not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root_


class Tree:
    """A tree in memory, which knows every complete subtree: some 64 bytes an entry."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._levels: list[bytearray] = []
        for leaf in leaves:
            self.add(leaf)

    def __len__(self) -> int:
        return len(self._levels[0]) // SIZE if self._levels else 0

    def add(self, leaf: bytes) -> None:
        """Adds the hash of an entry."""
        for level, _, found in grown(self.at, len(self), leaf):
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += found

    def at(self, level: int, number: int) -> bytes:
        """The hash of a complete subtree."""
        return bytes(self._levels[level][number * SIZE : (number + 1) * SIZE])

    def root(self, size: int | None = None) -> bytes:
        """The root of all, or of the first `size` entries."""
        return root(self.at, len(self) if size is None else size)


def _split(length: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (length - 1).bit_length() - 1


def _between(at: At, start: int, end: int) -> bytes:
    """The hash of the entries of a part that begins where a subtree does."""
    length = end - start
    if length & (length - 1) == 0:
        level = length.bit_length() - 1
        return at(level, start >> level)
    middle = start + _split(length)
    return node_hash(_between(at, start, middle), _between(at, middle, end))


def _inclusion(at: At, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_inclusion(at, index, start, middle), _between(at, middle, end)]
    return [*_inclusion(at, index, middle, end), _between(at, start, middle)]


def _consistency(at: At, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [_between(at, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_consistency(at, old, start, middle, whole=whole), _between(at, middle, end)]
    return [*_consistency(at, old, middle, end, whole=False), _between(at, start, middle)]
