"""Where the broker listens: GODWIT_AMQP and GODWIT_KAFKA, or the default ports on this machine."""

import os

import pika

KAFKA = os.environ.get("GODWIT_KAFKA", "localhost:9092")
AMQP = os.environ.get("GODWIT_AMQP", "localhost:5672")


def connect() -> pika.BlockingConnection:
    host, port = AMQP.rsplit(":", 1)
    return pika.BlockingConnection(pika.ConnectionParameters(host, int(port)))
