"""The whole document, put together once for each address that the server is known by."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from seatrial import __version__
from seatrial.web.context import PublicUrls
from seatrial.web.openapi import (
    accounts,
    app_collaborators,
    app_tokens,
    apps,
    audiences,
    audit,
    build_schemas,
    builds,
    collaborators,
    direct_uploads,
    download_log,
    downloads,
    employees,
    errors,
    expirations,
    faces,
    feedbacks,
    groups,
    identity_providers,
    invitations,
    known_devices,
    lists,
    members,
    notifications,
    organizations,
    publications,
    quotas,
    resumable_uploads,
    retention,
    sdk,
    server,
    service_accounts,
    sessions,
    signing_keys,
    storage_providers,
    store,
    trusted_publishers,
    uploads,
    webhook_messages,
    webhooks,
)
from seatrial.web.openapi.notation import Json, Operation, string
from seatrial.wire.envelope import encode
from seatrial.wire.links import Links

ADMINISTRATION = (
    publications,
    notifications,
    organizations,
    audit,
    apps,
    retention,
    quotas,
    app_tokens,
    trusted_publishers,
    signing_keys,
    service_accounts,
    collaborators,
    app_collaborators,
    employees,
    known_devices,
    groups,
    audiences,
    invitations,
    webhooks,
    expirations,
    sessions,
    accounts,
    members,
    identity_providers,
    storage_providers,
)
NOUNS = (
    uploads,
    resumable_uploads,
    direct_uploads,
    builds,
    downloads,
    download_log,
    store,
    sdk,
    feedbacks,
    *ADMINISTRATION,
    server,
)
"""In the order in which a reader meets them."""

TAGS = {
    uploads.TAG: "Send builds, and files that belong beside them.",
    builds.TAG: "List, show, change and delete an app's builds.",
    downloads.TAG: "Get a build or a file: first a short-lived token, then the bytes.",
    publications.TAG: "Pages that give the right build of an app to the right people.",
    sdk.TAG: "What an app on a device asks: its settings, updates, feedback; and how people set that up.",
    feedbacks.TAG: "What people say about an app, from inside it.",
    notifications.TAG: "Who hears of a build by mail, what became of the mails, and what people wish to hear of.",
    organizations.TAG: "Which organizations a credential belongs to, their names and switches.",
    audit.TAG: "Who did what, and when.",
    apps.TAG: "The apps of an organization.",
    retention.TAG: "Which builds are kept and which not, pins, and the trash.",
    quotas.TAG: "What organizations and apps take up, and how much they may.",
    app_tokens.TAG: "Credentials of one app, for pipelines and for the SDK inside the app.",
    trusted_publishers.TAG: "Uploads without a secret: a CI system's identity token is traded in for an upload token.",
    signing_keys.TAG: "Keys that sign the APKs made of an app's bundles.",
    service_accounts.TAG: "Credentials of a whole organization, for programs.",
    collaborators.TAG: "The people of an organization and their roles.",
    app_collaborators.TAG: "What members are in single apps, beyond their role in the organization.",
    employees.TAG: "The people of the store, who do not see the dashboard.",
    known_devices.TAG: "Testers' Apple devices, by their UDID, and in which builds' profiles they are.",
    groups.TAG: "Tags on people: whom filters and audiences name.",
    audiences.TAG: "Named sets of employees, looked up at the moment of asking.",
    invitations.TAG: "Links by mail that let somebody in, once and for a while.",
    expirations.TAG: "Profiles and certificates of published builds, by the day on which they end.",
    webhooks.TAG: "Receivers that are told of what happens, and the log of what was sent to them.",
    sessions.TAG: "Logging in, staying logged in, logging out.",
    accounts.TAG: "One's own profile, password, sessions and second factor.",
    members.TAG: "Users and employees who are signed in where builds are installed: the SDK's calls.",
    identity_providers.TAG: "OpenID providers that an organization's people sign in with.",
    storage_providers.TAG: "Buckets that an organization keeps its files in.",
    server.TAG: "What the server has beside the API.",
}

DESCRIPTION = """\
Seatrial distributes app builds and speaks Applivery's Builds API: clients made for that work when their base URL is \
changed.

Every answer under `/v1` is JSON: `{"status": true, "data": ...}`, or `{"status": false, "error": ...}` with a code, a \
message and, where there are some, details. A trailing slash makes no difference, and every `GET` also answers `HEAD`. \
A path asked with a method it does not know is 405 with code 1005. Times are UTC with milliseconds and `Z`, sizes are \
bytes.

There are two faces. The Integrations API (`/v1/integrations`) takes an app token, which names the app. The Workspace \
API (`/v1/organizations/...`) takes the token of a service account or of a person's session, and names organization \
and app in the path."""

SECURITY = {
    "appToken": "Of one app; names the app. `Authorization: Bearer sta_...`, the scheme in any case.",
    "serviceAccountToken": "Of a program that works on a whole organization. Its role (admin, developer, viewer) "
    "decides what it may do. `Authorization: Bearer sts_...`.",
    "sessionToken": "Of a person who logged in, with the role that they have in the organization. "
    "`Authorization: Bearer stu_...`.",
    "memberToken": "Of a user or an employee in the store or in an app's SDK. `Authorization: Bearer stm_...`.",
}


OWN_ADDRESS = "http://own-address.invalid"
"""Stands in what is kept for the address that a request came in by, which is a part of samples alone."""


def own_links(urls: PublicUrls) -> Links:
    """Give the addresses of samples, as far as the operator set them."""
    api = urls.api or OWN_ADDRESS
    return Links(api=api, upload=urls.upload or api, download=urls.download or api, sdk=urls.sdk or api)


@lru_cache(maxsize=4)
def kept(urls: PublicUrls) -> bytes:
    """Give the document with `OWN_ADDRESS` in it; made once, as whoever asks must not make the server work for it."""
    return encode(build(urls, own_links(urls)))


def build(urls: PublicUrls, links: Links) -> Json:
    """Put the document together.

    `urls` are the addresses that the operator set: only those are named as servers, since a relative one is right
    behind every proxy. `links` are those of the samples, which need a whole URL.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seatrial API",
            "version": __version__,
            "summary": "App distribution that speaks Applivery's Builds API.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [_server(urls.api)],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": _paths(operations(), urls, links),
        "webhooks": webhook_messages.webhooks(),
        "components": {
            "schemas": _schemas(),
            "parameters": faces.parameters() | lists.parameters(),
            "responses": errors.shared_responses(),
            "examples": errors.examples(),
            "headers": {
                "RequestId": {
                    "description": "The request's id, also in the server's log.",
                    "required": True,
                    "schema": string(),
                }
            },
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": text} for name, text in SECURITY.items()
            },
        },
    }


def operations() -> Iterator[Operation]:
    """Give every operation, noun by noun."""
    for noun in NOUNS:
        yield from noun.operations()


def _schemas() -> Json:
    found = build_schemas.schemas()
    for noun in (resumable_uploads, direct_uploads, downloads, download_log, sdk, feedbacks, *ADMINISTRATION):
        found |= noun.schemas()
    return found | webhook_messages.schemas() | errors.schemas()


def _paths(found: Iterable[Operation], urls: PublicUrls, links: Links) -> Json:
    paths: Json = {}
    for operation in found:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, urls, links)
    return paths


def _operation(operation: Operation, urls: PublicUrls, links: Links) -> Json:
    answers = {str(status): answer for status, answer in operation.answers.items()}
    if operation.links:
        answers["200"] = answers["200"] | {"links": dict(operation.links)}
    shown: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": _described(operation),
        "parameters": list(operation.parameters),
        "requestBody": operation.body,
        "responses": dict(sorted((errors.responses(operation.errors) | answers).items())),
        "security": [dict(one) for one in operation.credentials],
        "servers": _servers_of(operation, urls),
        "x-permission": operation.permission,
        "x-codeSamples": [
            {"lang": "Shell", "label": sample.label, "source": _addressed(sample.source, links)}
            for sample in operation.samples
        ],
    }
    return {key: value for key, value in shown.items() if value or key == "security"}


def _described(operation: Operation) -> str:
    needs = f"Needs the permission `{operation.permission}`." if operation.permission else ""
    return "\n\n".join(filter(None, (operation.description, needs)))


def _servers_of(operation: Operation, urls: PublicUrls) -> list[Json]:
    own = {"upload": urls.upload, "download": urls.download, "sdk": urls.sdk}.get(operation.server)
    return [_server(own)] if own and own != urls.api else []


def _server(url: str | None) -> Json:
    return {"url": url or "/"}


def _addressed(source: str, links: Links) -> str:
    return source.replace("{api}", links.api).replace("{upload}", links.upload).replace("{download}", links.download)
