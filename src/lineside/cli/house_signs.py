"""The house a plant folder lives in: who else may read it, and whether its volume is encrypted."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lineside.cli.signs import Sign
from lineside.cli.terminal import words
from lineside.node import DATA
from lineside.plant import Plant
from lineside.trust import AUTHORITY, KEY_FILE, SECRETS_KEY

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SHOWN = 4
_SYSTEMS = {"win32": "windows", "darwin": "macos"}


def rights_signs(folder: Path) -> Iterator[Sign]:
    """Keys that other users of this computer can read, and a folder that they can."""
    if os.name != "posix":
        return
    open_keys = [path.relative_to(folder).as_posix() for path in _keys(folder) if path.stat().st_mode & _OTHERS]
    if open_keys:
        files = ", ".join(open_keys[:_SHOWN])
        yield Sign("wrong", words("doctor.keys_open", files=files), words("doctor.keys_open.cure"))
    data = folder / DATA
    modes = [path.stat().st_mode for path in (folder, data) if path.is_dir()]
    if modes and all(mode & (stat.S_IROTH | stat.S_IXOTH) for mode in modes):
        yield Sign("note", words("doctor.folder_open"), words("doctor.folder_open.cure", folder=folder))


def _keys(folder: Path) -> Iterator[Path]:
    data = folder / DATA
    known = [data / KEY_FILE, data / SECRETS_KEY, data / "node.secret"]
    known += [data / AUTHORITY / name for name in ("authority.key", "node.pem")]
    yield from (path for path in [*known, *sorted((folder / "keys").glob("*key*"))] if path.is_file())


def password_signs(plant: Plant) -> Iterator[Sign]:
    """Passwords in the plant file: they stay in each of its editions, and in every backup."""
    for source in plant.sources.values():
        try:
            held = urlsplit(source.url or "").password
        except ValueError:
            continue  # what is wrong with it is told by the check
        if held:
            text = words("doctor.password", source=source.id)
            yield Sign("note", text, words("doctor.password.cure", source=source.id))


def volume_sign(folder: Path, system: Path = Path("/")) -> Sign:
    """Whether the volume of the folder is encrypted by dm-crypt, as Linux tells below `system`; else how to look."""
    found = _is_encrypted(folder, system) if sys.platform == "linux" else None
    if found is None:
        how = words(f"doctor.encryption_look.{_SYSTEMS.get(sys.platform, 'linux')}")
        return Sign("note", words("doctor.encryption_unknown"), how)
    if found:
        return Sign("well", words("doctor.encrypted"))
    return Sign("note", words("doctor.not_encrypted"), words("doctor.not_encrypted.cure"))


def _is_encrypted(folder: Path, system: Path) -> bool | None:
    """True where a dm-crypt device lies anywhere below the volume; None where the volume shows no device."""
    device = folder.stat().st_dev
    block = system / f"sys/dev/block/{os.major(device)}:{os.minor(device)}"
    if not block.exists():  # btrfs and others count devices of their own
        source = _source(folder.resolve(), system / "proc/self/mountinfo")
        block = system / "sys/class/block" / source
        if not source or not block.exists():
            return None
    pending = [block.resolve()]
    while pending:
        one = pending.pop()
        uuid = one / "dm" / "uuid"
        if uuid.is_file() and uuid.read_text("ascii").startswith("CRYPT-"):
            return True
        if (one / "partition").exists():  # a partition lies in its disk, which holds what the disk is made of
            pending.append(one.parent)
        pending += [slave.resolve() for slave in (one / "slaves").glob("*")]
    return False


def _source(folder: Path, mounts: Path) -> str:
    """The name of the device that is mounted where the folder is; empty where none is."""
    best, found = -1, ""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        place = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), before.split()[4]))
        if folder.is_relative_to(place) and len(place.parts) >= best:
            best, found = len(place.parts), after.split()[1]
    if not found.startswith("/dev/"):
        return ""
    device = Path(found)
    return (device.resolve() if device.is_symlink() else device).name
