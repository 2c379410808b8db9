"""The hub file says what a figure depends on, and whatever is wrong with it is told with its line and cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineside.errors import ConfigurationError
from lineside.hub import books_url, read_hub, scaffold_hub
from lineside.plant import PlantFileError

WHOLE = """name = "Park"
time_zone = "Asia/Shanghai"
size_scheme = "cn-industry-2017"
[protection]
group = 5
colluders = 2
largest = 0.5
[[region]]
code = "north"
name = { en = "North", zh = "北区" }
tile = [0, 0]
"""


def written(folder: Path, text: str) -> Path:
    """A folder with this hub file."""
    folder.mkdir(exist_ok=True)
    (folder / "hub.toml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("language", ["en", "zh", "xx"])
def test_a_new_hub_file_is_valid_as_it_is(tmp_path: Path, language: str) -> None:
    """In each language, with what a person named, and nothing is ever overwritten."""
    folder = tmp_path / "new" / "hub"

    path = scaffold_hub(folder, name='Park "A"', time_zone="Asia/Shanghai", language=language)

    found = read_hub(folder)
    assert (found.name, found.time_zone, found.region_codes) == ('Park "A"', "Asia/Shanghai", ("all",))
    assert ("成员" in path.read_text("utf-8")) is (language == "zh")
    with pytest.raises(ConfigurationError) as refused:
        scaffold_hub(folder, name="x", time_zone="UTC")
    assert refused.value.key == "plant.exists"


def test_what_is_commented_out_in_a_new_file_is_right_when_it_is_put_in(tmp_path: Path) -> None:
    """Every example that the file shows can be used."""
    text = scaffold_hub(tmp_path, name="Park", time_zone="UTC").read_text("utf-8")
    shown = [
        line.removeprefix("# ") if line.startswith(("# [", "# [[")) or " = " in line[:20] else line
        for line in text.splitlines()
    ]
    shown = [line for line in shown if not line.startswith("url_env")]
    (tmp_path / "hub.toml").write_text("\n".join(shown), "utf-8")

    found = read_hub(tmp_path)

    assert found.address == "https://hub.example.org"
    assert books_url(found) == "postgresql:///?service=hub"
    assert found.population[0].enterprises == 412


@pytest.mark.parametrize("key", ["name", "time_zone", "size_scheme", "group", "colluders", "largest", "code", "tile"])
def test_what_a_figure_depends_on_has_no_default(tmp_path: Path, key: str) -> None:
    """A key that is missing is told by its name, and nothing is assumed."""
    text = "\n".join(line for line in WHOLE.splitlines() if not line.startswith(f"{key} "))

    with pytest.raises(PlantFileError) as refused:
        read_hub(written(tmp_path / "hub", text))

    assert {(one.problem, one.fields.get("name")) for one in refused.value.findings} == {("plant.missing_key", key)}


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("group = 5", "group = 1", 5, "hub.range"),
        ("group = 5", "group = true", 5, "hub.range"),
        ("colluders = 2", 'colluders = "two"', 6, "hub.range"),
        ("largest = 0.5", "largest = 5", 7, "hub.range"),
        ('"Asia/Shanghai"', '"Shanghai"', 2, "plant.zone"),
        ('"cn-industry-2017"', '"cn"', 3, "hub.size_scheme"),
        ("group = 5", "grupe = 5", 5, "plant.unknown_key_near"),
        ("[protection]", 'address = "http://hub.example.org"\n[protection]', 4, "hub.address"),
        ("[protection]", '[books]\nurl = "mysql://a@b/c"\n[protection]', 5, "books.no_url"),
        ("[protection]", '[books]\nurl = "postgresql://a:b@c/d"\n[protection]', 5, "hub.password"),
        ("[protection]", '[books]\nurl = "postgresql://a@c/d"\nurl_env = "X"\n[protection]', 6, "hub.two_books"),
        ("name = { en", "name = { de", 10, "plant.unknown_key"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_cure(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    """A number out of range, a name nobody knows, a password in the file."""
    with pytest.raises(PlantFileError) as refused:
        read_hub(written(tmp_path / "hub", WHOLE.replace(old, new, 1)))

    found = {one.problem: one for one in refused.value.findings}
    assert found[problem].line == line
    assert found[problem].cure("en")
    assert found[problem].cure("zh")
    assert ":b@" not in str(refused.value)


def test_contradictions_are_told_where_they_stand(tmp_path: Path) -> None:
    """A region named twice, a tile taken twice, a population of what is not there."""
    more = """[[region]]
code = "north"
name = { en = "N", zh = "北" }
tile = [0, 0]
[[population]]
industry = "34"
size = "tiny"
region = "moon"
enterprises = 9
source = "yearbook 2025"
"""
    with pytest.raises(PlantFileError) as refused:
        read_hub(written(tmp_path / "hub", WHOLE + more))

    assert [(one.key, one.problem) for one in refused.value.findings] == [
        ("region[1].code", "hub.twice"),
        ("region[1].tile", "hub.twice"),
        ("region[2].code", "hub.twice"),
        ("region[2].tile", "hub.twice"),
        ("population[1].size", "hub.unknown"),
        ("population[1].region", "hub.unknown"),
    ]


def test_books_that_a_variable_names_are_never_replaced_by_a_file(tmp_path: Path) -> None:
    """Where the variable is empty the hub does not start; with it the address is what it says."""
    text = WHOLE.replace("[protection]", '[books]\nurl_env = "HUB"\n[protection]')
    found = read_hub(written(tmp_path / "hub", text))

    with pytest.raises(ConfigurationError) as refused:
        books_url(found, lambda _: None)
    assert (refused.value.key, refused.value.fields) == ("hub.no_url_env", {"name": "HUB"})
    assert books_url(found, lambda name: f"postgresql://a:b@c/{name}") == "postgresql://a:b@c/HUB"
    assert books_url(read_hub(written(tmp_path / "hub", WHOLE))) is None


def test_a_folder_without_a_hub_file_says_how_to_make_one(tmp_path: Path) -> None:
    """By name."""
    with pytest.raises(ConfigurationError) as refused:
        read_hub(tmp_path)

    assert refused.value.key == "hub.no_file"
    assert "lineside hub new" in (refused.value.cure() or "")
