"""Audiences as JSON."""

from seatrial.domain.audience import MOST_SINGLE_PEOPLE, Audience, AudienceSettings
from seatrial.domain.listing import ListQuery
from seatrial.wire import bodies, groups
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "name")


def audiences_query(params: Params) -> ListQuery:
    """Read which audiences to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name",))


def audience_settings(body: bytes) -> AudienceSettings:
    """Read what an audience is to be, or to become.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    return AudienceSettings(
        name=bodies.optional(said, "name", bodies.line(bodies.NAME_LIMIT)),
        description=bodies.optional(said, "description", bodies.text(groups.DESCRIPTION_LIMIT)),
        conditions=bodies.optional(said, "conditions", groups.from_json),
        employees=bodies.optional(said, "employees", bodies.names(MOST_SINGLE_PEOPLE)),
    )


def audience_json(audience: Audience) -> dict[str, object]:
    """Show an audience: its rule, not who meets it."""
    return {
        "id": audience.id,
        "organization": audience.organization_id,
        "name": audience.name,
        "description": audience.description,
        "conditions": [list(clause) for clause in audience.conditions],
        "employees": [{"id": employee_id, "email": email} for employee_id, email in audience.employees],
        "createdAt": timestamp(audience.created_at),
        "updatedAt": timestamp(audience.updated_at),
    }
