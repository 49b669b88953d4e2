"""The words of builds, and the questions that people keep.

The index over the words is each database's own: a table of FTS5 that triggers keep on SQLite, a GIN index on
PostgreSQL. Both are named `build_words`.
"""

from sqlalchemy import DDL, BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, event

from seatrial.db.tables.base import ID, Instant, metadata, string

build_search = Table(
    "build_search",
    metadata,
    # Rises with every build: the newest match is the one with the highest number.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, nullable=False),
    Column("branch", string(255), nullable=False),
    Column("document", string(), nullable=False),
    UniqueConstraint("build_id"),
    # A number is never given out again: a build that comes back from the trash has its own still.
    sqlite_autoincrement=True,
)
Index("ix_build_search_app", build_search.c.app_id, build_search.c.seq)
Index("ix_build_search_branch", build_search.c.app_id, build_search.c.branch)

# A beginning of a length that has an index of its own is walked like a word; any other one is put together from all
# words with it first, which takes a fifth of a second where a million builds have them.
WORDS_SQLITE = (
    (
        "CREATE VIRTUAL TABLE build_words USING fts5(document, content='build_search', content_rowid='seq',"
        " detail='none', columnsize=0, prefix='1 2 3 4 5 6 7 8 9 10 11 12', tokenize=\"ascii tokenchars '_'\")"
    ),
    (
        "CREATE TRIGGER build_search_added AFTER INSERT ON build_search BEGIN"
        " INSERT INTO build_words (rowid, document) VALUES (new.seq, new.document); END"
    ),
    (
        "CREATE TRIGGER build_search_removed AFTER DELETE ON build_search BEGIN"
        " INSERT INTO build_words (build_words, rowid, document) VALUES ('delete', old.seq, old.document); END"
    ),
    (
        "CREATE TRIGGER build_search_changed AFTER UPDATE OF document ON build_search BEGIN"
        " INSERT INTO build_words (build_words, rowid, document) VALUES ('delete', old.seq, old.document);"
        " INSERT INTO build_words (rowid, document) VALUES (new.seq, new.document); END"
    ),
)
WORDS = "array_to_tsvector(string_to_array(document, ' '))"
"""The words as PostgreSQL indexes them: as they are written, with no rules of any language."""
WORDS_POSTGRESQL = (f"CREATE INDEX build_words ON build_search USING gin (({WORDS}))",)

for _dialect, _statements in (("sqlite", WORDS_SQLITE), ("postgresql", WORDS_POSTGRESQL)):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(build_search, "after_create", _ddl.execute_if(dialect=_dialect))

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("app_id", ID, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("name", string(64), nullable=False),
    Column("query", string(2000), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("user_id", "app_id", "name"),
)
