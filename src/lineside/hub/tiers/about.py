"""What everybody may know of a hub: what it measures and where, and how it protects its members."""

from __future__ import annotations

from lineside.exchange import Indicator
from lineside.hub.tiers.joined import secrecy_of
from lineside.hub.tiers.plain import Plain
from lineside.hub.tiers.tiers import Tiers
from lineside.rules import industries, size_schemes
from lineside.texts import say


def about(tiers: Tiers, language: str) -> Plain:
    """The public facts of a hub, with how many of its members were generated for a demonstration."""
    settings, scheme = tiers.settings, size_schemes()[tiers.settings.size_scheme]
    admitted = [one for one in tiers.sources.register.everybody() if one.admitted_us is not None and not one.state.over]
    return {
        "name": settings.name,
        "zone": settings.time_zone,
        "size_scheme": {"id": scheme.id, "name": scheme.names[language], "edition": scheme.edition.id},
        "sizes": [{"id": one.id, "name": one.names[language]} for one in scheme.classes],
        "regions": [
            {"code": one.code, "name": getattr(one.name, language), "tile": list(one.tile)} for one in settings.regions
        ],
        "industries": [{"code": one.code, "name": one.names[language]} for one in industries().divisions.values()],
        "chains": [
            {"id": one.id, "name": getattr(one.name, language), "industries": one.industries} for one in settings.chains
        ],
        "indicators": [_indicator(tiers, one, language) for one in tiers.sources.catalogue.indicators.values()],
        "protection": _protection(tiers, language),
        "generated": {"members": sum(one.profile.generated for one in admitted), "of": len(admitted)},
    }


def _indicator(tiers: Tiers, one: Indicator, language: str) -> Plain:
    return {
        "id": one.id,
        "name": one.names[language],
        "meaning": one.meanings[language],
        "formula": one.formula,
        "unit": one.unit,
        "better": one.better,
        "step": one.step,
        "ratio": one.ratio,
        "coverage": one.coverage,
        "computed": one.computed,
        "compared": one.compared,
        "source": one.source,
        "confidence": one.confidence.value,
        "edition": tiers.sources.catalogue.edition.id,
    }


def _protection(tiers: Tiers, language: str) -> Plain:
    """How few a figure is told of, and against how many who put together what they know."""
    rules = secrecy_of(tiers.settings.protection)
    told = {"group": rules.group, "hidden": rules.k, "colluders": rules.c}
    words = [say(f"tiers.protection.{what}", language, **told) for what in ("group", "blocks", "operator")]
    telling = tiers.settings.telling
    when = "tiers.protection.never" if telling is None else "tiers.protection.when"
    words.append(say(when, language, days=telling.days if telling else 0))
    return told | {"words": words}
