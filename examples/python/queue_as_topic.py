"""Crosses protocols: what is sent to a queue can be read as a topic of the same name, without taking it from the queue.

The properties of an AMQP message are the headers of a Kafka record.
"""

import pika
from confluent_kafka import Consumer, TopicPartition
from settings import KAFKA, connect

with connect() as connection:
    channel = connection.channel()
    channel.queue_declare("letters", durable=True)
    channel.confirm_delivery()
    channel.basic_publish("", "letters", "Dear all", pika.BasicProperties(
        message_id="letter-1", content_type="text/plain", headers={"pages": 2}))

    reader = Consumer({"bootstrap.servers": KAFKA, "group.id": "archive", "enable.auto.commit": False})
    reader.assign([TopicPartition("letters", 0, 0)])
    record = reader.poll(10)
    headers = dict(record.headers())
    print(f"read: {record.value().decode()}, {headers['message-id'].decode()}, pages {headers['pages'].decode()}")
    reader.close()

    _method, properties, body = channel.basic_get("letters", auto_ack=True)
    print(f"got: {body.decode()}, {properties.message_id}, pages {properties.headers['pages']}")
