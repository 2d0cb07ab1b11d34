"""Writes keyed records to a topic; records of one key stay in order on one partition."""

from confluent_kafka import Producer
from settings import KAFKA

producer = Producer({"bootstrap.servers": KAFKA, "enable.idempotence": True})


def report(error, message):
    if error:
        raise SystemExit(f"refused: {error}")
    print(f"produced: {message.key().decode()} {message.value().decode()}")


for room, degrees in (("kitchen", 21), ("cellar", 12), ("kitchen", 22)):
    producer.produce("temperatures", f"{degrees}", key=room, on_delivery=report)
producer.flush(10)
