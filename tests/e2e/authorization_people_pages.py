"""The pages about people and about one's own account in the authorization table: routes, things to ask about, forms."""

import uuid

from tests.apple_devices import make_known
from tests.e2e.copied_people import copied_person
from tests.server import Json, Server

PEOPLE = "/dashboard/{organization}/people"
APP_PEOPLE = "/dashboard/{organization}/apps/{app}/people"
ACCOUNT = "/dashboard/account"
ROWS = f"""
GET    {APP_PEOPLE}                                    | page      | mad.application.collaborator.list
POST   {APP_PEOPLE}                                    | form      | mad.application.collaborator.create
POST   {APP_PEOPLE}/{{user}}                           | form      | mad.application.collaborator.update
POST   {APP_PEOPLE}/{{user}}/remove                    | form      | mad.application.collaborator.delete
GET    {ACCOUNT}                                       | page      | -
POST   {ACCOUNT}                                       | form      | -
POST   {ACCOUNT}/password                              | form      | -
POST   {ACCOUNT}/twoFactor                             | form      | -
POST   {ACCOUNT}/twoFactor/confirm                     | form      | -
POST   {ACCOUNT}/twoFactor/recoveryCodes               | form      | -
POST   {ACCOUNT}/twoFactor/disable                     | form      | -
POST   {ACCOUNT}/sessions/end                          | form      | -
POST   {ACCOUNT}/sessions/{{session}}/end              | form      | -
POST   {ACCOUNT}/mails                                 | form      | -
GET    {PEOPLE}                                        | page      | base.people.group.list
GET    {PEOPLE}/collaborators                          | page      | base.people.organizationCollaborator.list
POST   {PEOPLE}/collaborators/{{user}}                 | form      | base.people.organizationCollaborator.update
POST   {PEOPLE}/collaborators/{{user}}/remove          | form      | base.people.organizationCollaborator.delete
GET    {PEOPLE}/employees                              | page      | base.people.employee.list
POST   {PEOPLE}/employees                              | form      | base.people.employee.create
GET    {PEOPLE}/employees/import                       | page      | base.people.employee.create
POST   {PEOPLE}/employees/import                       | form      | base.people.employee.create
GET    {PEOPLE}/employees/{{employee}}                 | page      | base.people.employee.list
POST   {PEOPLE}/employees/{{employee}}                 | form      | base.people.employee.update
POST   {PEOPLE}/employees/{{employee}}/remove          | form      | base.people.employee.delete
GET    {PEOPLE}/groups                                 | page      | base.people.group.list
POST   {PEOPLE}/groups                                 | form      | base.people.group.create
GET    {PEOPLE}/groups/{{group}}                       | page      | base.people.group.list
POST   {PEOPLE}/groups/{{group}}                       | form      | base.people.group.update
POST   {PEOPLE}/groups/{{group}}/remove                | form      | base.people.group.delete
POST   {PEOPLE}/groups/{{group}}/members               | form      | base.people.group.update
POST   {PEOPLE}/groups/{{group}}/members/remove        | form      | base.people.group.update
GET    {PEOPLE}/audiences                              | page      | base.people.audience.list
GET    {PEOPLE}/audiences/new                          | page      | base.people.audience.create
POST   {PEOPLE}/audiences                              | form      | base.people.audience.create
POST   {PEOPLE}/audiences/preview                      | form      | base.people.audience.list
GET    {PEOPLE}/audiences/{{audience}}                 | page      | base.people.audience.list
POST   {PEOPLE}/audiences/{{audience}}                 | form      | base.people.audience.update
POST   {PEOPLE}/audiences/{{audience}}/remove          | form      | base.people.audience.delete
GET    {PEOPLE}/devices                                | page      | base.people.device.list
GET    {PEOPLE}/devices.csv                            | page      | base.people.device.list
GET    {PEOPLE}/devices.txt                            | page      | base.people.device.list
POST   {PEOPLE}/devices/{{device}}/remove              | form      | base.people.device.delete
GET    {PEOPLE}/invitations                            | page      | base.people.invitation.list
POST   {PEOPLE}/invitations                            | form      | base.people.invitation.create
POST   {PEOPLE}/invitations/{{invitation}}/resend      | form      | base.people.invitation.create
POST   {PEOPLE}/invitations/{{invitation}}/remove      | form      | base.people.invitation.delete
"""

PASSWORD = "a password for tests"
SAID: dict[str, dict[str, str]] = {
    "/account/password": {"password": PASSWORD, "newPassword": PASSWORD},
    "/account/twoFactor": {"proof": PASSWORD},
    "/account/mails": {"organization": "{organization}", "all": "digest"},
    "/account/twoFactor/confirm": {"code": "no code"},
    "/account/twoFactor/recoveryCodes": {"proof": PASSWORD, "code": "no code"},
    "/account/twoFactor/disable": {"proof": PASSWORD, "code": "no code"},
    "/collaborators/{user}": {"role": "viewer"},
    "/people/{user}": {"role": "admin"},
    "/employees/import": {"list": "email\nlisted@pages.example\n"},
    "/employees/{employee}": {"email": "{name}@pages.example"},
    "/employees": {"email": "{name}@pages.example"},
    "/groups": {"name": "{name}"},
    "/groups/{group}": {"name": "{name}"},
    "/groups/{group}/members": {"kind": "user", "people": "viewer@pages.example"},
    "/audiences": {"name": "{name}"},
    "/audiences/{audience}": {"name": "{name}"},
    "/invitations": {"email": "{name}@pages.example"},
}
"""What a form of a page says, by how the page's path ends; `{name}` is a new name each time."""

REFUSED = {
    f"POST {ACCOUNT}/twoFactor/confirm": 400,
    f"POST {ACCOUNT}/twoFactor/recoveryCodes": 409,
    f"POST {ACCOUNT}/twoFactor/disable": 409,
}
"""How a page that opens answers what these forms say: a wrong code for what was begun, and for nothing at all."""


def form_of(route: str, organization: str) -> dict[str, str]:
    """Fill the form of a page; nothing where it needs nothing."""
    name = uuid.uuid4().hex[:12]
    said = next((said for end, said in SAID.items() if route.endswith(end)), {})
    return {field: text.replace("{name}", name).replace("{organization}", organization) for field, text in said.items()}


class Things(dict[str, str]):
    """What paths name: those that are given, and a new person, group or invitation for each request about one."""

    def __init__(self, server: Server, given: dict[str, str]) -> None:
        super().__init__(given)
        self._server = server
        self.viewer = ""
        """The session of somebody whom new people are copied from."""
        self._client = server.client(f"/v1/organizations/{server.organization['id']}", server.service_token)

    def __missing__(self, noun: str) -> str:
        name = uuid.uuid4().hex[:12]
        email = f"{name}@pages.example"
        bodies: dict[str, tuple[str, Json]] = {
            "employee": ("/employees", {"email": email}),
            "group": ("/groups", {"name": name}),
            "audience": ("/audiences", {"name": name}),
            "session": ("/groups", {"name": name}),  # an id that is no session: one that is over already
            "invitation": ("/invitations", {"email": email, "kind": "employee"}),
        }
        if noun == "device":
            return make_known(self._server)
        if noun == "user":
            user = copied_person(self._server, self.viewer, email)
            self._in_the_app(user)
            return user
        path, body = bodies[noun]
        answer = self._client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        made: Json = answer.json()["data"]
        found: str = made["id"]
        return found

    def _in_the_app(self, user: str) -> None:
        """Give somebody a role in the app, so that they are among its people, too."""
        path = f"/apps/{self['app']}/collaborators"
        assert self._client.post(path, json={"user": user, "role": "viewer"}).status_code == 200
