"""What the clients were promised, and what has to hold of what they see. Every broken promise is kept with its story.

Of a queue: what was confirmed arrives; each consumer sees rising numbers; what was acked durably does not come back;
`redelivered` and the delivery count do not go back. Of a partition: what was acknowledged stands at its offset, numbers
rise, an idempotent producer's are there once; a group's commit that was acknowledged does not go back.
"""

import threading
import time

# An ack rides the journal's next write and nobody waits for it. This old, and followed by a confirm on the same channel
# and queue, it is durable.
SETTLED_AGE_S = 1.0


class Violations:
    def __init__(self):
        self.found: list[str] = []
        self.lock = threading.Lock()

    def add(self, what: str) -> None:
        with self.lock:
            self.found.append(what)
            if len(self.found) <= 20:
                print(f"FAIL  {what}", flush=True)

    def __len__(self) -> int:
        return len(self.found)


class QueueLedger:
    """One queue's promises. Numbers start at 1 and each is published once, so that it can only come twice by redelivery."""

    def __init__(self, name: str, violations: Violations):
        self.name, self.violations, self.lock = name, violations, threading.Lock()
        self.sent = 0  # the highest number published
        self.checked = 0  # every number up to here was confirmed, arrived and settled at an earlier checkpoint
        self.confirmed: set[int] = set()
        self.delivered: dict[int, tuple[bool, int]] = {}  # number to the last (redelivered, delivery count)
        self.settled: dict[int, float] = {}  # number to when its ack was sent; a later confirm has come
        self.gone: set[int] = set()  # settled long enough before a kill
        self.total_confirmed = 0

    def confirm(self, numbers: list[int]) -> None:
        with self.lock:
            self.confirmed.update(numbers)
            self.total_confirmed += len(numbers)

    def deliver(self, number: int, redelivered: bool, count: int) -> None:
        with self.lock:
            before = self.delivered.get(number, (False, 0))
            self.delivered[number] = (redelivered, count)
            back = number in self.gone or number <= self.checked
        if back:
            self.violations.add(f"{self.name}: {number} came back though it was settled")
        if before[0] and not redelivered:
            self.violations.add(f"{self.name}: {number} was redelivered and is no more")
        if count < before[1]:
            self.violations.add(f"{self.name}: the delivery count of {number} went from {before[1]} to {count}")

    def settle(self, numbers: dict[int, float]) -> None:
        with self.lock:
            self.settled.update(numbers)

    def killed(self) -> None:
        """The broker is gone: what was settled early enough must stay away from now on."""
        limit = time.monotonic() - SETTLED_AGE_S
        with self.lock:
            self.gone.update(number for number, when in self.settled.items() if when < limit)

    def missing(self) -> set[int]:
        with self.lock:
            return self.confirmed - self.delivered.keys()

    def checkpoint(self) -> None:
        """The queue is empty and nothing is published: whatever was confirmed has arrived by now."""
        lost = self.missing()
        if lost:
            self.violations.add(f"{self.name}: {len(lost)} confirmed messages are lost, the first is {min(lost)}")
        with self.lock:
            self.checked = self.sent
            for kept in (self.confirmed, self.delivered, self.settled, self.gone):
                kept.clear()


class PartitionLedger:
    def __init__(self, topic: str, partition: int, once: bool, violations: Violations):
        self.topic, self.partition, self.once, self.violations = topic, partition, once, violations
        self.lock = threading.Lock()
        self.sent = 0
        self.checked = 0  # the offset up to which the log was recounted
        self.last_number = 0  # the highest number below `checked`
        self.acked: dict[int, int] = {}  # number to offset
        self.seen: dict[int, int] = {}  # offset to number, as the group read it
        self.committed = 0
        self.total_acked = 0

    @property
    def name(self) -> str:
        return f"{self.topic}[{self.partition}]"

    def ack(self, number: int, offset: int) -> None:
        with self.lock:
            self.acked[number] = offset
            self.total_acked += 1

    def read(self, offset: int, number: int) -> None:
        """The group read a record: an offset once shown never holds another."""
        with self.lock:
            before = self.seen.setdefault(offset, number)
        if before != number:
            self.violations.add(f"{self.name}: offset {offset} held {before} and holds {number}")

    def commit(self, offset: int) -> None:
        with self.lock:
            self.committed = max(self.committed, offset)

    def committed_now(self, promised: int, offset: int) -> None:
        if offset < promised:
            self.violations.add(f"{self.name}: the group had committed {promised}, now it is {offset}")

    def checkpoint(self, log: dict[int, int]) -> None:
        """`log` is the partition from `checked` to its end, offset to number, while nothing is produced."""
        with self.lock:
            wrong = [number for number, offset in self.acked.items() if log.get(offset) != number]
            other = [offset for offset, number in self.seen.items() if offset >= self.checked and log.get(offset) != number]
            unread = [offset for offset in log if offset not in self.seen]
            offsets = sorted(log)
            gaps = bool(offsets) and (offsets[0] != self.checked or len(offsets) != offsets[-1] - offsets[0] + 1)
        if wrong:
            self.violations.add(f"{self.name}: {len(wrong)} acknowledged records are not at their offset, such as "
                                f"{wrong[0]} at {self.acked[wrong[0]]}")
        if other:
            self.violations.add(f"{self.name}: the group read {len(other)} records that are not in the log")
        if unread:
            self.violations.add(f"{self.name}: the group never got {len(unread)} records, the first at {unread[0]}")
        if gaps:
            self.violations.add(f"{self.name}: the log from {self.checked} on has a gap in its offsets")
        self.order([log[offset] for offset in offsets])
        with self.lock:
            self.checked = offsets[-1] + 1 if offsets else self.checked
            self.acked.clear()
            self.seen.clear()

    def order(self, numbers: list[int]) -> None:
        """A producer that is not idempotent may repeat what it sent; nothing may come before its predecessor."""
        highest = self.last_number
        for number in numbers:
            if number > highest + 1:
                self.violations.add(f"{self.name}: {number} follows {highest}")
            elif number <= highest and self.once:
                self.violations.add(f"{self.name}: an idempotent producer's {number} stands after {highest}")
            highest = max(highest, number)
        self.last_number = highest
