from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from lineside.node import Node

Make = Callable[[], Awaitable[Any]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Values = Callable[[Node, str], list[float | str | None]]


async def test_a_source_that_cannot_be_reached_does_not_disturb_the_others(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """It says why in both languages and is tried again; the others deliver."""
    good, gone = await adapter(), await adapter()
    folder = plant.write(
        good.source("good"), gone.source("gone"), plant.machine("press", "good"), plant.machine("drill", "gone")
    )
    await gone.stop()

    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: node.intake.health["gone"].state == "degraded")
            reason, cure = node.intake.health["gone"].reason("en"), node.intake.health["gone"].cure("zh")
            good.say("parts", 3)
            await until(lambda: values(node, "press/parts") == [3.0])
            await gone.start()
            gone.say("parts", 4)
            await until(lambda: values(node, "drill/parts") == [4.0])
            await until(lambda: node.intake.health["gone"].state == "active")

    assert f"127.0.0.1:{gone.port}" in reason
    assert "cannot be reached" in reason
    assert "网络" in (cure or "")


async def test_a_source_that_means_nothing_stops_alone(plant: Any, adapter: Make, until: Until, values: Values) -> None:
    """An unknown type and an unknown option are named, with what is known, and the others deliver."""
    good = await adapter()
    folder = plant.write(
        good.source("good"),
        plant.source("pigeon", "pigeon", 'url = "tcp://127.0.0.1:9"'),
        plant.source("odd", "shdr", 'url = "tcp://127.0.0.1:9"\noptions = { colour = "red" }'),
        *(plant.machine(f"m-{name}", name) for name in ("good", "pigeon", "odd")),
    )

    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: {node.intake.health[n].state.value for n in ("pigeon", "odd")} == {"stopped"})
            good.say("parts", 3)
            await until(lambda: values(node, "m-good/parts") == [3.0])
            pigeon, odd = node.intake.health["pigeon"], node.intake.health["odd"]

    assert pigeon.key == "node.source_type"
    assert "shdr" in (pigeon.cure() or "")
    assert "colour" in odd.reason()


async def test_a_source_nobody_uses_says_so(plant: Any, adapter: Make) -> None:
    """A source no machine names is not run."""
    one = await adapter()

    with Node.open(plant.write(one.source("spare"))) as node:
        async with node.live():
            health = node.intake.health["spare"]

    assert (health.state.value, health.key) == ("stopped", "node.source_unused")
    assert 'source = "spare"' in (health.cure() or "")


async def test_a_source_that_accepts_and_stays_silent_is_degraded_with_the_reason(
    plant: Any, adapter: Make, until: Until
) -> None:
    """A line that stands without data flowing is told apart from one that cannot be reached."""
    mute = await adapter()

    with Node.open(plant.write(mute.source("mute", stale_after_s=0.5), plant.machine("press", "mute"))) as node:
        async with node.live():
            await until(lambda: node.intake.health["mute"].state == "degraded")
            health = node.intake.health["mute"]
            key, reason = health.key, node.intake.reason("mute", "en")
            chinese = node.intake.reason("mute", "zh")
            await until(lambda: node.now["machines"]["press"]["reason"] == {"en": reason, "zh": chinese})
            shown = node.now["machines"]["press"]

    assert key == "connect.silent"
    assert reason is not None
    assert "nothing has come for more than 0.5 s" in reason
    assert (shown["state"], shown["stale"]) == ("no_data", True)


async def test_one_address_feeds_every_machine_that_names_it(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """Two machines behind one controller share its signal, each with series of its own."""
    one = await adapter()
    folder = plant.write(one.source("s"), plant.machine("left", "s", "mode"), plant.machine("right", "s", "mode-2"))

    with Node.open(folder) as node:
        async with node.live():
            one.say("mode", "ACTIVE")
            one.say("mode-2", "READY")
            one.say("parts", 9)
            await until(lambda: node.intake.health["s"].values == 4)

        assert (values(node, "left/parts"), values(node, "right/parts")) == ([9.0], [9.0])
        assert (values(node, "left/mode"), values(node, "right/mode")) == (["ACTIVE"], ["READY"])


async def test_an_edited_source_is_read_at_its_new_address(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """When its address changes the old conversation ends and a new one begins."""
    old, new = await adapter(), await adapter()
    old.say("parts", 1)
    new.say("parts", 2)

    with Node.open(plant.write(old.source("s"), plant.machine("press", "s"))) as node:
        async with node.live():
            await until(lambda: values(node, "press/parts") == [1.0])
            plant.write(new.source("s"), plant.machine("press", "s"))
            await until(lambda: values(node, "press/parts") == [1.0, 2.0])
            old.say("parts", 3)
            new.say("parts", 4)
            await until(lambda: values(node, "press/parts") == [1.0, 2.0, 4.0])


async def test_sources_that_people_and_imports_fill_are_never_run(plant: Any) -> None:
    """They are fine as they are, and say who fills them."""
    folder = plant.write(plant.source("hand", "tally", ""), plant.source("disk", "file", 'files = "*.csv"'))

    with Node.open(folder) as node:
        async with node.live():
            told = {name: (health.state.value, health.key) for name, health in node.intake.health.items()}
            reason = node.intake.reason("disk", "en")

    assert told == {"hand": ("active", "node.source_tally"), "disk": ("active", "node.source_file")}
    assert reason is None
