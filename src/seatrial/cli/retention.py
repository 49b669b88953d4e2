"""`seatrial admin retention`: what an app's rules would remove, and the doing of it ahead of the night."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.administering import InOrganization, OfApp, opened
from seatrial.cli.output import moment, print_facts, print_json, print_table
from seatrial.cli.workspace import DataDir, Json
from seatrial.domain.access import AppScope
from seatrial.domain.build import MAX_LIMIT
from seatrial.domain.retention import MOST_RETAINED, EffectiveRule, Judged, Preview, RetentionQuery, Rule

if TYPE_CHECKING:
    from seatrial.services.retention import Retention

app = typer.Typer(help="Which builds an app's rules keep, and which not.", no_args_is_help=True)

Days = Annotated[int | None, typer.Option(min=1, max=MOST_RETAINED, help="As if builds were kept for so many days.")]
PerPublication = Annotated[
    int | None, typer.Option(min=1, max=MOST_RETAINED, help="As if each publication kept so many builds.")
]


@app.command("preview")
def preview(
    of_app: OfApp,
    days: Days = None,
    per_publication: PerPublication = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that stay, too.")] = False,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Say which builds go and why; changes nothing."""
    query = RetentionQuery(goes=None if everything else True, tried=Rule(days, per_publication), limit=MAX_LIMIT)
    with opened(data_dir, organization) as (services, within):
        pages = list(_pages(services.retention, services.apps.scope_of(within, of_app), query))
    lines = [_line(judged) for page in pages for judged in page.page.items]
    totals = pages[0].totals
    facts = _facts(pages[0].rule) | {"goes": totals.goes, "bytes": totals.bytes, "stays": totals.stays}
    if as_json:
        print_json(facts | {"builds": lines})
        return
    if lines:
        print_table(lines[0], (line.values() for line in lines))
        print()
    print_facts(facts)


@app.command("run")
def run(
    of_app: OfApp,
    days: Days = None,
    per_publication: PerPublication = None,
    organization: InOrganization = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Put into the trash what the rules take, now instead of at night."""
    with opened(data_dir, organization) as (services, within):
        done = services.retention.run(services.apps.scope_of(within, of_app), Rule(days, per_publication))
    facts: dict[str, object] = {"builds": done.builds, "bytes": done.bytes}
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


def _pages(retention: "Retention", scope: AppScope, query: RetentionQuery) -> Iterator[Preview]:
    for number in range(1, 1 << 31):
        found = retention.preview(scope, replace(query, page=number))
        yield found
        if number * query.limit >= found.page.total:
            return


def _facts(rule: EffectiveRule) -> dict[str, object]:
    return {
        "buildRetentionDays": rule.rule.days,
        "buildRetentionDaysSource": rule.days_source,
        "buildsRetainedPerPublication": rule.rule.per_publication,
        "buildsRetainedPerPublicationSource": rule.per_publication_source,
    }


def _line(judged: Judged) -> dict[str, object]:
    facts = judged.verdict.facts
    return {
        "id": facts.id,
        "versionName": judged.version_name,
        "os": facts.os,
        "createdAt": moment(facts.created_at),
        "bytes": judged.bytes,
        "reason": judged.verdict.reason.value,
        "sentence": judged.verdict.sentence,
    }
