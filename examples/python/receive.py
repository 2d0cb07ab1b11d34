"""Works off the queue that send.py fills: one task at a time, acknowledged when it is done."""

from settings import connect

with connect() as connection:
    channel = connection.channel()
    channel.queue_declare("tasks", durable=True)
    channel.basic_qos(prefetch_count=1)
    for method, _properties, body in channel.consume("tasks", inactivity_timeout=2):
        if method is None:  # nothing came for two seconds
            break
        print(f"received: {body.decode()}")
        channel.basic_ack(method.delivery_tag)
    channel.cancel()
