"""Feed parsers bytes that nobody meant for them, for long: run by hand.

    python bench/fuzz.py TARGET [--seconds N] [--keep DIR]
    python bench/fuzz.py all [--seconds N]

A target is a parser that takes bytes from outside. It may refuse them with an error of our own, and nothing else; it
must not take longer than a second of CPU, nor keep memory. Where `atheris` is installed (`pip install atheris`) it
chooses inputs by the code they reach; without it they are changed at random, which finds less. What was found is named,
and its input kept in DIR. The seeds are a few good documents of each form.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

SLOW_S = 1.0
LARGEST = 8192
SEED = 1
ATHERIS = importlib.util.find_spec("atheris") is not None
STRANGE = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"9" * 5000,
    b"[" * 2000,
    b"-1",
    b"1e999",
    b"NaN",
    b"\r\n",
    b"|",
    b",",
)


class Findings:
    """What was found, each kind once, its input kept in a folder."""

    def __init__(self, folder: Path, allowed: tuple[type[BaseException], ...]) -> None:
        self._folder = folder
        self._allowed = allowed
        self._known: set[str] = set()
        self.runs = 0
        self.refused = 0

    def run(self, target: Callable[[bytes], object], data: bytes) -> None:
        """Run one input."""
        self.runs += 1
        began = time.process_time()
        try:
            target(data)
        except self._allowed:
            self.refused += 1
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self._note(
                f"{type(error).__name__}-{Path(frame.filename).stem}-{frame.lineno}", data, traceback.format_exc()
            )
        if (took := time.process_time() - began) > SLOW_S:
            self._note("slow", data, f"{took:.1f} s of CPU")

    def _note(self, what: str, data: bytes, told: str) -> None:
        if what not in self._known:
            self._known.add(what)
            (self._folder / what).write_bytes(data)
            print(f"FOUND {what}, {len(data)} bytes, in {self._folder}\n{told}", flush=True)

    def __len__(self) -> int:
        return len(self._known)


def changed(draw: random.Random, seeds: list[bytes]) -> bytes:
    """Return an input that is like the seeds."""
    data = bytearray(draw.choice(seeds))
    for _ in range(draw.randint(1, 6)):
        at, length = draw.randint(0, len(data)), draw.choice((0, 1, 1, 2, 8, 64))
        new = draw.choice(
            (b"", draw.randbytes(draw.randint(1, 4)), draw.choice(STRANGE), part_of(draw, draw.choice(seeds)))
        )
        data[at : at + length] = new
    return bytes(data[: 4 * LARGEST])


def part_of(draw: random.Random, seed: bytes) -> bytes:
    """Return a piece of a seed."""
    at = draw.randint(0, len(seed))
    return seed[at : at + draw.randint(0, 64)]


def memory_mb() -> float:
    """Return the memory the process holds now."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 2**20


def fuzz(name: str, seconds: float, keep: Path) -> None:
    """Run one target, and print what came of it."""
    sys.setrecursionlimit(1000)
    if ATHERIS:
        import atheris  # type: ignore[import-untyped,unused-ignore]

        with atheris.instrument_imports(include=["lineside"]):
            from bench._targets import ALLOWED, TARGETS
    else:
        from bench._targets import ALLOWED, TARGETS
    target, seeds = TARGETS[name]
    folder = keep / name
    folder.mkdir(parents=True, exist_ok=True)
    found = Findings(folder, ALLOWED)
    for seed in seeds:
        found.run(target, seed)
    memory: list[tuple[float, float]] = []
    began = time.monotonic()

    def once(data: bytes) -> None:
        found.run(target, data)
        if time.monotonic() - began > len(memory) * seconds / 10:
            memory.append((time.monotonic() - began, memory_mb()))

    def told() -> None:
        print(
            f"{name}: {time.monotonic() - began:.0f} s, {found.runs:,} runs, {found.refused:,} refused, "
            f"{len(found)} found; "
            f"memory {', '.join(f'{mb:.0f}' for _, mb in memory)} MB"
            f"{', by coverage' if ATHERIS else ', at random'}",
            flush=True,
        )

    if ATHERIS:
        by_coverage(once, seeds, folder, seconds, told)
    draw = random.Random(SEED)
    while time.monotonic() - began < seconds:
        once(changed(draw, seeds))
    told()


def by_coverage(
    once: Callable[[bytes], None], seeds: list[bytes], folder: Path, seconds: float, told: Callable[[], None]
) -> None:
    """Let atheris choose; it never returns, so the last input ends the process."""
    import atheris

    began = time.monotonic()

    def one(data: bytes) -> None:
        once(data)
        if time.monotonic() - began > seconds:
            told()
            os._exit(0)

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_len={LARGEST}", "-timeout=60", "-rss_limit_mb=2000", "-verbosity=0"]
        atheris.Setup([sys.argv[0], corpus, f"-artifact_prefix={folder}/", *options], one)
        atheris.Fuzz()


def main() -> None:
    """Run one target, or all of them one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "lineside-fuzz")
    asked = parser.parse_args()
    if asked.target != "all":
        fuzz(asked.target, asked.seconds, asked.keep)
        return
    from bench._targets import TARGETS

    for name in TARGETS:
        command = [sys.executable, __file__, name, "--seconds", str(asked.seconds), "--keep", str(asked.keep)]
        subprocess.run(command, check=False)


if __name__ == "__main__":
    main()
