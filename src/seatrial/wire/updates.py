"""The JSON body of a build's update (contract 1.3; decisions 3, 25, 30, 35)."""

from seatrial.domain.build import UNSET, BuildChanges
from seatrial.wire import bodies, fields, tags
from seatrial.wire.bodies import METADATA_LIMIT, SCRIPT_LIMIT

__all__ = ["METADATA_LIMIT", "SCRIPT_LIMIT", "build_changes"]


def build_changes(body: bytes, workspace: bool) -> BuildChanges:
    """Read edits to a build from JSON, whatever its header calls it; unknown and read-only keys are ignored.

    Outside the Workspace API, `metadata`, `defaultScripts` and `disabled` are ignored too.

    Raises InvalidRequest naming the key, with dots between nested ones.
    """
    said = bodies.json_object(body)
    workspace_only = said if workspace else {}
    return BuildChanges(
        version_name=bodies.optional(said, "versionName", bodies.line(fields.VERSION_NAME_LIMIT)),
        tags=tags.from_json(said["tags"]) if "tags" in said else UNSET,
        changelog=bodies.optional(said, "changelog", bodies.line(fields.CHANGELOG_LIMIT)),
        metadata=bodies.optional(workspace_only, "metadata", bodies.metadata),
        default_scripts=bodies.scripts(workspace_only),
        disabled=bodies.optional(workspace_only, "disabled", bodies.boolean),
    )
