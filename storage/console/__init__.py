"""People's own SQL on a store: read only, one SELECT at a time, bounded in time and memory.

Each query runs in a process of its own (`child`), which the kernel holds to its memory and which can be ended at any
moment, in the middle of whatever the database does; `asking` starts it, waits for it and ends it. In the process an
SQLite store is behind an authorizer and SQLite's own limits (`sqlite`), a PostgreSQL store behind a role that can only
read and a cursor, which takes nothing but a SELECT (`postgresql`).

The child is to start fast: nothing that it imports may load SQLAlchemy or pandas.
"""
