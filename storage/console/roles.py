"""How to make the role that the console of a PostgreSQL store takes."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.views import identifier

ROLE = "theory_lab_reader"


def recipe(connection: Connection, role: str = ROLE) -> str:
    """SQL for a superuser that makes a role which can read this store, its views to come included, and nothing else.

    The views are made anew whenever an experiment changes, so that the grant has to hold for tables of the future.
    """
    schema, owner = connection.execute(text("SELECT current_schema(), current_user")).one()
    reader, place, writer = identifier(role), identifier(schema), identifier(owner)
    return "\n".join(
        (
            f"CREATE ROLE {reader} LOGIN PASSWORD 'choose one';",
            f"ALTER ROLE {reader} SET temp_file_limit = '1GB';",
            f"GRANT USAGE ON SCHEMA {place} TO {reader};",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {place} TO {reader};",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {writer} IN SCHEMA {place} GRANT SELECT ON TABLES TO {reader};",
        )
    )
