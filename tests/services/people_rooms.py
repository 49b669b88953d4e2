"""People in the rooms: a few employees with groups, and what their services give."""

from dataclasses import dataclass, field

from seatrial.domain.employee import Employee, NewEmployee
from seatrial.services.audiences import Audiences
from seatrial.services.employees import Employees
from seatrial.services.groups import Groups
from tests.services.rooms import Rooms


@dataclass
class People:
    rooms: Rooms
    employees: Employees = field(init=False)
    groups: Groups = field(init=False)
    audiences: Audiences = field(init=False)

    def __post_init__(self) -> None:
        self.employees = Employees(self.rooms.db, self.rooms.now)
        self.groups = Groups(self.rooms.db, self.rooms.now)
        self.audiences = Audiences(self.rooms.db, self.rooms.now)

    def take_in(self, name: str, *tags: str) -> Employee:
        self.rooms.later(1)
        return self.employees.create(self.rooms.scope, NewEmployee(email=f"{name}@example.com", tags=tags))
