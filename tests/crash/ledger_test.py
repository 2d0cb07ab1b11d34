"""Breaks every promise once and sees that the ledger notices: a check that cannot fail would prove nothing."""

import contextlib
import io
import time

import ledger
from ledger import PartitionLedger, QueueLedger, Violations


def queue_cases():
    def lost(queue):
        queue.confirm([1, 2])
        queue.deliver(1, False, 0)
        queue.checkpoint()
    yield "a confirmed message is lost", lost

    def back(queue):
        queue.deliver(1, False, 0)
        queue.settle({1: time.monotonic() - ledger.SETTLED_AGE_S - 1})
        queue.killed()
        queue.deliver(1, True, 0)
    yield "a settled message comes back", back

    def back_later(queue):
        queue.sent = 1
        queue.confirm([1])
        queue.deliver(1, False, 0)
        queue.checkpoint()
        queue.deliver(1, True, 0)
    yield "a message comes back after a checkpoint", back_later
    yield "redelivered goes back", lambda queue: (queue.deliver(1, True, 0), queue.deliver(1, False, 0))
    yield "the delivery count goes back", lambda queue: (queue.deliver(1, True, 3), queue.deliver(1, True, 2))


def partition_cases():
    def acked(log, *answers):
        def run(partition):
            for number, offset in answers:
                partition.ack(number, offset)
            for offset, number in log.items():
                partition.read(offset, number)
            partition.checkpoint(log)
        return run
    yield "an acknowledged record is lost", acked({0: 1}, (1, 0), (2, 1))
    yield "an acknowledged record is elsewhere", acked({0: 2, 1: 1}, (1, 0))
    yield "records change places", acked({0: 2, 1: 1})
    yield "an idempotent producer's record is there twice", acked({0: 1, 1: 1})
    yield "a record is skipped", acked({0: 1, 1: 3})
    yield "an offset is skipped", acked({0: 1, 2: 2})
    yield "the group missed a record", lambda partition: partition.checkpoint({0: 1})
    yield "an offset holds another record", lambda partition: (partition.read(0, 1), partition.read(0, 2))
    yield "a commit goes back", lambda partition: partition.committed_now(5, 4)


def run() -> tuple[int, int]:
    """Answers how many planted violations were found, and how many were not."""
    passed = failed = 0
    for kind, cases in ((lambda found: QueueLedger("queue", found), queue_cases()),
                        (lambda found: PartitionLedger("topic", 0, True, found), partition_cases())):
        for name, plant in cases:
            found = Violations()
            with contextlib.redirect_stdout(io.StringIO()):
                plant(kind(found))
            passed, failed = passed + (len(found) > 0), failed + (len(found) == 0)
            if not found:
                print(f"FAIL  not noticed: {name}", flush=True)
    healthy = Violations()
    partition, queue = PartitionLedger("topic", 0, True, healthy), QueueLedger("queue", healthy)
    partition.ack(1, 0)
    partition.read(0, 1)
    partition.checkpoint({0: 1})
    queue.confirm([1])
    queue.deliver(1, False, 0)
    queue.deliver(1, True, 1)
    queue.checkpoint()
    return passed + (len(healthy) == 0), failed + (len(healthy) > 0)
