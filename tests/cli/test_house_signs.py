"""What the doctor says of the house: who else may read the folder, and whether its volume is encrypted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lineside.cli.house_signs import password_signs, rights_signs, volume_sign
from lineside.plant import read_plant
from tests.cli.people import PEOPLE

linux = pytest.mark.skipif(sys.platform != "linux", reason="where Linux tells of its devices")


def device_of(folder: Path) -> str:
    """The number of the device under a folder."""
    device = folder.stat().st_dev
    return f"{os.major(device)}:{os.minor(device)}"


def block(system: Path, name: str, uuid: str | None = None, below: str | None = None) -> Path:
    """A device as Linux tells of it, with another one below."""
    made = system / "sys/class/block" / name
    (made / "slaves").mkdir(parents=True)
    if uuid is not None:
        (made / "dm").mkdir()
        (made / "dm" / "uuid").write_text(uuid, "ascii")
    if below is not None:
        (made / "slaves" / below).symlink_to(system / "sys/class/block" / below)
    return made


@linux
@pytest.mark.parametrize(("uuid", "verdict"), [("CRYPT-LUKS2-1234-home", "well"), ("LVM-1234", "note"), (None, "note")])
@pytest.mark.parametrize("layers", [1, 2])
def test_encryption_is_seen_through_layers(tmp_path: Path, uuid: str | None, verdict: str, layers: int) -> None:
    """LVM on LUKS is as well encrypted as LUKS."""
    block(tmp_path, "dm-0", uuid)
    top = block(tmp_path, "dm-1", "LVM-9", "dm-0") if layers == 2 else tmp_path / "sys/class/block/dm-0"
    (tmp_path / "sys/dev/block").mkdir(parents=True)
    (tmp_path / "sys/dev/block" / device_of(tmp_path)).symlink_to(top)

    sign = volume_sign(tmp_path, tmp_path)

    assert (sign.verdict, "not encrypted" in sign.text) == (verdict, verdict == "note")


@linux
def test_a_volume_that_counts_devices_of_its_own_is_found_by_its_mount(tmp_path: Path) -> None:
    """As btrfs does; the innermost mount counts, also with a space in its name."""
    block(tmp_path, "sda1")
    block(tmp_path, "dm-3", "CRYPT-LUKS2-1")
    plant = tmp_path / "my plant"
    plant.mkdir()
    place = str(plant.resolve()).replace(" ", "\\040")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(
        f"21 1 0:20 / / rw - ext4 /dev/sda1 rw\n22 1 0:21 / {place} rw - btrfs /dev/dm-3 rw\n", "utf-8"
    )

    assert volume_sign(plant, tmp_path).verdict == "well"
    assert volume_sign(tmp_path, tmp_path).verdict == "note"


def test_what_cannot_be_seen_is_not_guessed(tmp_path: Path) -> None:
    """A network drive or a container: the doctor says how to look."""
    sign = volume_sign(tmp_path, tmp_path)

    assert (sign.verdict, sign.text) == ("note", "Whether the volume is encrypted cannot be seen from here.")
    assert sign.cure


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_keys_and_folders_that_others_can_read_are_named(tmp_path: Path) -> None:
    """A key is wrong, a folder a note; nobody else's rights are well."""
    keys = [
        tmp_path / name for name in ("data/ledger.key", "data/secrets.key", "data/tls/authority.key", "keys/key.pem")
    ]
    for key in keys:
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_text("x", "ascii")
        key.chmod(0o600)
    tmp_path.chmod(0o700)
    well = list(rights_signs(tmp_path))
    keys[1].chmod(0o640)
    keys[3].chmod(0o604)
    tmp_path.chmod(0o755)
    (tmp_path / "data").chmod(0o755)
    wrong, note = rights_signs(tmp_path)

    assert well == []
    assert (wrong.verdict, note.verdict) == ("wrong", "note")
    assert "data/secrets.key, keys/key.pem." in wrong.text


def test_a_password_in_the_plant_file_is_noted_and_not_shown(tmp_path: Path) -> None:
    """With the source that has it, and where it belongs."""
    source = '[source.broker]\ntype = "mqtt"\nurl = "mqtt://reader:geheim@127.0.0.1:9"\n'
    (tmp_path / "plant.toml").write_text(PEOPLE + source, "utf-8")

    (sign,) = password_signs(read_plant(tmp_path).plant)

    assert (sign.verdict, "source broker" in sign.text) == ("note", True)
    assert "geheim" not in f"{sign.text}{sign.cure}"
