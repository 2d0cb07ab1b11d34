"""Where the broker listens, and the connections that both parts make."""

import os

import pika

KAFKA = {"bootstrap.servers": os.environ["GODWIT_KAFKA"]}


def connect() -> pika.BlockingConnection:
    host, port = os.environ["GODWIT_AMQP"].rsplit(":", 1)
    return pika.BlockingConnection(pika.ConnectionParameters(host, int(port), heartbeat=60))
