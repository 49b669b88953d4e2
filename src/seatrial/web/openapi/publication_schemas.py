"""What a publication is, said once for what is sent and once for what is shown (contract 2.4)."""

from seatrial.domain.publication import (
    LONGEST_PASSWORD,
    MOST_BUILDS,
    PICKED_SYSTEMS,
    SHORTEST_PASSWORD,
    FilterType,
    Security,
    Visibility,
)
from seatrial.web.openapi import examples
from seatrial.web.openapi.lists import page
from seatrial.web.openapi.notation import (
    Json,
    array,
    boolean,
    entity_id,
    moment,
    nullable,
    number,
    record,
    ref,
    string,
)
from seatrial.wire.bodies import NAME_LIMIT
from seatrial.wire.groups import COUNT_LIMIT, GROUP_LIMIT
from seatrial.wire.publication_settings import (
    DESCRIPTION_LIMIT,
    LOGO_LIMIT,
    MOST_AUDIENCES,
    SLUG_LIMIT,
    TERMS_LIMIT,
    VALUE_LIMIT,
)

PUBLICATION_ID = "64b0f1d2c3a4958677685940"
_COLOR = "^(#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}))?$"
_COUNTRY = "^[A-Za-z]{2}$"

FILTER = {
    "type": "gitBranch",
    "value": "release/2.4",
    **dict.fromkeys(PICKED_SYSTEMS, ""),
    "builds": [],
}
EXAMPLE: Json = {
    "id": PUBLICATION_ID,
    "slug": "tide-tables-beta",
    "distributionUrl": "https://builds.example.com/tide-tables-beta",
    "organization": examples.ORGANIZATION_ID,
    "store": examples.ORGANIZATION_ID,
    "application": examples.APP_ID,
    "applicationInfo": {"id": examples.APP_ID, "name": "Tide Tables", "slug": "tide-tables", "picture": ""},
    "security": "public",
    "hasPassword": False,
    "visibility": "unlisted",
    "filter": FILTER,
    "tags": [],
    "groups": [["beta", "inhouse"], ["qa"]],
    "activateUserAudiences": False,
    "userAudienceMap": [],
    "showHistory": True,
    "showDevInfo": True,
    "hideAttachedFiles": False,
    "terms": {"active": False, "text": ""},
    "allowedCountries": [],
    "blockedCountries": [],
    "expirationDate": None,
    "configuration": {
        "application": {"name": "", "description": ""},
        "branding": {"logo": "", "primaryColor": "", "buttonColor": "#0b6bcb"},
    },
    "builds": [
        {
            "os": "ios",
            "id": examples.BUILD_ID,
            "versionName": "2.4.0-rc1",
            "versionCode": "173",
            "size": 48_211_034,
            "createdAt": examples.MOMENT,
        }
    ],
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
STORE_EXAMPLE: Json = {
    "id": examples.ORGANIZATION_ID,
    "name": "Harbour Mobile",
    "slug": "harbour-mobile",
    "organization": examples.ORGANIZATION_ID,
    "url": "https://builds.example.com/store/harbour-mobile",
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}
WANTED_EXAMPLE: Json = {
    "slug": "tide-tables-beta",
    "visibility": "unlisted",
    "security": "public",
    "password": "",
    "filter": {"type": "gitBranch", "value": "release/2.4"},
    "showDevInfo": True,
    "showHistory": True,
}


def schemas() -> dict[str, Json]:
    """Give the schemas of publications."""
    return {
        "Publication": _shown(),
        "PublicationPage": page(ref("Publication")),
        "Store": record(
            {
                "id": entity_id("The organization's."),
                "name": string(),
                "slug": string(),
                "organization": entity_id(),
                "url": string("Where its list of publications is."),
                "createdAt": moment(),
                "updatedAt": moment(),
            }
        ),
        "StorePage": page(ref("Store")),
    }


def wanted() -> dict[str, Json]:
    """Describe what may be said of a publication; what is not said, or null, is the default."""
    color = nullable(string(pattern=_COLOR))
    country = array(string(pattern=_COUNTRY))
    text = nullable(string(maxLength=NAME_LIMIT))
    return {
        "slug": string(
            "Its place on the server, `/{slug}`, in lower case. Letters, digits and hyphens, a letter or digit at both "
            "ends, not 24 hex characters, and no word that the server keeps for itself.",
            minLength=3,
            maxLength=SLUG_LIMIT,
        ),
        "security": _words(Security, "Who may open it: anybody, whoever has the password, or who is signed in."),
        "password": nullable(
            string(
                f"For the security `password`: {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters. Never shown; not "
                "said in an update, the one before stays.",
                maxLength=LONGEST_PASSWORD,
            )
        ),
        "visibility": _words(Visibility, "`unlisted`: by its link, not in the store's list. `inactive`: not there."),
        "filter": {
            "type": "object",
            "properties": _filter_wanted(),
            "required": ["type"],
            "additionalProperties": True,
        },
        "tags": _tags(),
        "groups": {
            "description": "Whom `logged` lets in: `[[a, b], [c]]` is (a and b) or c. Also as text, `a,b|c`.",
            "type": ["array", "string", "null"],
            "items": {
                "type": ["array", "string"],
                "items": string(maxLength=GROUP_LIMIT),
                "maxItems": COUNT_LIMIT,
            },
            "maxItems": COUNT_LIMIT,
        },
        "activateUserAudiences": _flag("Whether the audiences of `userAudienceMap` are let in, too."),
        "userAudienceMap": nullable(
            array(
                {
                    "type": "object",
                    "properties": {
                        "id": entity_id(),
                        "notifyNewBuildsProcessed": _flag("Whether its people are mailed each new build."),
                    },
                    "required": ["id"],
                },
                maxItems=MOST_AUDIENCES,
            )
        ),
        "showHistory": _flag("Whether older builds can be had."),
        "showDevInfo": _flag("Whether branch, commit, tag and CI run are shown."),
        "hideAttachedFiles": _flag("Whether the files beside the build are left out."),
        "terms": nullable(
            {
                "type": "object",
                "properties": {
                    "active": _flag("Whether they must be accepted before anything can be installed."),
                    "text": nullable(string("Markdown.", maxLength=TERMS_LIMIT)),
                },
            }
        ),
        "allowedCountries": nullable(country | {"description": "Only from these (ISO 3166-1 alpha-2)."}),
        "blockedCountries": nullable(country | {"description": "Not from these."}),
        "expirationDate": nullable(string("ISO 8601; from then on it is gone. Null or the empty text: never.")),
        "configuration": nullable(
            {
                "type": "object",
                "properties": {
                    "application": nullable(
                        {
                            "type": "object",
                            "properties": {
                                "name": text,
                                "description": nullable(string("Markdown.", maxLength=DESCRIPTION_LIMIT)),
                            },
                        }
                    ),
                    "branding": nullable(
                        {
                            "type": "object",
                            "properties": {
                                "logo": nullable(
                                    string("An https URL, or a picture as `data:` URL.", maxLength=LOGO_LIMIT)
                                ),
                                "primaryColor": color,
                                "buttonColor": color,
                            },
                        }
                    ),
                },
            }
        ),
    }


def _shown() -> Json:
    text = string()
    return record(
        {
            "id": entity_id(),
            "slug": text,
            "distributionUrl": string("Where its page is."),
            "organization": entity_id(),
            "store": entity_id("Its organization's: each one has one store."),
            "application": entity_id(),
            "applicationInfo": record(dict.fromkeys(("id", "name", "slug", "picture"), text)),
            "security": _words(Security),
            "hasPassword": boolean(),
            "visibility": _words(Visibility),
            "filter": _filter_shown(),
            "tags": array(text),
            "groups": array(array(text)),
            "activateUserAudiences": boolean(),
            "userAudienceMap": array(record({"id": entity_id(), "notifyNewBuildsProcessed": boolean()})),
            "showHistory": boolean(),
            "showDevInfo": boolean(),
            "hideAttachedFiles": boolean(),
            "terms": record({"active": boolean(), "text": text}),
            "allowedCountries": array(text),
            "blockedCountries": array(text),
            "expirationDate": nullable(moment()),
            "configuration": record(
                {
                    "application": record({"name": text, "description": text}),
                    "branding": record({"logo": text, "primaryColor": text, "buttonColor": text}),
                }
            ),
            "builds": array(
                record(
                    {
                        "os": text,
                        "id": entity_id(),
                        "versionName": text,
                        "versionCode": text,
                        "size": number("Bytes."),
                        "createdAt": moment(),
                    }
                ),
                "What it gives now: the newest build of each system.",
            ),
            "createdAt": moment(),
            "updatedAt": moment(),
        }
    )


def _filter_wanted() -> dict[str, Json]:
    system: Json = {
        "description": "The id of its build, for `build` and `builds`; for the other types true to give no system "
        "that is not named so.",
        "type": ["string", "boolean", "null"],
    }
    build: Json = {
        "type": "object",
        "properties": {"buildPlatform": nullable(string()), "id": entity_id()},
        "required": ["id"],
    }
    return {
        "type": string(
            "How builds are chosen; always the newest of each system.", enum=[one.value for one in FilterType]
        ),
        "value": nullable(string("The branch or tag for the types that have one.", maxLength=VALUE_LIMIT)),
        **dict.fromkeys(PICKED_SYSTEMS, system),
        "builds": nullable(array(build, "For the types `build` and `builds`.", maxItems=MOST_BUILDS)),
    }


def _filter_shown() -> Json:
    return record(
        {
            "type": _words(FilterType),
            "value": string(),
            **{key: {"type": ["string", "boolean"]} for key in PICKED_SYSTEMS},
            "builds": array(record({"buildPlatform": string(), "id": entity_id()})),
        }
    )


def _tags() -> Json:
    return {
        "description": "Groups, any one of which `logged` lets in, too: an array, or text with commas.",
        "type": ["array", "string", "null"],
        "items": string(maxLength=128),
        "maxItems": 100,
    }


def _flag(description: str) -> Json:
    return nullable(boolean(description))


def _words(kind: type[FilterType] | type[Security] | type[Visibility], description: str = "") -> Json:
    return string(description, enum=[one.value for one in kind])
