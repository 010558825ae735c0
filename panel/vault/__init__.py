"""Secrets at rest: sealed with AES-256-GCM under a key of the institution.

A master key outside the database wraps that key. A secret stands in a column of type SealedText. `put` seals it for its
row, `read` opens it; nothing else does.
"""

from panel.vault.sealing import put, read

__all__ = ["put", "read"]
