"""Publications as JSON (contract 2.4)."""

from collections.abc import Sequence

from seatrial.domain.app import Organization
from seatrial.domain.publication import (
    PICKED_SYSTEMS,
    BuildFilter,
    CurrentBuild,
    Publication,
    PublicationQuery,
    Security,
    Visibility,
)
from seatrial.wire import fields
from seatrial.wire.links import Links
from seatrial.wire.publication_settings import SLUG_LIMIT, VALUE_LIMIT, filter_type
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "updatedAt", "slug")
_SPELLINGS = {"filter-type": "filterType", "filter-value": "filterValue"}
"""The documents' spelling and that of the GitHub Action."""
_FILTERS = ("slug", "security", "visibility", "filterType", "filterValue", "application")


def publications_query(params: Params) -> PublicationQuery:
    """Read which publications to list.

    Raises InvalidRequest naming the parameter and what is allowed.
    """
    given = [(_SPELLINGS.get(name, name), text.strip()) for name, text in params]
    said = {name: text for name, text in given if name in _FILTERS and text}
    paging = list_query(given, SORTS)
    value = said.get("filterValue")
    return PublicationQuery(
        slug=fields.bounded("slug", said["slug"], SLUG_LIMIT) if "slug" in said else None,
        security=Security(fields.word("security", said["security"].lower(), Security)) if "security" in said else None,
        visibility=(
            Visibility(fields.word("visibility", said["visibility"].lower(), Visibility))
            if "visibility" in said
            else None
        ),
        filter_type=filter_type("filter-type", said["filterType"]) if "filterType" in said else None,
        filter_value=None if value is None else fields.bounded("filter-value", value, VALUE_LIMIT),
        application=(fields.bounded("application", said["application"], SLUG_LIMIT) if "application" in said else None),
        sort=paging.sort,
        descending=paging.descending,
        page=paging.page,
        limit=paging.limit,
    )


def publication_json(publication: Publication, given: Sequence[CurrentBuild], links: Links) -> dict[str, object]:
    """Show a publication and what it gives now; of a password only that there is one."""
    said, looks = publication.settings, publication.settings.looks
    app = publication.application
    return {
        "id": publication.id,
        "slug": said.slug,
        "distributionUrl": links.publication(said.slug),
        "organization": publication.organization_id,
        "store": publication.organization_id,
        "application": app.id,
        "applicationInfo": {
            "id": app.id,
            "name": app.name,
            "slug": app.slug,
            "picture": links.picture(app.picture),
        },
        "security": said.security.value,
        "hasPassword": publication.password_hash is not None,
        "visibility": said.visibility.value,
        "filter": _filter(said.filter),
        "tags": list(said.tags),
        "groups": [list(clause) for clause in said.groups],
        "activateUserAudiences": said.activate_audiences,
        "userAudienceMap": [{"id": one.id, "notifyNewBuildsProcessed": one.notify} for one in said.audiences],
        "showHistory": said.show_history,
        "showDevInfo": said.show_dev_info,
        "hideAttachedFiles": said.hide_attachments,
        "terms": {"active": said.terms_active, "text": said.terms_text},
        "allowedCountries": list(said.allowed_countries),
        "blockedCountries": list(said.blocked_countries),
        "expirationDate": timestamp(said.expires_at) if said.expires_at else None,
        "configuration": {
            "application": {"name": looks.name, "description": looks.description},
            "branding": {
                "logo": looks.logo,
                "primaryColor": looks.primary_color,
                "buttonColor": looks.button_color,
            },
        },
        "builds": [_current(build) for build in given],
        "createdAt": timestamp(publication.created_at),
        "updatedAt": timestamp(publication.updated_at),
    }


def store_json(organization: Organization, links: Links) -> dict[str, object]:
    """Show an organization's store; each has one, which goes by the organization's id and slug."""
    return {
        "id": organization.id,
        "name": organization.name,
        "slug": organization.slug,
        "organization": organization.id,
        "url": links.store(organization.slug),
        "createdAt": timestamp(organization.created_at),
        "updatedAt": timestamp(organization.updated_at),
    }


def _filter(chosen: BuildFilter) -> dict[str, object]:
    """Show a filter as it was said; a system's key holds a build's id, true, or the empty text."""
    by_system: dict[str, object] = {build.platform: build.id for build in chosen.builds if not build.is_listed}
    by_system |= dict.fromkeys(chosen.systems, True)
    return {
        "type": chosen.type.value,
        "value": chosen.value,
        **{system: by_system.get(system, "") for system in PICKED_SYSTEMS},
        "builds": [{"buildPlatform": build.platform, "id": build.id} for build in chosen.builds if build.is_listed],
    }


def _current(build: CurrentBuild) -> dict[str, object]:
    return {
        "os": build.os,
        "id": build.id,
        "versionName": build.version_name,
        "versionCode": build.version_code,
        "size": build.size,
        "createdAt": timestamp(build.created_at),
    }
