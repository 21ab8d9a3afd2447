"""Roots and proofs are those of RFC 6962; and no proof of one thing passes for a proof of another."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.audit.merkle import (
    Growing,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)
from support import merkle_oracle as oracle

ENTRIES = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


def leaves_of(entries: list[bytes]) -> list[bytes]:
    return [leaf_hash(entry) for entry in entries]


def test_the_empty_tree_has_the_root_that_the_rfc_gives_it():
    assert Growing().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(batches=st.lists(ENTRIES, max_size=8))
def test_the_growing_tree_has_the_oracle_s_root_however_it_grows(batches: list[list[bytes]]):
    tree, entries = Growing(), list[bytes]()
    for batch in batches:
        tree.extend(leaves_of(batch))
        entries += batch
        assert (tree.size, tree.root()) == (len(entries), oracle.head(entries))


@pytest.mark.parametrize("size", range(1, 34))
def test_every_inclusion_proof_is_the_oracle_s_and_holds_for_its_own_leaf_alone(size: int):
    entries = [bytes([number]) for number in range(size)]
    leaves, root = leaves_of(entries), oracle.head(entries)

    for index in range(size):
        path = inclusion_path(leaves, index)
        assert list(path) == oracle.audit_path(index, entries)
        held = [
            (leaf, place)
            for leaf in range(size)
            for place in range(size)
            if is_included(leaves[leaf], path, root, index=place, size=size)
        ]
        assert held == [(index, index)]


@pytest.mark.parametrize("size", range(1, 34))
def test_every_consistency_proof_is_the_oracle_s_and_holds(size: int):
    entries = [bytes([number]) for number in range(size)]
    leaves, root = leaves_of(entries), oracle.head(entries)

    for earlier in range(1, size + 1):
        path = consistency_path(leaves, earlier)
        assert list(path) == oracle.consistency_proof(earlier, entries)
        was = oracle.head(entries[:earlier])
        assert is_consistent(path, earlier=earlier, earlier_root=was, size=size, root=root)


@settings(max_examples=300, deadline=None)
@given(entries=ENTRIES, other=ENTRIES, data=st.data())
def test_no_consistency_proof_joins_trees_that_differ(entries: list[bytes], other: list[bytes], data: st.DataObject):
    earlier = data.draw(st.integers(1, len(entries)))
    size = data.draw(st.integers(earlier, max(earlier, len(other))))
    later = (other * (size // len(other) + 1))[:size]
    paths = [consistency_path(leaves_of(later), earlier)]
    if earlier < len(entries):
        paths.append(consistency_path(leaves_of(entries), earlier))

    for path in paths:
        held = is_consistent(
            path, earlier=earlier, earlier_root=oracle.head(entries[:earlier]), size=size, root=oracle.head(later)
        )
        assert not held or later[:earlier] == entries[:earlier]


@settings(max_examples=200, deadline=None)
@given(entries=ENTRIES, data=st.data())
def test_a_path_that_was_changed_proves_nothing(entries: list[bytes], data: st.DataObject):
    leaves, root, size = leaves_of(entries), oracle.head(entries), len(entries)
    index = data.draw(st.integers(0, size - 1))
    earlier = data.draw(st.integers(1, size))
    included, consistent = inclusion_path(leaves, index), consistency_path(leaves, earlier)

    for changed in changes(included, data):
        assert not is_included(leaves[index], changed, root, index=index, size=size)
    for changed in changes(consistent, data):
        was = oracle.head(entries[:earlier])
        assert not is_consistent(changed, earlier=earlier, earlier_root=was, size=size, root=root)


def changes(path: tuple[bytes, ...], data: st.DataObject) -> list[tuple[bytes, ...]]:
    """The path with a bit flipped, an end cut off, an end added."""
    changed = [(*path, bytes(32)), (bytes(32), *path)]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        flipped = bytes([path[at][0] ^ 1]) + path[at][1:]
        changed += [path[:-1], path[1:], (*path[:at], flipped, *path[at + 1 :])]
    return changed


@settings(max_examples=60, deadline=None)
@given(entries=ENTRIES, data=st.data())
def test_pymerkle_says_the_same(entries: list[bytes], data: st.DataObject):
    pymerkle: Any = pytest.importorskip("pymerkle", reason="the second oracle is in the extra `dev`")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    size = len(entries)
    index, earlier = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))

    leaves = leaves_of(entries)
    root, was = tree.get_root(size), tree.get_root(earlier)

    assert (root, was) == (root_of(leaves), root_of(leaves[:earlier]))
    # pymerkle's paths begin with the leaf itself, so the roots that it recomputes from ours are what can be compared.
    theirs = [bytes.fromhex(each) for each in tree.prove_inclusion(index + 1, size).serialize()["path"]]
    assert sorted(theirs) == sorted([leaves[index], *inclusion_path(leaves, index)])
    pymerkle.verify_consistency(was, root, tree.prove_consistency(earlier, size))
    assert is_consistent(consistency_path(leaves, earlier), earlier=earlier, earlier_root=was, size=size, root=root)


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (5, 3)])
def test_a_place_outside_of_the_tree_is_never_included(index: int, size: int):
    leaf = leaf_hash(b"x")

    assert not is_included(leaf, (), leaf, index=index, size=size)


def test_a_leaf_does_not_pass_for_a_node():
    leaves = leaves_of([b"a", b"b"])

    assert leaf_hash(leaves[0] + leaves[1]) != root_of(leaves)
