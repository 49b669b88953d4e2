"""The five operations that most nouns of an organization have, in one shape."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from seatrial.domain import errors
from seatrial.domain.access import Permission
from seatrial.web.openapi import examples
from seatrial.web.openapi.builds import DELETED
from seatrial.web.openapi.errors import CHANGING, SCOPED
from seatrial.web.openapi.faces import WORKSPACE_TOKEN
from seatrial.web.openapi.lists import page, paging
from seatrial.web.openapi.notation import Json, Operation, json_body, parameter, ref, shared, string, success


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A noun of an organization or of an app, and how the document calls it."""

    name: str
    """As schemas are called: `Employee`, with `EmployeePage` and `EmployeeAnswer`."""
    noun: str
    """As sentences call it: `an employee`."""
    tag: str
    path: str
    item: str
    """The parameter in the path of one."""
    example: Json
    listing: Permission
    creating: Permission
    updating: Permission
    deleting: Permission
    parents: tuple[Json, ...] = (shared("organizationId"),)
    """The parameters in the path of all."""
    schema: str = ""
    """Of one; empty: as the noun is called."""
    unique: bool = True
    """Whether there may be one like it already, which is 409."""

    @property
    def one(self) -> tuple[Json, ...]:
        """The parameters of the path to one."""
        return (*self.parents, shared(self.item))

    @property
    def path_of_one(self) -> str:
        """The path to one."""
        return f"{self.path}/{{{self.item}}}"

    def page_schema(self) -> Json:
        """Describe one page of a list."""
        return {f"{self.name}Page": page(ref(self.schema or self.name))}

    def answer(self, description: str) -> dict[int, Json]:
        """Describe the answer that is one of them."""
        return {200: success(description, f"{self.name}Answer", ref(self.schema or self.name), self.example)}

    def page_answer(self) -> dict[int, Json]:
        """Describe the answer that is a page of them."""
        shown = examples.page(self.example)
        return {200: success("A page.", f"{self.name}PageAnswer", ref(f"{self.name}Page"), shown)}

    def search(self, summary: str, sorts: tuple[str, ...], *filters: Json) -> Operation:
        """Describe the list."""
        return Operation(
            id=f"list{self.name}s",
            method="get",
            path=self.path,
            tag=self.tag,
            summary=summary,
            credentials=WORKSPACE_TOKEN,
            permission=self.listing,
            parameters=(*self.parents, *filters, *paging(*sorts)),
            answers=self.page_answer(),
            errors=(*SCOPED, errors.InvalidRequest),
        )

    def create(
        self,
        summary: str,
        properties: Mapping[str, Json],
        example: Json,
        required: Collection[str],
        description: str = "",
    ) -> Operation:
        """Describe how one is made."""
        return Operation(
            id=f"create{self.name}",
            method="post",
            path=self.path,
            tag=self.tag,
            summary=summary,
            description=description,
            credentials=WORKSPACE_TOKEN,
            permission=self.creating,
            parameters=self.parents,
            body=json_body(f"New{self.name}", properties, example, required=required),
            answers=self.answer("As it is now."),
            errors=self._changing(),
        )

    def show(self) -> Operation:
        """Describe how one is looked at."""
        return Operation(
            id=f"show{self.name}",
            method="get",
            path=self.path_of_one,
            tag=self.tag,
            summary=f"Show {self.noun}",
            credentials=WORKSPACE_TOKEN,
            permission=self.listing,
            parameters=self.one,
            answers=self.answer("As it is now."),
            errors=SCOPED,
        )

    def update(self, description: str, properties: Mapping[str, Json], example: Json) -> Operation:
        """Describe how one is changed."""
        return Operation(
            id=f"update{self.name}",
            method="put",
            path=self.path_of_one,
            tag=self.tag,
            summary=f"Update {self.noun}",
            description=f"Only the keys that are sent change. {description}".strip(),
            credentials=WORKSPACE_TOKEN,
            permission=self.updating,
            parameters=self.one,
            body=json_body(f"{self.name}Changes", properties, example),
            answers=self.answer("As it is now."),
            errors=self._changing(),
        )

    def remove(self, description: str, *more: type[errors.SeatrialError]) -> Operation:
        """Describe how one is removed."""
        return Operation(
            id=f"delete{self.name}",
            method="delete",
            path=self.path_of_one,
            tag=self.tag,
            summary=f"Delete {self.noun}",
            description=description,
            credentials=WORKSPACE_TOKEN,
            permission=self.deleting,
            parameters=self.one,
            answers={200: success("It is gone.", "DeletedAnswer", DELETED, {"deleted": True})},
            errors=(*SCOPED, *more),
        )

    def under(self, operation: Operation, path: str) -> Operation:
        """Move an operation to a path below that of one."""
        return replace(operation, path=f"{self.path_of_one}/{path}", parameters=(*self.one, *operation.parameters))

    def _changing(self) -> tuple[type[errors.SeatrialError], ...]:
        return (*CHANGING, errors.Conflict) if self.unique else CHANGING


def name_filter(limit: int) -> Json:
    """Describe the filter by a part of the name."""
    return parameter("name", "query", string(maxLength=limit), "A part of the name, in any case.")
