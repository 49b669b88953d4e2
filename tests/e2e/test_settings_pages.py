"""Settings on pages, as they are used without a script: limits that people choose, rules that they edit."""

from tests.conftest import StartServer
from tests.e2e.pages import Browser, api, signed_in


def test_limits_are_chosen_and_rules_edited(start_server: StartServer) -> None:
    server = start_server()
    owner: Browser = signed_in(server, "owner", "olga")
    home = f"/dashboard/{server.organization['slug']}"
    settings = owner.open(f"{home}/settings")
    wrong = owner.send(settings, "Save the limits", {"storage": "-1"})
    assert (wrong.status, "Storage, in MB must be" in wrong.text) == (400, True)
    api(server, "PUT", "/quotas", {"uploadSize": 1_500_000})
    kept = owner.send(owner.open(f"{home}/settings"), "Save the limits", {"storage": "2000", "builds": "12"})
    assert "Saved." in kept.text
    found = api(server, "GET", "/quotas")
    assert {name: one["chosen"] for name, one in found.items()} == {
        "storage": 2_000_000_000, "uploadSize": 1_500_000, "builds": 12, "downloadsByMonth": None,
    }  # fmt: skip
    app = f"{home}/apps/{server.app['slug']}"
    owner.send(owner.open(f"{app}/settings"), "Save the limits", {"builds": "3"})
    assert api(server, "GET", f"/apps/{server.app['slug']}/quotas")["builds"]["chosen"] == 3
    editor = signed_in(server, "editor", "ed")
    assert "Save the limits" not in editor.open(f"{app}/settings").text

    rules = f"/apps/{server.app['slug']}/trustedPublishers"
    said = {"repository": "acme/app", "ref": ["refs/heads/main", "refs/tags/v*"], "ref_protected": "true"}
    rule = api(server, "POST", rules, {"name": "CI", "provider": "github", "conditions": said})
    page = owner.open(f"{app}/trustedPublishers/{rule['id']}")
    unchanged = owner.send(page, "Save")
    assert "refs/heads/main, refs/tags/v*" in unchanged.text
    after = api(server, "GET", f"{rules}/{rule['id']}")
    assert {**after, "updatedAt": ""} == {**rule, "updatedAt": ""}
    refused = owner.send(page, "Save", {"project": "*/app"})
    assert (refused.status, "without an asterisk" in refused.text) == (400, True)
    owner.send(page, "Save", {"project": "acme/other", "more": "", "name": "Other"})
    after = api(server, "GET", f"{rules}/{rule['id']}")
    assert (after["name"], after["conditions"]) == (
        "Other", {"repository": ["acme/other"], "ref": ["refs/heads/main", "refs/tags/v*"]},
    )  # fmt: skip
