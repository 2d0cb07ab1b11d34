"""Sends three tasks to a durable queue and waits until the broker has each on stable storage."""

import pika
from settings import connect

with connect() as connection:
    channel = connection.channel()
    channel.queue_declare("tasks", durable=True)
    channel.confirm_delivery()  # from here on basic_publish returns when the broker has confirmed
    for number in (1, 2, 3):
        channel.basic_publish("", "tasks", f"task {number}", pika.BasicProperties(content_type="text/plain", delivery_mode=2))
        print(f"sent: task {number}")
