"""The schema's history: one file a revision in versions/, named after it, applied in order and whole or not at all.

A new revision is a file `theory_lab_NNNN_what.py` beside the first, with `down_revision` the one before it; a test
compares the schema that the files make with `storage.tables`. Views are not made here: see storage.views.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

HERE = Path(__file__).parent
VERSIONS: tuple[Path, ...] = (HERE / "versions",)
PREFIX = "theory_lab_"
"""What tells our revisions from those of another program in the same table."""


def known_revisions(versions: Sequence[Path] = VERSIONS) -> tuple[str, ...]:
    """All revisions, oldest first: the first 15 letters of the files' names."""
    files = (file for folder in versions for file in folder.glob(f"{PREFIX}*.py"))
    return tuple(sorted(file.stem[: len(PREFIX) + 4] for file in files))


def upgrade(connection: Connection, versions: Sequence[Path] = VERSIONS) -> None:
    """Bring the schema to the newest revision inside the transaction that `connection` is in; views must be gone."""
    from alembic import command  # alembic takes long to import, and most stores are up to date
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", escaped(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(escaped(folder) for folder in versions))
    command.upgrade(config, "head")


def escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
