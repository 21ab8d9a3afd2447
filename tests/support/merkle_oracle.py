"""Merkle trees by the letter of RFC 6962, section 2.1: slow, whole, and sharing no code with what it judges."""

from hashlib import sha256


def head(entries: list[bytes]) -> bytes:
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = largest_power_below(len(entries))
    return sha256(b"\x01" + head(entries[:k]) + head(entries[k:])).digest()


def audit_path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = largest_power_below(len(entries))
    if m < k:
        return [*audit_path(m, entries[:k]), head(entries[k:])]
    return [*audit_path(m - k, entries[k:]), head(entries[:k])]


def consistency_proof(m: int, entries: list[bytes]) -> list[bytes]:
    return subproof(m, entries, b=True)


def subproof(m: int, entries: list[bytes], *, b: bool) -> list[bytes]:
    if m == len(entries):
        return [] if b else [head(entries)]
    k = largest_power_below(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], b=b), head(entries[k:])]
    return [*subproof(m - k, entries[k:], b=False), head(entries[:k])]


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k
