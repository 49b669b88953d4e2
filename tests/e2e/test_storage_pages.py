"""The pages about storage: a bucket is added, tried out, chosen by an app, and its secret is never shown again."""

from tests.conftest import StartServer
from tests.e2e.pages import Browser, signed_in
from tests.object_stores import ACCESS_KEY, BUCKET, SECRET_KEY, ObjectServer, keys_below
from tests.server import DEMO_APK


def test_a_bucket_is_added_tried_and_chosen(seaweedfs: ObjectServer, start_server: StartServer) -> None:
    server = start_server()
    admin: Browser = signed_in(server, "admin", "ada")
    home = f"/dashboard/{server.organization['slug']}"
    said = {"name": "Quay", "provider": "s3", "bucket": BUCKET, "prefix": "pages", "endpoint": seaweedfs.endpoint}
    said |= {"accessKey": ACCESS_KEY, "secretKey": "not-the-secret"}
    wrong = admin.send(admin.open(f"{home}/storage"), "Create", said | {"bucket": "-"})
    assert (wrong.status, "must be the name of a bucket" in wrong.text) == (400, True)
    made = admin.send(admin.open(f"{home}/storage"), "Create", said)
    assert "Nothing is in it yet" in made.text

    tried = admin.send(made, "Test the connection", {})
    assert "The store refuses the credentials: the secret is wrong." in tried.text
    admin.language = "es"
    in_spanish = admin.send(admin.open(made.url), "Probar la conexión", {})
    assert "El almacén rechaza las credenciales: el secreto no es correcto." in in_spanish.text
    admin.language = "en"
    saved = admin.send(admin.open(made.url), "Save", {"secretKey": SECRET_KEY})
    assert "Saved." in saved.text
    saved = admin.send(saved, "Save", {"name": "Inner quay"})
    tried = admin.send(saved, "Test the connection", {})
    assert tried.raw.count("state-green") == 5
    assert SECRET_KEY not in tried.raw
    assert "not-the-secret" not in tried.raw

    settings = admin.open(f"{home}/apps/{server.app['slug']}/settings")
    assert "Inner quay" in settings.text
    admin.send(settings, "Save", {"storage": made.url.rpartition("/")[2].partition("?")[0]})
    server.processed(DEMO_APK)
    assert len(keys_below(seaweedfs.endpoint, "pages")) == 2
    shown = admin.open(made.url)
    assert "chose it" in shown.text
    refused = admin.send(shown, "Remove", {})
    assert (refused.status, "There are files in Inner quay" in refused.text) == (409, True)
