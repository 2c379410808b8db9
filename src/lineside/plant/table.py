"""What every table of a plant file shares."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Identifier = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=64)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def by_name(tables: Any) -> Any:
    """`[machine.mazak]` gives its table the id `mazak`."""
    if not isinstance(tables, dict):
        return tables
    return {key: {**table, "id": key} if isinstance(table, dict) else table for key, table in tables.items()}


class Table(BaseModel):
    """A table without keys of its own accord, that nobody changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Named(Table):
    """A table with a name that a person gave it."""

    id: Identifier = Field("", exclude=True, description="Taken from the table's name.")
    name: str = Field("", description="What people call it; the id when left out.")

    @model_validator(mode="before")
    @classmethod
    def _name_is_id(cls, data: Any) -> Any:
        if isinstance(data, dict) and "id" in data and "name" not in data:
            return {**data, "name": data["id"]}
        return data


class Addressed(Named):
    """What a source gives under a name of its own."""

    address: str = Field("", description="Its name at the source (data item, node id, column); the id when left out.")

    @model_validator(mode="before")
    @classmethod
    def _address_is_id(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("address"):
            return {**data, "address": data.get("id", "")}
        return data
