"""Lists of employees as CSV: what they would do, line by line, and doing it."""

from collections.abc import Sequence

from starlette.responses import Response

from seatrial.domain.access import Permission
from seatrial.domain.employee_list import ImportReport, LineOutcome, ListedOutcome, ListError
from seatrial.domain.errors import Conflict, InvalidRequest
from seatrial.web.dashboard.door import Visitor, form_of
from seatrial.web.dashboard.employees import EMPLOYEES
from seatrial.web.dashboard.form_files import file_of
from seatrial.web.dashboard.gate import signed_in
from seatrial.web.dashboard.rules import in_words, rule
from seatrial.web.dashboard.view import show
from seatrial.web.replies import links_of
from seatrial.wire.employee_list import employee_list

IMPORT = f"{EMPLOYEES}/import"
LINES_SHOWN = 500
"""How many lines the page shows of those that do something, and of those that are wrong."""


@signed_in
async def ask(visitor: Visitor) -> Response:
    """Ask for a list."""
    visitor.scope.require(Permission.EMPLOYEE_CREATE)
    return _page(visitor)


@signed_in
async def run(visitor: Visitor) -> Response:
    """Say what a list would do, or let it do that; what was looked at comes back with the second form."""
    context, request, said = visitor.context, visitor.request, await form_of(visitor.request)
    chosen = file_of(request, "file")
    body = chosen if chosen is not None else said.get("list", "").encode("utf-8", "replace")
    dry_run = said.get("action") != "import"

    def carry_out() -> ImportReport:
        if not body.strip():
            raise InvalidRequest({"file": "is required: a CSV file"})
        listed = employee_list(body)
        return context.employee_import.run(visitor.scope, listed.employees, listed.errors, dry_run=dry_run)

    visitor.scope.require(Permission.EMPLOYEE_CREATE)
    try:
        report = await context.write(carry_out)
    except InvalidRequest as invalid:
        return _page(visitor, wrong=in_words(visitor.language, invalid), status=400)
    except Conflict:
        say = visitor.language.say
        return _page(
            visitor, wrong={"file": say("was overtaken: somebody else takes people in. Try again.")}, status=409
        )
    text = body.decode("utf-8-sig", "replace") if dry_run else ""
    return _page(visitor, report=report, text=text)


def _page(
    visitor: Visitor,
    *,
    report: ImportReport | None = None,
    text: str = "",
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    path = f"{visitor.home}/people/employees"
    doing = _doing(report.lines) if report else ()
    return show(
        visitor,
        "dashboard/employee_import.html",
        status,
        report=report,
        lines=doing[:LINES_SHOWN],
        more=max(0, len(doing) - LINES_SHOWN),
        errors=[(one.line, _said(visitor, one)) for one in report.errors[:LINES_SHOWN]] if report else (),
        more_errors=max(0, len(report.errors) - LINES_SHOWN) if report else 0,
        text=text,
        wrong=wrong or {},
        parent=path,
        address=f"{path}/import",
        base=links_of(visitor.request).api,
    )


def _said(visitor: Visitor, error: ListError) -> str:
    field, _, text = error.message.partition(": ")
    return f"{field}: {rule(visitor.language, text)}" if text else error.message


def _doing(lines: Sequence[ListedOutcome]) -> Sequence[ListedOutcome]:
    return [line for line in lines if line.outcome is not LineOutcome.UNCHANGED]


ROUTES = (("GET", IMPORT, ask), ("POST", IMPORT, run))
