"""The tables of the history file, and the number of their format."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from lineside.errors import ConfigurationError

FORMAT = 2
"""Raised by one with every change of the tables; a node refuses a file from a later one."""

SAMPLES = pa.schema(
    [
        pa.field("series", pa.int32(), nullable=False),
        pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("number", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("quality", pa.int16(), nullable=False),
    ]
)
"""The columns `History.append` takes; `text` may be dictionary-encoded."""

# Times are UTC. DuckDB's plain TIMESTAMP holds them, so that no session's time zone can shift them.
# `hot` takes what comes, in the order of arrival; `cold` holds closed hours and imports, sorted.
# `arrivals` is a ledger of the rows of each cold day: its sums say how many are sorted as one, and how many
# came since.
# `minutes` holds what thinning would lose: the mean of each minute that was thinned out, by how long each value held.
# `coverage` only ever grows between two compactions: the union of its spans is what counts.
_SAMPLE_COLUMNS = """(
    series INTEGER NOT NULL, time TIMESTAMP NOT NULL, seq INTEGER NOT NULL,
    number DOUBLE, text VARCHAR, quality TINYINT NOT NULL, received TIMESTAMP NOT NULL)"""

_MINUTES = """
CREATE TABLE minutes (series INTEGER NOT NULL, time TIMESTAMP NOT NULL, mean DOUBLE NOT NULL, seconds FLOAT NOT NULL);
"""

_TABLES = f"""
CREATE TABLE format (number INTEGER NOT NULL);
INSERT INTO format VALUES ({FORMAT});
{_MINUTES}
CREATE TABLE series (id INTEGER NOT NULL, key VARCHAR NOT NULL, kind VARCHAR NOT NULL, unit VARCHAR NOT NULL);
CREATE TABLE hot {_SAMPLE_COLUMNS};
CREATE TABLE cold {_SAMPLE_COLUMNS};
CREATE VIEW samples AS SELECT * FROM cold UNION ALL SELECT * FROM hot;
CREATE TABLE arrivals (day DATE NOT NULL, loose BIGINT NOT NULL, sorted BIGINT NOT NULL);
CREATE TABLE coverage (source VARCHAR NOT NULL, "start" BIGINT NOT NULL, "end" BIGINT NOT NULL);
CREATE TABLE events (
    subject VARCHAR NOT NULL, time TIMESTAMP NOT NULL, kind VARCHAR NOT NULL,
    severity SMALLINT NOT NULL, detail VARCHAR NOT NULL, received TIMESTAMP NOT NULL);
"""


_UPGRADES = {1: f"{_MINUTES} UPDATE format SET number = 2"}
"""What leads from each earlier format to the next one."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables in a new file, brings an earlier one up to date; refuses one that a later Lineside wrote."""
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "format" not in tables:
        connection.begin()
        connection.execute(_TABLES)
        connection.commit()
        return
    found = connection.execute("SELECT max(number) FROM format").fetchall()[0][0]
    if found > FORMAT:
        raise ConfigurationError("history.newer_format", found=found, known=FORMAT)
    for earlier in range(found, FORMAT):
        connection.begin()
        connection.execute(_UPGRADES[earlier])
        connection.commit()
