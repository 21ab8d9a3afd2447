"""Merkle trees as RFC 6962 defines them: roots that grow with each leaf, and proofs of inclusion and consistency.

Proofs are made from all leaf hashes (sections 2.1.1 and 2.1.2) and verified from roots alone (RFC 9162, sections
2.1.3.2 and 2.1.4.2).
"""

import hashlib
from collections.abc import Iterable, Sequence

_EMPTY = hashlib.sha256(b"").digest()
_LEAF = hashlib.sha256(b"\x00")
_NODE = hashlib.sha256(b"\x01")
# To copy a hash that was begun is quicker than to begin one.


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf. Its prefix keeps a leaf from passing for a node."""
    begun = _LEAF.copy()
    begun.update(data)
    return begun.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    begun = _NODE.copy()
    begun.update(left + right)
    return begun.digest()


class Growing:
    """A tree that grows, of which only the roots of its full subtrees are kept: one hash for each bit of its size."""

    __slots__ = ("_full", "size")

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes."""
        for full in leaves:
            rest = self.size
            while rest & 1:
                full = node_hash(self._full.pop(), full)  # noqa: PLW2901  # a leaf, and what grows from it
                rest >>= 1
            self._full.append(full)
            self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._full:
            return _EMPTY
        *larger, root = self._full
        for full in reversed(larger):
            root = node_hash(full, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    tree = Growing()
    tree.extend(leaves)
    return tree.root()


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """What leads from the leaf at `index` to the root, the leaf's neighbour first."""
    if len(leaves) <= 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*inclusion_path(leaves[:split], index), root_of(leaves[split:]))
    return (*inclusion_path(leaves[split:], index - split), root_of(leaves[:split]))


def is_included(leaf: bytes, path: Sequence[bytes], root: bytes, *, index: int, size: int) -> bool:
    """Whether this path proves that the tree of this size and root holds the leaf at `index`."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(each, found)
            place, last = _up_to_a_right_child(place, last)
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistency_path(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """What shows that the tree over `leaves` goes on from the one over the first `earlier` of them."""
    if not 0 < earlier < len(leaves):
        return ()
    return _consistency_path(leaves, earlier, whole=True)


def _consistency_path(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> tuple[bytes, ...]:
    """`whole`: the earlier tree is all that was known of these leaves, so its root need not be told."""
    if earlier == len(leaves):
        return () if whole else (root_of(leaves),)
    split = _split(len(leaves))
    if earlier <= split:
        return (*_consistency_path(leaves[:split], earlier, whole=whole), root_of(leaves[split:]))
    return (*_consistency_path(leaves[split:], earlier - split, whole=False), root_of(leaves[:split]))


def is_consistent(path: Sequence[bytes], *, earlier: int, earlier_root: bytes, size: int, root: bytes) -> bool:
    """Whether this path proves that the later tree begins with all of the earlier one."""
    if not 0 <= earlier <= size:
        return False
    if earlier in (0, size):
        return not path and earlier_root == (root if earlier else _EMPTY)
    hashes = [earlier_root, *path] if earlier & (earlier - 1) == 0 else list(path)
    if not hashes:
        return False
    place, last = earlier - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(each, old), node_hash(each, new)
            place, last = _up_to_a_right_child(place, last)
        else:
            new = node_hash(new, each)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == (earlier_root, root)


def _up_to_a_right_child(place: int, last: int) -> tuple[int, int]:
    """Pass the levels at which the last node has no neighbour."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)
