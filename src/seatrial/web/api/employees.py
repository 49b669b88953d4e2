"""Employees of the store: list, take in, show, edit, forget (contract 2.5)."""

from starlette.requests import Request
from starlette.responses import Response

from seatrial.web.auth import from_app_token, from_organization_path
from seatrial.web.context import context_of
from seatrial.web.json_body import json_body
from seatrial.web.replies import reply
from seatrial.wire.employees import employee_changes, employee_json, employees_query, new_employee
from seatrial.wire.pages import page_json


async def search(request: Request) -> Response:
    """List an organization's employees, who came last first."""
    context, scope = context_of(request), await from_organization_path(request)
    query = employees_query(request.query_params.multi_items())
    page = await context.read(lambda: context.employees.search(scope, query))
    return reply(page_json(page, [employee_json(employee) for employee in page.items]))


async def search_for_app(request: Request) -> Response:
    """List the employees of the organization that an app token belongs to."""
    context, scope = context_of(request), await from_app_token(request)
    query = employees_query(request.query_params.multi_items())
    page = await context.read(lambda: context.employees.search(scope, query))
    return reply(page_json(page, [employee_json(employee) for employee in page.items]))


async def create(request: Request) -> Response:
    """Take somebody into the store."""
    context, scope = context_of(request), await from_organization_path(request)
    new = new_employee(await json_body(request))
    employee = await context.compare(lambda: context.employees.create(scope, new))
    return reply(employee_json(employee))


async def show(request: Request) -> Response:
    """Show one employee."""
    context, scope = context_of(request), await from_organization_path(request)
    employee = await context.read(lambda: context.employees.get(scope, request.path_params["employee"]))
    return reply(employee_json(employee))


async def update(request: Request) -> Response:
    """Change what is known of an employee."""
    context, scope = context_of(request), await from_organization_path(request)
    changes = employee_changes(await json_body(request))
    employee = await context.compare(lambda: context.employees.update(scope, request.path_params["employee"], changes))
    return reply(employee_json(employee))


async def remove(request: Request) -> Response:
    """Forget an employee."""
    context, scope = context_of(request), await from_organization_path(request)
    await context.write(lambda: context.employees.delete(scope, request.path_params["employee"]))
    return reply({"deleted": True})
