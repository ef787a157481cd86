"""New keys for old: the new ones are published first, then sign; the old ones stay published until nobody needs them.

Three moments. At once, the new keys stand in the key set, so that whoever keeps our key set for a while has them before it meets
them. From `LEAD_S` on they sign; that is twice as long as partners may keep the set (`max-age` of 300 seconds). When the overlap
is over the old ones are gone: by default after two days, longer than any id_token or assertion (five minutes) or kept key
set (a day at most, in the libraries we know) lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from joserfc.jwk import ECKey, RSAKey

from gateway.smart.key import ALGORITHMS, BadKeyFile, SigningKey, ends_at, load, locked, new_key, replace

LEAD_S = 600
OVERLAP_S = 48 * 3600
_MOST = 24
"""A partner need not read a longer key set (we read 32 keys ourselves)."""


class Rotation(NamedTuple):
    """When the new keys sign and the old ones are gone, in seconds since 1970."""

    signs_from: int
    old_until: int


def rotate(path: Path, now: float, algorithms: Sequence[str] = ALGORITHMS, *, overlap_s: int = OVERLAP_S, lead_s: int = LEAD_S, inherited: Sequence[SigningKey] = ()) -> Rotation:
    """Add a key for each algorithm, and say when the others end. Raises BadKeyFile; then the file is as it was.

    With neither overlap nor lead the old keys are gone at once: for keys that have become known. `inherited`: what signed until now,
    for a file that is not there yet.
    """
    with locked(path):
        held = list(load(path)) if path.exists() else list(inherited)
        signs_from = int(now) + lead_s
        done = Rotation(signs_from, signs_from + overlap_s)
        old = [_ending(key, done.old_until) for key in held if now < min(ends_at(key), done.old_until)]
        if len(old) + len(algorithms) > _MOST:
            raise BadKeyFile(f"{path} holds {len(old)} keys of earlier rotations; wait until some have run out (handoff key list), or drop them all with --at-once")
        replace(path, [*old, *(new_key(algorithm, nbf=signs_from) for algorithm in algorithms)])
    return done


def _ending(key: Any, end: int) -> SigningKey:
    """The same key with its end; an earlier one stays."""
    members = key.as_dict(private=True) | {"exp": int(min(ends_at(key), end))}
    return ECKey.import_key(members) if isinstance(key, ECKey) else RSAKey.import_key(members)
