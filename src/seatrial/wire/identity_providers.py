"""Identity providers as JSON; the client's secret goes in and never comes out."""

from urllib.parse import urlsplit

from seatrial.domain.access import MemberRole
from seatrial.domain.build import UNSET
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.group import LONGEST_GROUP
from seatrial.domain.identity_provider import IdentityProvider, IdentityProviderSettings
from seatrial.domain.listing import ListQuery
from seatrial.domain.membership import MemberKind
from seatrial.wire import bodies, fields
from seatrial.wire.queries import Params, list_query
from seatrial.wire.timestamps import timestamp

SORTS = ("createdAt", "name")
URL_LIMIT = 1024
SECRET_LIMIT = 4096
CLAIM_LIMIT = 255
MOST_ENTRIES = 200
_MAPPING_RULE = "must be an object of values and names of groups, or null where each value is the name of a group"


def identity_providers_query(params: Params) -> ListQuery:
    """Read which identity providers to list.

    Raises InvalidRequest.
    """
    return list_query(params, SORTS, ("name",))


def identity_provider_settings(body: bytes) -> IdentityProviderSettings:
    """Read what an identity provider is to be, or edits to one.

    Raises InvalidRequest.
    """
    said = bodies.json_object(body)
    flag = bodies.boolean
    return IdentityProviderSettings(
        name=bodies.optional(said, "name", bodies.line(bodies.NAME_LIMIT)),
        issuer=bodies.optional(said, "issuer", issuer_url),
        client_id=bodies.optional(said, "clientId", bodies.line(URL_LIMIT)),
        client_secret=bodies.optional(said, "clientSecret", bodies.line(SECRET_LIMIT)),
        scopes=_lines("scopes", said["scopes"]) if "scopes" in said else UNSET,
        groups_claim=bodies.optional(said, "groupsClaim", bodies.line(CLAIM_LIMIT)),
        group_mapping=_mapping(said["groupMapping"]) if "groupMapping" in said else UNSET,
        default_role=bodies.optional(said, "defaultRole", _role),
        kind=bodies.optional(said, "kind", _kind),
        allowed_domains=_domains(said["allowedDomains"]) if "allowedDomains" in said else UNSET,
        allow_sign_up=bodies.optional(said, "allowSignUp", flag),
        enabled=bodies.optional(said, "enabled", flag),
        only=bodies.optional(said, "only", flag),
    )


def identity_provider_json(provider: IdentityProvider) -> dict[str, object]:
    """Show an identity provider without its secret."""
    return {
        "id": provider.id,
        "organization": provider.organization_id,
        "name": provider.name,
        "issuer": provider.issuer,
        "clientId": provider.client_id,
        "hasClientSecret": bool(provider.sealed_secret),
        "scopes": list(provider.scopes),
        "groupsClaim": provider.groups_claim,
        "groupMapping": provider.group_mapping,
        "defaultRole": provider.default_role.value,
        "kind": provider.kind.value,
        "allowedDomains": list(provider.allowed_domains),
        "allowSignUp": provider.allow_sign_up,
        "enabled": provider.enabled,
        "only": provider.only,
        "signsOwnersIn": provider.vouched,
        "createdAt": timestamp(provider.created_at),
        "updatedAt": timestamp(provider.updated_at),
    }


def issuer_url(name: str, value: object) -> str:
    """Read the address that an issuer calls itself by.

    Raises InvalidRequest.
    """
    said = bodies.line(URL_LIMIT)(name, value)
    try:
        parts = urlsplit(said)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        is_url = False
    if not is_url or not said.isascii() or not said.isprintable() or " " in said:
        raise InvalidRequest({name: "must be the issuer's https:// address, as it calls itself"})
    return said


def _lines(name: str, value: object) -> tuple[str, ...]:
    rule = f"must be an array of at most {MOST_ENTRIES} texts without blanks"
    if not isinstance(value, list) or len(value) > MOST_ENTRIES:
        raise InvalidRequest({name: rule})
    found = []
    for item in value:
        said = bodies.line(CLAIM_LIMIT)(name, item)
        if not said or any(letter.isspace() for letter in said):
            raise InvalidRequest({name: rule})
        found.append(said)
    return tuple(dict.fromkeys(found))


def _domains(value: object) -> tuple[str, ...]:
    found = tuple(said.lower().removeprefix("@") for said in _lines("allowedDomains", value))
    if any("@" in domain or not domain for domain in found):
        raise InvalidRequest({"allowedDomains": "must be domains, such as example.com"})
    return found


def _mapping(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > MOST_ENTRIES:
        raise InvalidRequest({"groupMapping": _MAPPING_RULE})
    found = {}
    for said, name in value.items():
        fields.bounded("groupMapping", said, CLAIM_LIMIT)
        found[said] = bodies.line(LONGEST_GROUP)(f"groupMapping.{said}"[:CLAIM_LIMIT], name)
        if not found[said]:
            raise InvalidRequest({"groupMapping": _MAPPING_RULE})
    return found


def _role(name: str, value: object) -> MemberRole:
    return MemberRole(bodies.word(*MemberRole)(name, value))


def _kind(name: str, value: object) -> MemberKind:
    return MemberKind(bodies.word(*MemberKind)(name, value))
