"""Short forms of what the checks do at either edge."""

import os
import time

import pika
from checks import address
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

KAFKA = {"bootstrap.servers": os.environ["GODWIT_KAFKA"], "log_level": 0}


def connect() -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.ConnectionParameters(*address("GODWIT_AMQP")))


def create_topic(name: str, partitions: int = 1, **config) -> None:
    admin = AdminClient(KAFKA)  # it must outlive the request
    admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name].result()


def produce(topic: str, *values: bytes, **record) -> None:
    """Produces and waits for every acknowledgement; raises the first refusal."""
    refused = []
    producer = Producer(KAFKA)
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: error and refused.append(error), **record)
    producer.flush(15)
    if refused:
        raise KafkaException(refused[0])


def fetch(topic: str, count: int, partitions: int = 1, offset: int = 0, timeout_s: float = 15) -> list:
    """Up to `count` records of a topic, from `offset` of each partition on."""
    consumer = Consumer({**KAFKA, "group.id": "unused", "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, number, offset) for number in range(partitions)])
    records = drain(consumer, count, timeout_s)
    consumer.close()
    return records


def drain(consumer: Consumer, count: int, timeout_s: float = 15) -> list:
    records, deadline = [], time.monotonic() + timeout_s
    while len(records) < count and time.monotonic() < deadline:
        for record in consumer.consume(count - len(records), 0.2):
            if record.error() is None:
                records.append(record)
            elif record.error().code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise KafkaException(record.error())
    return records


def take(connection, queue: str, count: int, timeout_s: float = 15, settle: bool = True, prefetch: int = 100, **consume) -> list:
    """Up to `count` deliveries of a queue, as (method, properties, body); what is more goes back."""
    channel, got = connection.channel(), []
    channel.basic_qos(prefetch_count=prefetch)

    def deliver(_, method, properties, body):
        if len(got) < count:
            got.append((method, properties, body))
            if settle:
                channel.basic_ack(method.delivery_tag)

    channel.basic_consume(queue, deliver, **consume)
    deadline = time.monotonic() + timeout_s
    while len(got) < count and time.monotonic() < deadline:
        connection.process_data_events(time_limit=0.1)
    channel.close()
    return got
