"""The page of batches: one of another process as it runs, and one that was killed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from app import serving
from storage.address import store_url
from storage.store import open_writer
from tests.app.conftest import Opener
from tests.app.laboratory import BATCH, FLUCTUATION

LIVE = """
import sys, time
from storage.store import open_writer
from tests.app.laboratory import BATCH
writer = open_writer(sys.argv[1])
batch = writer.start_batch(BATCH)
for done in range(0, 145, 12):
    writer.heartbeat(batch, done=done, failed=done // 72)
    time.sleep(0.25)
sys.stdin.readline()
writer.finish_batch(batch, state="finished", done=144, failed=2)
"""


def test_a_batch_of_another_process_is_followed_live(tmp_path: Path, opened: Opener) -> None:
    store = str(tmp_path / "results.db")
    writer = open_writer(store)
    writer.describe([FLUCTUATION])
    writer.close()
    with serving(store, port=0) as address:
        page = opened(address + "batches")
        expect(page.locator("#page")).to_contain_text("No batch has run")
        with subprocess.Popen([sys.executable, "-c", LIVE, store], stdin=subprocess.PIPE, text=True) as process:
            expect(page.locator(".mark.running")).to_have_text("running")
            page.get_by_text("Command and environment").click()
            page.locator(".batch-numbers a").first.focus()
            expect(page.locator(".batch-numbers")).to_contain_text(re.compile(r"of 144 runs, .* runs/s, .* left"))
            expect(page.locator(".batch-numbers")).to_contain_text("144 of 144 runs")
            expect(page.locator(".batch-numbers")).to_contain_text("2 failed")
            expect(page.locator(".batch-numbers a").first).to_be_focused()  # each look draws round about it
            process.communicate("\n", timeout=300)
        expect(page.locator(".mark.finished")).to_be_visible()
        expect(page.get_by_text("0123abc")).to_be_visible()  # what was opened stays open


def test_a_killed_batch_is_shown_as_interrupted_with_the_command_that_finishes_it(
    tmp_path: Path, opened: Opener
) -> None:
    store = str(tmp_path / "results.db")
    writer = open_writer(store)
    writer.describe([FLUCTUATION])
    batch = writer.start_batch(BATCH)
    writer.heartbeat(batch, done=37, failed=0)
    writer.close()
    engine = create_engine(store_url(store))
    with engine.begin() as connection:  # as if its process had been killed 31 s ago
        silent = "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-31 seconds')"
        connection.execute(text(f"UPDATE batch SET heartbeat_at = {silent}"))
    engine.dispose()
    with serving(store, port=0) as address:
        page = opened(address + "batches")
        expect(page.locator(".batch .mark")).to_have_text("interrupted")
        expect(page.locator(".command code")).to_have_text(BATCH.command)
        expect(page.locator(".batch-numbers")).to_contain_text("37 of 144 runs")
