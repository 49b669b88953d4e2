"""Whether anything was committed, on both databases: an answer that is kept must not outlive what it says."""

import threading

from sqlalchemy import text

from seatrial.db.engine import Database


def test_a_mark_is_the_same_until_somebody_commits(database: Database) -> None:
    before = database.mark()
    with database.read() as tx:
        tx.execute(text("SELECT count(*) FROM organizations"))
    assert database.mark() == before
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE marked (one INTEGER)"))
    after = database.mark()
    assert after != before
    other = Database(database.url)
    with other.transaction() as tx:
        tx.execute(text("INSERT INTO marked VALUES (1)"))
    other.close()
    assert database.mark() != after


def test_what_is_read_between_a_mark_and_a_commit_is_not_taken_for_new(database: Database) -> None:
    """The mark comes first: a commit while one reads is seen by the mark after it."""
    mark, written = database.mark(), threading.Event()

    def write() -> None:
        with database.transaction() as tx:
            tx.execute(text("CREATE TABLE marked_too (one INTEGER)"))
        written.set()

    with database.read() as tx:
        tx.execute(text("SELECT count(*) FROM organizations"))
        thread = threading.Thread(target=write)
        thread.start()
        assert written.wait(60)
        thread.join()
    assert database.mark() != mark
