"""Reads a topic as a consumer group; what it commits is where its next member goes on."""

from confluent_kafka import Consumer
from settings import KAFKA

consumer = Consumer({"bootstrap.servers": KAFKA, "group.id": "display", "auto.offset.reset": "earliest",
                     "enable.auto.commit": False})
consumer.subscribe(["temperatures"])
remaining = 3
for _ in range(100):
    record = consumer.poll(0.1)
    if record is None:
        continue
    if record.error():  # for example: the topic is not there yet
        continue
    print(f"consumed: {record.key().decode()} {record.value().decode()}")
    remaining -= 1
    if remaining == 0:
        break
consumer.commit(asynchronous=False)
consumer.close()
if remaining:
    raise SystemExit(f"{remaining} records did not come")
