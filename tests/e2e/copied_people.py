"""People and sessions copied behind a server's back: who is made by the API costs two passwords to hash, 0.3 s."""

import hashlib
import uuid
from collections.abc import Mapping

from sqlalchemy import Table

from seatrial.db.tables.accounts import memberships, sessions, users
from seatrial.domain.ids import new_entity_id
from tests.server import Server

_OF_SESSION = "(SELECT user_id FROM sessions WHERE access_digest = ?)"


def digest(secret: str) -> str:
    """Give what a server keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def copied_person(server: Server, session: str, email: str) -> str:
    """Take in another one with the password and the role in the organization of whose session it is; gives the id."""
    user = new_entity_id()
    _copy(server, users, {"id": user, "email": email}, f"id = {_OF_SESSION}", digest(session))
    _copy(server, memberships, {"user_id": user}, f"user_id = {_OF_SESSION}", digest(session))
    return user


def copied_session(server: Server, session: str, user: str | None = None) -> str:
    """Open another session like a good one, of the same person or of another; gives its secret."""
    secret = f"stu_{uuid.uuid4().hex}"
    new = {"id": new_entity_id(), "access_digest": digest(secret), "refresh_digest": digest(uuid.uuid4().hex)}
    _copy(server, sessions, new | ({"user_id": user} if user else {}), "access_digest = ?", digest(session))
    return secret


def _copy(server: Server, table: Table, new: Mapping[str, str], where: str, *values: str) -> None:
    names = [column.name for column in table.columns]
    taken = ["?" if name in new else name for name in names]
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(taken)} FROM {table.name}"
    server.write(f"{statement} WHERE {where}", *(new[name] for name in names if name in new), *values)
