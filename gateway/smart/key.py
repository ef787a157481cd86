"""Our own keys: one for each algorithm that we sign with, in one file that only its owner may read; that file's keys as they are now.

A key says itself when it signs and how long it is published: `nbf` and `exp`, seconds since 1970, members of the JWK as in OpenID
Federation 1.0 section 8.7.3 (historical keys). They stay in the file; partners see the bare keys. Every write is whole or not
there (a new file, forced to the disk, takes the old one's name), and one process writes at a time.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from gateway.clock import Clock

RSA_BITS = 3072
PARTNER_ALGORITHMS = ("ES384", "RS384")
"""With these we prove ourselves to partners (SMART 2.2.0 client-confidential-asymmetric)."""
ALGORITHMS = (*PARTNER_ALGORITHMS, "RS256")
"""RS256 besides, for id_tokens (OpenID Connect Core section 15.1)."""

_PRIVATE_MODE = 0o600
_OURS_ALONE = ("nbf", "exp")
_log = logging.getLogger(__name__)

SigningKey = ECKey | RSAKey


class BadKeyFile(ValueError):
    """The key file cannot be used, with the mend."""


def create(path: Path, algorithms: Sequence[str] = PARTNER_ALGORITHMS) -> KeySet:
    """Make a new key set and its file, mode 0600. Raises FileExistsError where the file is there: keys are never overwritten."""
    with locked(path):
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        return replace(path, [new_key(algorithm) for algorithm in algorithms])


def load(path: Path) -> KeySet:
    """Raises BadKeyFile where others may read the file or it holds no private keys."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadKeyFile(f"{path} may be read by others (mode {mode:o}); run: chmod 600 {path}")
    try:
        keys = KeySet.import_key_set(json.loads(path.read_text()))
        timed = all(isinstance(key.dict_value.get(name, 0), int) for key in keys for name in _OURS_ALONE)
    except (JoseError, ValueError, KeyError, TypeError):
        raise BadKeyFile(f"{path} is not a JSON Web Key Set") from None
    if not timed or not all(key.is_private and isinstance(key, ECKey | RSAKey) for key in keys):
        raise BadKeyFile(f"{path} holds a key without its private part, or of a kind that cannot sign")
    return keys


def load_or_create(path: Path, algorithms: Sequence[str] = ALGORITHMS) -> KeySet:
    """The key set of this file, made on first use; a key for an algorithm that it lacks is added. Raises BadKeyFile."""
    if path.exists() and not _lacking(keys := load(path), algorithms):
        return keys
    with locked(path):
        keys = load(path) if path.exists() else KeySet([])
        lacking = _lacking(keys, algorithms)
        return replace(path, [*keys, *(new_key(algorithm) for algorithm in lacking)]) if lacking else keys


def public_jwks(keys: Iterable[Any]) -> dict[str, Any]:
    """What partners may see."""
    return {"keys": [{name: value for name, value in key.as_dict(private=False).items() if name not in _OURS_ALONE} for key in keys]}


class _Read(NamedTuple):
    stamp: tuple[int, int, int]
    keys: tuple[SigningKey, ...]


class OwnKeys:
    """The keys of a file, followed: what another process wrote there counts from the next use on. Safe among threads.

    A file that has become unreadable is logged, and what it held before goes on counting.
    """

    def __init__(self, path: Path, clock: Clock, algorithms: Sequence[str] = ALGORITHMS) -> None:
        """Makes the file, or adds what it lacks. Raises BadKeyFile."""
        self.path, self._clock = path, clock
        load_or_create(path, algorithms)
        self._read = _Read(_stamp(path), _signing(load(path)))
        self._tidied: tuple[int, int, int] | None = None

    def published(self) -> list[SigningKey]:
        """Those that partners may find now: in use, about to be, or lately."""
        now = self._clock().timestamp()
        held = self._now()
        living = [key for key in held if now < ends_at(key)]
        if len(living) < len(held):
            self._tidy(now)
        return living

    def signing(self, algorithm: str) -> list[SigningKey]:
        """Those that may sign with this algorithm now, the newest first."""
        now = self._clock().timestamp()
        ready = [key for key in self.published() if key.alg == algorithm and signs_from(key) <= now]
        return sorted(ready, key=signs_from, reverse=True)

    def _tidy(self, now: float) -> None:
        """What is over goes out of the file too, if it may be written; tried once for each state of the file."""
        if self._tidied != self._read.stamp:
            self._tidied = self._read.stamp
            with suppress(OSError, BadKeyFile):
                drop_ended(self.path, now)

    def _now(self) -> tuple[SigningKey, ...]:
        try:
            stamp = _stamp(self.path)
            if stamp != self._read.stamp:
                self._read = _Read(stamp, _signing(load(self.path)))
        except (OSError, BadKeyFile) as fault:
            _log.error("the key file cannot be read any more (%s); what it held before goes on counting", type(fault).__name__)
        return self._read.keys


def signing_key(keys: OwnKeys, algorithm: str) -> SigningKey:
    """The key to sign with now. Raises BadKeyFile where there is none."""
    found = keys.signing(algorithm)
    if not found:
        raise BadKeyFile(f"no key of ours signs with {algorithm} now; run: handoff key rotate")
    return found[0]


def new_key(algorithm: str, **members: int) -> SigningKey:
    """A key named by its thumbprint (RFC 7638)."""
    parameters: Any = {"use": "sig", "alg": algorithm, **members}
    if algorithm.startswith("ES"):
        return ECKey.generate_key(f"P-{algorithm[2:]}", parameters, auto_kid=True)
    return RSAKey.generate_key(RSA_BITS, parameters, auto_kid=True)


def signs_from(key: Any) -> float:
    """Seconds since 1970; 0 for a key that always did."""
    return float(str(key.get("nbf", "0")))


def ends_at(key: Any) -> float:
    return float(str(key.get("exp", "inf")))


def drop_ended(path: Path, now: float) -> None:
    """Take the keys whose time is over out of the file; one at least stays. Raises BadKeyFile."""
    with locked(path):
        living = [key for key in load(path) if now < ends_at(key)]
        if living:
            replace(path, living)


def replace(path: Path, keys: Sequence[Any]) -> KeySet:
    """Write the file anew, with the lock held. Whatever happens, it is the old one or the new one. Raises BadKeyFile where it cannot be written."""
    whole, target = KeySet(list(keys)), path.resolve()
    fresh = target.with_name(f"{target.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        _write(fresh, json.dumps(whole.as_dict(private=True), indent=2), target.stat() if target.exists() else None)
        fresh.replace(target)
        _force(target.parent)
    except OSError as fault:
        raise BadKeyFile(f"{path} cannot be written ({fault.strerror})") from None
    return whole


def _write(path: Path, text: str, owner: os.stat_result | None) -> None:
    """A new file with the owner of the one it will replace: the operator may be another user than the server."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_MODE), "w") as file:
        if owner is not None and (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _force(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One writer of this file at a time, among all processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path.with_name(f"{path.name}.lock"), os.O_WRONLY | os.O_CREAT, _PRIVATE_MODE), "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _lacking(keys: KeySet, algorithms: Sequence[str]) -> list[str]:
    held = {key.alg for key in keys}
    return [algorithm for algorithm in algorithms if algorithm not in held]


def _signing(keys: KeySet) -> tuple[SigningKey, ...]:
    return tuple(key for key in keys if isinstance(key, ECKey | RSAKey))


def _stamp(path: Path) -> tuple[int, int, int]:
    """Changes whenever the file is replaced or written."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
