from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.trust.ledger.tree import EMPTY, Tree, consistency, extends, includes, inclusion, leaf_hash, node_hash

# The entries and roots that certificate-transparency has published with its reference code (merkletree tests).
ENTRIES = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ENTRIES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(1, 130)


def tree_of(size: int) -> Tree:
    """A tree of entries that are all different."""
    return Tree([leaf_hash(number.to_bytes(4, "big")) for number in range(size)])


def naive_root(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962, 2.1 defines it, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(naive_root(leaves[:middle]), naive_root(leaves[middle:]))


def test_roots_are_those_that_certificate_transparency_publishes() -> None:
    """The roots of the published entries are the published roots, and nothing has the hash of no bytes."""
    tree = Tree([leaf_hash(entry) for entry in ENTRIES])

    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS
    assert tree.root(0) == EMPTY


@given(size=SIZES)
def test_a_root_is_what_its_definition_says(size: int) -> None:
    """The root made of stored subtrees equals the one of the recursive definition."""
    tree = tree_of(size)

    assert tree.root() == naive_root([tree.at(0, number) for number in range(size)])


@given(size=SIZES, data=st.data())
def test_inclusion_is_proven_for_what_is_there_alone(size: int, data: st.DataObject) -> None:
    """A proof holds for its entry, place, size and root, and for no other of these."""
    tree, index = tree_of(size), data.draw(st.integers(0, size - 1))
    proof, leaf, root = inclusion(tree.at, index, size), tree.at(0, index), tree.root()

    assert includes(index, size, leaf, proof, root)
    assert not includes(index, size, leaf_hash(b"other"), proof, root)
    assert not includes(index, size, leaf, [*proof, leaf], root)
    assert not includes(index, size, leaf, proof, leaf_hash(b"other"))
    assert not any(includes(other, size, leaf, proof, root) for other in range(-1, size + 1) if other != index)
    if proof:
        assert not includes(index, size, leaf, proof[:-1], root)


@given(size=SIZES, data=st.data())
def test_consistency_is_proven_for_a_beginning_alone(size: int, data: st.DataObject) -> None:
    """A proof shows that a tree begins with an older one, and is none for any other root, old or new."""
    tree, old = tree_of(size), data.draw(st.integers(1, size))
    proof, before, after = consistency(tree.at, old, size), tree.root(old), tree.root()

    assert extends(old, size, before, proof, after)
    assert not extends(old, size, leaf_hash(b"other"), proof, after)
    assert not extends(old, size, before, proof, leaf_hash(b"other"))
    assert not extends(old, size, before, [*proof, before], after)
    assert len(proof) <= 2 * size.bit_length()


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3), (-1, 3)])
def test_what_is_no_beginning_is_not_proven(old: int, size: int) -> None:
    """A tree does not begin with a longer one; nothing is a beginning of everything, by no proof but the empty one."""
    tree = tree_of(3)

    assert extends(0, size, EMPTY, [], tree.root()) is True
    assert not extends(old, size, leaf_hash(b"x"), [leaf_hash(b"y")], tree.root())
