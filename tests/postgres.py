"""A PostgreSQL of our own, for as long as it is needed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoPostgres(Exception):
    """There is none here; says why in words."""


@contextmanager
def cluster() -> Iterator[str]:
    """A temporary cluster on a socket in a folder of its own, gone at the end; yields its URL. Raises NoPostgres."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version, default=None)
    if programs is None:
        raise NoPostgres("PostgreSQL is not installed: apt-get install postgresql")
    owner = _cluster_owner()
    # Not under pytest's own folder: that one is closed to the database's user.
    folder = Path(tempfile.mkdtemp(prefix="handoff-postgres-"))
    shutil.chown(folder, owner)
    as_owner = ["setpriv", f"--reuid={owner}", f"--regid={pwd.getpwnam(owner).pw_gid}", "--clear-groups"] if os.geteuid() == 0 else []

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*as_owner, programs / program, "-D", folder / "data", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60)

    try:
        run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses='' -c fsync=off", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _major_version(programs: Path) -> int:
    return int(programs.parent.name)


def _cluster_owner() -> str:
    """PostgreSQL refuses to run as root; then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise NoPostgres("root may not run PostgreSQL and there is no user named postgres") from None
