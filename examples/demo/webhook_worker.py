"""A worker: consumes the queues named on its command line until its standard input closes.

It prints `ready`, and then `handled QUEUE` or `rejected QUEUE` for each message that it settled.
"""

import json
import sys
import threading

from edges import connect
from webhook_work import cannot_handle

closed = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), closed.set()), daemon=True).start()

with connect() as connection:
    channel = connection.channel()
    channel.basic_qos(prefetch_count=5)

    def consume(queue: str) -> None:
        def work(_, method, properties, body):
            refused = cannot_handle(json.loads(body))
            if refused:
                channel.basic_reject(method.delivery_tag, requeue=False)
            else:
                channel.basic_ack(method.delivery_tag)
            print("rejected" if refused else "handled", queue, flush=True)
        channel.basic_consume(queue, work)

    for name in sys.argv[1:]:
        consume(name)
    print("ready", flush=True)
    while not closed.is_set():
        connection.process_data_events(time_limit=0.1)
