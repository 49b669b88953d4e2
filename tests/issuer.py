"""A real OpenID provider on this machine (oidc-provider-mock), whose answers a test may change on their way out."""

import base64
import hashlib
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import werkzeug.serving
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import flask
    import oidc_provider_mock  # type: ignore[import-untyped]  # it has no types

Claims = dict[str, Any]


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


class Issuer:
    """The provider, the key it signs with, and what is done to its ID tokens."""

    def __init__(self) -> None:
        self.key = new_key("one")
        self.url = ""
        self.change: Callable[[Claims], Claims] = lambda claims: claims
        self.sign: Callable[[Claims], str] = lambda claims: jwt.encode(
            {"alg": "ES256", "kid": str(self.key.kid)}, claims, self.key
        )
        self.answers: Callable[[str], flask.Response | None] = lambda _path: None
        self.challenges: set[str] = set()
        self.asked: list[str] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.app = oidc_provider_mock.app()
        self.app.before_request(self._before)
        self.app.after_request(self._after)

    def user(self, subject: str, **claims: object) -> None:
        assert httpx.put(f"{self.url}/users/{subject}", json=claims).status_code == 204

    def consent(self, url: str, subject: str) -> tuple[str, str]:
        """Be the person at the provider's page; gives the code and the state that go back."""
        answer = httpx.post(url, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        said = parse_qs(urlsplit(answer.headers["location"]).query)
        return said["code"][0], said["state"][0]

    def _before(self) -> flask.Response | None:
        self.asked.append(flask.request.path)
        if "code_challenge" in flask.request.args:
            assert flask.request.args["code_challenge_method"] == "S256"
            self.challenges.add(flask.request.args["code_challenge"])
        if flask.request.path == "/oauth2/token":
            made = hashlib.sha256(flask.request.form["code_verifier"].encode()).digest()
            if base64.urlsafe_b64encode(made).rstrip(b"=").decode() not in self.challenges:
                return flask.make_response({"error": "invalid_grant"}, 400)
        return self.answers(flask.request.path)

    def _after(self, response: flask.Response) -> flask.Response:
        if flask.request.path == "/jwks":
            response.set_data(json.dumps(KeySet([self.key]).as_dict(private=False)))
        if flask.request.path == "/oauth2/token" and response.status_code == 200 and response.is_json:
            said = json.loads(response.get_data())
            claims = json.loads(jws.extract_compact(said["id_token"].encode()).payload)
            said["id_token"] = self.sign(self.change(claims))
            response.set_data(json.dumps(said))
        return response


@contextmanager
def serving() -> Iterator[Issuer]:
    issuer = Issuer()
    server = werkzeug.serving.make_server("localhost", 0, issuer.app, threaded=True)
    issuer.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
