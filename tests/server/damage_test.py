"""What a start says about damage in the data directory, and what --repair makes of it."""
import os
import shutil
import unittest
from pathlib import Path

from broker import Broker, temporary_directory

JOURNAL_BYTES = 16 << 20
BLOCK_BYTES = 4096
COPY = "Restore the data directory from a copy: --repair cannot mend this."


class DamageTest(unittest.TestCase):
    def setUp(self):
        directory = temporary_directory()
        self.addCleanup(directory.cleanup)
        self.data = Path(directory.name)
        broker = self.start()
        broker.request("PUT", "/api/queues/orders", {})
        broker.request("POST", "/api/queues/orders/messages", {"body": "kept"})
        self.assertEqual(broker.stop(), 0)

    def start(self, *arguments: str) -> Broker:
        broker = Broker(str(self.data), arguments=arguments)
        self.addCleanup(self.end, broker)
        return broker.start()

    def end(self, broker: Broker):
        if broker.process.poll() is None:
            broker.kill()
        broker.process.stderr.close()

    def refused(self, *arguments: str) -> str:
        with self.assertRaises(RuntimeError) as problem:
            self.start(*arguments)
        self.assertRegex(str(problem.exception), "^ended with 65:")
        return str(problem.exception)

    def flip(self, path: Path, position: int = 20):
        with path.open("r+b") as file:
            file.seek(position)
            byte = file.read(1)[0]
            file.seek(position)
            file.write(bytes([byte ^ 1]))

    def only(self, folder: str) -> Path:
        return max((self.data / "blobs" / folder).iterdir())

    def is_beyond_repair(self, *said: str):
        for arguments in ((), ("--repair",)):
            log = self.refused(*arguments)
            for text in (*said, COPY):
                self.assertIn(text, log)

    def test_the_only_manifest_is_damaged(self):
        manifest = self.only("manifest")
        self.flip(manifest)
        self.is_beyond_repair(f"blobs/manifest/{manifest.name}: manifest fails its check", "no older one")

    def test_a_snapshot_is_damaged(self):
        snapshot = self.only("snapshot")
        self.flip(snapshot)
        self.is_beyond_repair(f"blobs/snapshot/{snapshot.name}: shard ", "the snapshot fails its check")

    def test_a_snapshot_is_missing(self):
        snapshot = self.only("snapshot")
        snapshot.unlink()
        self.is_beyond_repair(f"blobs/snapshot/{snapshot.name}: missing, although the manifest names it")

    def test_the_blobs_are_gone(self):
        shutil.rmtree(self.data / "blobs")
        self.is_beyond_repair("journal: begins with chunk", "there is no manifest in blobs/manifest")

    def test_both_superblocks_are_damaged(self):
        for position in (20, JOURNAL_BYTES - BLOCK_BYTES + 20):
            self.flip(self.data / "journal", position)
        self.is_beyond_repair("journal: superblock fails its check")

    def test_one_superblock_is_damaged(self):
        for position in (0, JOURNAL_BYTES - BLOCK_BYTES):
            self.flip(self.data / "journal", position + 20)
            broker = self.start()
            self.assertIn(f"journal: the superblock at offset {position} is damaged, the other one is used", broker.log)
            self.assertEqual(broker.request("GET", "/api/queues/orders")[1]["ready"], 1)
            self.assertEqual(broker.stop(), 0)
        self.assertNotIn("superblock", self.start().log)

    def test_what_repair_did_is_logged(self):
        os.rename(self.data / "journal", self.data / "elsewhere")
        self.assertIn("Start with --repair", self.refused())
        self.assertIn("kept=journal.damaged-1", self.start("--repair").log)


if __name__ == "__main__":
    unittest.main()
