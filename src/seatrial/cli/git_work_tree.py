"""What git knows about the folder that a command runs in; nothing where there is no git or no work tree."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class GitWorkTree:
    """Asks git about a folder, and takes no answer for an empty one."""

    folder: Path

    def message(self, commit: str) -> str:
        """Give a commit's message; the caller vouches that `commit` is no option."""
        return self._ask("log", "-1", "--format=%B", commit, "--")

    def origin(self) -> str:
        """Give the URL that the work tree was cloned from; it may hold credentials."""
        return self._ask("remote", "get-url", "origin")

    def _ask(self, *words: str) -> str:
        try:
            answer = subprocess.run(  # noqa: S603  # fixed words and a checked hash, no shell
                ["git", *words],  # noqa: S607  # the git on the person's own PATH is the right one
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return answer.stdout.decode("utf-8", "replace").strip()
