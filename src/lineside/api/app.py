"""The node's web application: what every house has, the routes of a plant, and the valve past which answers leave."""

from __future__ import annotations

from typing import Any

from litestar.types import ControllerRouterHandler

from lineside.api import (
    discovery_routes,
    energy_routes,
    fact_routes,
    feed_routes,
    grade_routes,
    job_routes,
    member_point_routes,
    member_sum_routes,
    membership_routes,
    metrics,
    mtconnect_routes,
    order_routes,
    overseen_routes,
    pairing_routes,
    plant_routes,
    publish_routes,
    push_routes,
    schedule_routes,
    solution_routes,
    source_routes,
    twin_routes,
    upload_routes,
    valve_routes,
)
from lineside.api.application import Application, Special, application
from lineside.api.door import Door
from lineside.api.live import Topic
from lineside.api.outward import Outward, leaving, plain
from lineside.api.push_body import Gate
from lineside.node import Node
from lineside.trust import Permission


def create_app(node: Node, door: Door = Door()) -> Application:  # noqa: B008 - a value that never changes
    """The application of a node that is not closed yet, served as `door` says."""
    special = Special(
        routes=_routes(),
        topics=topics(node),
        dependencies={"node": node, "gate": Gate()},
        guards=[leaving],
        middleware=[Outward],
        prepared=plain,
        unpacked=["^/mtconnect"],
    )
    return application(node, door, special)


def topics(node: Node) -> list[Topic]:
    """What a tab can subscribe to of a plant, beside what every house has."""

    async def now() -> dict[str, Any]:
        return node.now

    async def sources() -> dict[str, Any]:
        return {source["id"]: source for source in source_routes.sources_json(node, "en")}

    return [
        Topic("now", Permission.READ_FACTS, now, plant_routes.now_within),
        Topic("sources", Permission.READ_SOURCES, sources, source_routes.sources_within),
    ]


def _routes() -> list[ControllerRouterHandler]:
    """The routes of a plant."""
    return [
        twin_routes.twin_list,
        twin_routes.twin_view,
        twin_routes.twin_document,
        twin_routes.twin_fit,
        twin_routes.twin_ask,
        twin_routes.twin_answers,
        twin_routes.twin_candidates,
        twin_routes.twin_tonight,
        discovery_routes.pack_list,
        discovery_routes.discovery_submit,
        discovery_routes.discovery_fragment,
        schedule_routes.schedule_list,
        schedule_routes.schedule_submit,
        schedule_routes.schedule_view,
        schedule_routes.schedule_edit,
        schedule_routes.schedule_beside,
        plant_routes.plant_structure,
        plant_routes.present,
        plant_routes.keeping,
        source_routes.source_list,
        source_routes.source_types,
        source_routes.source_view,
        source_routes.heard,
        publish_routes.publishing,
        source_routes.source_fragment,
        source_routes.source_listen,
        pairing_routes.pairing_view,
        pairing_routes.pairing_decide,
        pairing_routes.certificate_make,
        pairing_routes.certificate_own,
        plant_routes.shift_list,
        fact_routes.lanes,
        fact_routes.kpi_table,
        fact_routes.number,
        energy_routes.energy,
        fact_routes.samples,
        fact_routes.minutes,
        fact_routes.texts,
        fact_routes.tally,
        job_routes.job_submit,
        upload_routes.upload,
        upload_routes.upload_preview,
        upload_routes.upload_import,
        upload_routes.upload_drop,
        push_routes.write_lines,
        push_routes.write_lines_v2,
        push_routes.ping,
        push_routes.health,
        push_routes.push_rows,
        push_routes.push_unwanted,
        order_routes.erp_list,
        order_routes.erp_take,
        order_routes.erp_versions,
        order_routes.erp_file,
        order_routes.erp_take_file,
        order_routes.erp_mappings,
        order_routes.erp_save_mapping,
        order_routes.erp_drop_mapping,
        feed_routes.feeds,
        feed_routes.feed_read,
        grade_routes.grade_list,
        grade_routes.grade_view,
        grade_routes.grade_preview,
        grade_routes.grade_set,
        grade_routes.label_set,
        grade_routes.label_drop,
        grade_routes.grade_table,
        grade_routes.grade_take_table,
        metrics.prometheus,
        mtconnect_routes.mtconnect,
        membership_routes.member_view,
        membership_routes.member_preview,
        membership_routes.member_evidence,
        membership_routes.member_invitation,
        membership_routes.member_enrol,
        membership_routes.member_profile,
        membership_routes.member_enter,
        membership_routes.member_send,
        membership_routes.member_rotate,
        membership_routes.member_leave,
        membership_routes.member_recover,
        membership_routes.member_letters,
        membership_routes.member_answers,
        membership_routes.member_application,
        member_point_routes.member_point,
        member_point_routes.member_point_ask,
        member_point_routes.member_pilots,
        member_point_routes.member_pilots_ask,
        member_sum_routes.member_sums,
        member_sum_routes.member_sum_join,
        member_sum_routes.member_sum_round,
        member_sum_routes.member_sum_agree,
        overseen_routes.overseen_view,
        overseen_routes.overseen_fetch,
        overseen_routes.overseen_take,
        overseen_routes.question_preview,
        overseen_routes.question_reply,
        overseen_routes.incident_preview,
        overseen_routes.incident_tell,
        overseen_routes.sandbox_preview,
        overseen_routes.sandbox_consent,
        overseen_routes.exposure_basis,
        overseen_routes.exposure_preview,
        overseen_routes.exposure_tell,
        solution_routes.solution_list,
        solution_routes.solution_view,
        solution_routes.solution_fetch,
        solution_routes.solution_take,
        solution_routes.solution_preview,
        solution_routes.solution_ask,
        solution_routes.solution_apply,
        solution_routes.solution_tell,
        solution_routes.solution_end,
        solution_routes.solution_measure,
        solution_routes.need_list,
        solution_routes.need_post,
        solution_routes.need_back,
        solution_routes.need_offers,
        valve_routes.valve_state,
        valve_routes.valve_view,
        valve_routes.valve_shut,
        valve_routes.valve_open,
        valve_routes.release_ask,
        valve_routes.release_view,
        valve_routes.release_preview,
        valve_routes.release_allow,
        valve_routes.release_close,
    ]
