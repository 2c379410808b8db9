"""A plant that needs no listening to: people count."""

PEOPLE = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.people]
type = "tally"
[machine.bench]
line = "cell"
source = "people"
[machine.bench.signals]
made = { kind = "count" }
lost = { kind = "count" }
[machine.bench.units]
good = "made"
rejected = "lost"
"""
