"""The pages about people and about one's own account in the authorization table: routes, things to ask about, forms."""

import uuid

from tests.server import Json, Server

PEOPLE = "/dashboard/{organization}/people"
ROWS = f"""
GET    {PEOPLE}                                        | page      | base.people.group.list
GET    {PEOPLE}/collaborators                          | page      | base.people.organizationCollaborator.list
POST   {PEOPLE}/collaborators/{{user}}                 | page      | base.people.organizationCollaborator.update
POST   {PEOPLE}/collaborators/{{user}}/remove          | page      | base.people.organizationCollaborator.delete
GET    {PEOPLE}/employees                              | page      | base.people.employee.list
POST   {PEOPLE}/employees                              | page      | base.people.employee.create
GET    {PEOPLE}/employees/import                       | page      | base.people.employee.create
POST   {PEOPLE}/employees/import                       | page      | base.people.employee.create
GET    {PEOPLE}/employees/{{employee}}                 | page      | base.people.employee.list
POST   {PEOPLE}/employees/{{employee}}                 | page      | base.people.employee.update
POST   {PEOPLE}/employees/{{employee}}/remove          | page      | base.people.employee.delete
GET    {PEOPLE}/invitations                            | page      | base.people.invitation.list
POST   {PEOPLE}/invitations                            | page      | base.people.invitation.create
POST   {PEOPLE}/invitations/{{invitation}}/resend      | page      | base.people.invitation.create
POST   {PEOPLE}/invitations/{{invitation}}/remove      | page      | base.people.invitation.delete
"""

SAID: dict[str, dict[str, str]] = {
    "/collaborators/{user}": {"role": "viewer"},
    "/employees/import": {"list": "email\nlisted@pages.example\n"},
    "/employees/{employee}": {"email": "{name}@pages.example"},
    "/employees": {"email": "{name}@pages.example"},
    "/invitations": {"email": "{name}@pages.example"},
}
"""What a form of a page says, by how the page's path ends; `{name}` is a new name each time."""


def form_of(route: str) -> dict[str, str]:
    """Fill the form of a page; nothing where it needs nothing."""
    name = uuid.uuid4().hex[:12]
    said = next((said for end, said in SAID.items() if route.endswith(end)), {})
    return {field: text.replace("{name}", name) for field, text in said.items()}


class Things(dict[str, str]):
    """What paths name: those that are given, and a new person, group or invitation for each request about one."""

    def __init__(self, server: Server, given: dict[str, str]) -> None:
        super().__init__(given)
        self._client = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)

    def __missing__(self, noun: str) -> str:
        name = uuid.uuid4().hex[:12]
        email = f"{name}@pages.example"
        bodies: dict[str, tuple[str, Json]] = {
            "user": ("/collaborators", {"email": email, "role": "viewer", "password": "a password for tests"}),
            "employee": ("/employees", {"email": email}),
            "invitation": ("/invitations", {"email": email, "kind": "employee"}),
        }
        path, body = bodies[noun]
        answer = self._client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        made: Json = answer.json()["data"]
        found: str = made["id"]
        return found
