from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from lineside.plant import Draft, DraftSignal, fragment

TEXT = st.text(max_size=12)


def test_a_source_and_its_machine_are_written_as_a_person_would() -> None:
    """What is as by default is left out; two signals whose addresses make one id get two."""
    draft = Draft(
        "press 7",
        "modbus",
        "modbus://h",
        options={"interval_ms": 500.0, "answer_s": 0.5, "order": "CDAB", "on": True},
        machine="press-7",
        line="cell",
        signals=[DraftSignal("mode", "state"), DraftSignal("1/a", "measure", unit="kW"), DraftSignal("1 a", "counter")],
    )

    text = fragment(draft)

    assert text == (
        '[source."press 7"]\ntype = "modbus"\nurl = "modbus://h"\n'
        'options = { interval_ms = 500, answer_s = 0.5, order = "CDAB", on = true }\n\n'
        '[machine.press-7]\nline = "cell"\nsource = "press 7"\n\n'
        '[machine.press-7.signals]\nmode = { kind = "state" }\n'
        '1_a = { address = "1/a", kind = "measure", unit = "kW" }\n'
        '1_a_2 = { address = "1 a", kind = "counter" }\n'
    )


@given(url=TEXT, device=TEXT, value=TEXT, addresses=st.lists(TEXT.filter(bool), unique=True, max_size=5))
def test_whatever_a_person_types_is_valid_toml(url: str, device: str, value: str, addresses: list[str]) -> None:
    """Quotes, line ends and marks of other languages come back as they were."""
    signals = [DraftSignal(address, "text") for address in addresses]

    read = tomllib.loads(fragment(Draft("s", "shdr", url, device, {"user": value}, signals=signals)))

    source = read["source"]["s"]
    assert (source.get("url", ""), source.get("device", ""), source["options"]["user"]) == (url, device, value)
    told = read["machine"]["s"]["signals"] if signals else {}
    assert [one.get("address", id) for id, one in told.items()] == addresses
