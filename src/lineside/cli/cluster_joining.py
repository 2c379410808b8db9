"""Brings a plant of a demo cluster into its hub, by the steps that people take; what was done already stays so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import msgspec

from lineside.cli.remote import RemoteNode
from lineside.cli.terminal import language, words
from lineside.demo.cluster import ClusterPlant
from lineside.hub import Hub, Standing
from lineside.trust import fingerprint

_DAYS = 366


def join_plant(hub: Hub, node: RemoteNode, plant: ClusterPlant, first: str) -> None:
    """Invited, released, enrolled, compared, admitted, and heard from the month `first` on.

    The hub has to be served meanwhile. Raises what went wrong.
    """
    name = plant.profile.name
    told = node.get("/api/member")["membership"]
    if told is None:
        invited = hub.invitations.invite([name], language=language())[0]
        told = node.post("/api/member/invitation", {"invitation": invited.envelope.decode()})["membership"]
    if told["state"] == "invited":
        asked = {"profile": msgspec.to_builtins(plant.profile), "agreement": told["agreement"]["sha256"]}
        told = node.post("/api/member/enrol", asked)["membership"]
        click.echo(words("cluster.enrolled", name=name, hub=hub.name))
    if not told["open"]:
        _release(node, hub, name)
    if told["state"] != "admitted":
        told = _sent(node, None)["membership"]
        _admit(hub, told, name)
    spoken = _sent(node, first)
    click.echo(
        words("cluster.spoken", name=name, months=", ".join(sorted(one["month"] for one in spoken["months"])) or "-")
    )


def _sent(node: RemoteNode, first: str | None) -> Mapping[str, Any]:
    told: Mapping[str, Any] = node.post("/api/member/send", {"first": first})
    if (problem := told["membership"]["problem"]) is not None:
        click.secho(problem["sentence"], fg="yellow", err=True)
    return told


def _release(node: RemoteNode, hub: Hub, name: str) -> None:
    """Lets the hub be told, as who sits at this computer may."""
    asked = {
        "name": hub.name,
        "purpose": words("cluster.purpose"),
        "recipient": hub.name,
        "flow": "hub",
        "address": hub.id,
        "content": ["profile", "indicator/*", "replies", "incidents", "exposures"],
        "schedule": "month",
        "days": _DAYS,
    }
    release = node.post("/api/valve/releases", asked)
    node.post(f"/api/valve/releases/{release['id']}/allow", {"digest": release["digest"]})
    click.echo(words("cluster.released", name=name, number=release["id"]))


def _admit(hub: Hub, told: Mapping[str, Any], name: str) -> None:
    """Compares what the node shows with what the hub knows, as two people do on the telephone."""
    if told["member"] is None:
        return
    member = hub.register.get(told["member"])
    if member.state is Standing.PENDING and member.key is not None:
        known = fingerprint(member.key)
        hub.registrar.admit(member.number, told["fingerprint"])
        click.echo(words("cluster.compared", name=name, own=told["fingerprint"], known=known))
