"""Building the view model from one bundle, through compare and selection; nothing is computed twice."""

from __future__ import annotations

from harness.errors import BundleError, NotComparableError
from harness.report.model import ReportView
from harness.report.view.answer import answer_of
from harness.report.view.comparing import Compared, compared
from harness.report.view.depths import sweeps_of
from harness.report.view.manifest import manifest_of
from harness.report.view.method import method_of
from harness.report.view.pairs import pair_scores_of
from harness.report.view.pipelines import Choice, pipelines_of, trade_offs_of
from harness.report.view.queries import per_query_of
from harness.report.view.recall import recall_of
from harness.report.view.references import references_of
from harness.report.view.runs import facts_of
from harness.report.view.speed import ratios_of
from harness.results.bundle import Bundle
from harness.selection import Needs, Selection, select
from harness.selection.costs import Price

__all__ = ["view_of"]


def view_of(bundle: Bundle, price: Price | None = None) -> ReportView:
    """Build the view of one bundle.

    Args:
        bundle: with whatever tables it holds; what is missing is left out and said so.
        price: of a machine, for costs.

    Raises BundleError for damaged tables, NotComparableError where nothing was measured.
    """
    if not bundle.pipelines:
        raise NotComparableError(
            f"{bundle.path}: the bundle is empty: it holds no pipeline, so there is nothing to report"
        )
    found = compared(bundle)
    chosen = _chosen(bundle, price, found)
    choice = Choice.of(chosen, found.best)
    pipelines = pipelines_of(bundle, choice, found.groups, price)
    facts = facts_of(bundle)
    counts, result = bundle.result.counts, bundle.result
    return ReportView(
        name=bundle.name,
        title=result.suite.title,
        description=result.suite.description,
        task=bundle.task,
        unit=bundle.items.many,
        n=counts.get(bundle.items.key, _count(bundle)),
        counts=counts,
        primary=bundle.primary,
        measures=bundle.measures,
        pipelines=pipelines,
        answer=answer_of(bundle, pipelines, found),
        trade_offs=trade_offs_of(pipelines, bundle.primary),
        sweeps=sweeps_of(bundle, pipelines, {} if chosen is None else {x.pipeline: x for x in chosen.losses}),
        recall=recall_of(bundle, facts),
        comparisons=found.declared,
        declared=found.by_config,
        all_pairs=found.every,
        per_query=per_query_of(bundle, found.evidence, facts),
        pair_scores=pair_scores_of(bundle, found.evidence),
        references=references_of(bundle, pipelines),
        method=method_of(bundle, found),
        manifest=manifest_of(bundle),
        notes=result.notes,
        warnings=result.warnings,
        started=result.manifest.started,
        reasons=() if chosen is None else chosen.reasons,
        arithmetic=() if chosen is None else chosen.arithmetic,
        ratios=ratios_of(bundle, found.declared),
    )


def _chosen(bundle: Bundle, price: Price | None, found: Compared) -> Selection | None:
    """The recommendation; None where the bundle holds no per-query scores to choose by."""
    if found.evidence is None:
        return None
    try:
        return select([bundle], Needs(price=price), found.evidence)
    except BundleError as error:
        # A run that is gone spoils the losses, which a report can do without; damaged scores were read before.
        raise BundleError(f"{error}; 'harness verify {bundle.path}' says what else is damaged") from None


def _count(bundle: Bundle) -> int:
    figures = [figure for part in bundle.pipelines.values() for figure in part.measures.values()]
    return max((figure.n or 0 for figure in figures), default=0)
