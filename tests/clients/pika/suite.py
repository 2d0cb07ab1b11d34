"""What pika's users rely on: properties, confirms, returns, acks, prefetch, routing, errors, recovery."""

import threading
import time
from datetime import datetime, timezone
from decimal import Decimal

import pika
from checks import (address, check, check_equal, eventually, finish, restart_broker, section, time_limit, unique)
from pika.exceptions import (AMQPError, ChannelClosedByBroker, ConnectionClosedByBroker, NackError, UnroutableError)

HOST, PORT = address("GODWIT_AMQP")


def connect(**options) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.ConnectionParameters(HOST, PORT, **options))


def code_of(action) -> int | str:
    """The reply code with which the broker refuses `action`, or what happened instead."""
    try:
        action()
    except (ChannelClosedByBroker, ConnectionClosedByBroker) as closed:
        return closed.reply_code
    return "accepted"


def get(channel, queue: str):
    """basic.get, retried: a publish without a confirm may still be on its way."""
    found = []
    eventually(lambda: found.append(channel.basic_get(queue, auto_ack=True)) or found[-1][0] is not None, 5)
    return found[-1]


def connection_properties() -> None:
    with connect(heartbeat=7) as connection:
        server = connection._impl.server_properties
        check_equal("server says it is RabbitMQ", server["product"] in (b"RabbitMQ", "RabbitMQ"), True)
        for name in ("publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
                     "connection.blocked", "consumer_priorities", "authentication_failure_close", "per_consumer_qos",
                     "direct_reply_to"):
            check(f"capability {name}", server["capabilities"].get(name) is True, server["capabilities"])
        check_equal("heartbeat is the client's wish", connection._impl.params.heartbeat, 7)


def refused_logins() -> None:
    try:
        connect(credentials=pika.PlainCredentials("guest", "wrong"))
        check("wrong password is refused", False, "accepted")
    except pika.exceptions.ProbableAuthenticationError as error:
        check("wrong password is refused", "403" in str(error), error)
    try:
        connect(virtual_host="no-such-vhost")
        check("unknown vhost is refused", False, "accepted")
    except (pika.exceptions.ConnectionClosedByBroker, pika.exceptions.ProbableAccessDeniedError) as error:
        check("unknown vhost is refused", "530" in str(error), error)


def properties_and_headers() -> None:
    queue = unique("pika.properties")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        headers = {"text": "grüße", "yes": True, "small": 7, "big": 2**40, "negative": -5, "decimal": Decimal("12.34"),
                   "bytes": b"\x00\xff", "when": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
                   "nothing": None, "list": [1, "two", [3]], "table": {"inner": {"deep": 1}}}
        sent = pika.BasicProperties(
            content_type="application/json", content_encoding="utf-8", headers=headers, delivery_mode=2, priority=3,
            correlation_id="c-1", reply_to="replies", expiration="600000", message_id="m-1", timestamp=1750000000,
            type="order", user_id="guest", app_id="suite")
        channel.basic_publish("", queue, b"\x00body\xff", sent)
        method, got, body = get(channel, queue)
        check_equal("body is binary-safe", body, b"\x00body\xff")
        check_equal("delivery tells exchange and key", (method.exchange, method.routing_key), ("", queue))
        for name in ("content_type", "content_encoding", "delivery_mode", "priority", "correlation_id", "reply_to",
                     "expiration", "message_id", "timestamp", "type", "user_id", "app_id"):
            check_equal(f"property {name}", getattr(got, name), getattr(sent, name))
        for name, value in headers.items():
            if name == "bytes":
                check_equal("header bytes", bytes(got.headers[name]), bytes(value))
            elif name == "when":
                check_equal("header when", got.headers[name].replace(tzinfo=timezone.utc), value)
            else:
                check_equal(f"header {name}", got.headers.get(name, "absent"), value)
        for size in (0, 1, 131072, 3 * 2**20):
            channel.basic_publish("", queue, b"x" * size)
            check_equal(f"body of {size} bytes", len(get(channel, queue)[2] or b""), size)
        channel.queue_delete(queue)


def confirms_and_returns() -> None:
    queue = unique("pika.confirms")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        channel.confirm_delivery()
        for number in range(100):
            channel.basic_publish("", queue, str(number).encode(), pika.BasicProperties(delivery_mode=2), mandatory=True)
        declared = channel.queue_declare(queue, passive=True).method
        check_equal("confirmed publishes are counted", declared.message_count, 100)
        bodies = [channel.basic_get(queue, auto_ack=True)[2] for _ in range(100)]
        check_equal("order is kept", bodies, [str(number).encode() for number in range(100)])
        check_equal("an empty queue has nothing to get", channel.basic_get(queue)[0], None)
        try:
            channel.basic_publish("", unique("pika.nowhere"), b"lost", mandatory=True)
            check("unroutable mandatory publish returns", False, "accepted")
        except UnroutableError as error:
            check_equal("unroutable mandatory publish returns 312", error.messages[0].method.reply_code, 312)
        channel.basic_publish("", unique("pika.nowhere"), b"lost")
        check("unroutable publish without mandatory is confirmed", True)
        full = unique("pika.full")
        channel.queue_declare(full, durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        channel.basic_publish("", full, b"fits")
        try:
            channel.basic_publish("", full, b"does not fit")
            check("publish to a full queue is nacked", False, "confirmed")
        except NackError:
            check("publish to a full queue is nacked", True)
        small = unique("pika.small")
        channel.queue_declare(small, durable=True, arguments={"x-max-length-bytes": 1000})
        for number in range(20):
            channel.basic_publish("", small, str(number).rjust(100).encode())
        kept = [int(channel.basic_get(small, auto_ack=True)[2]) for _ in range(10)]
        check_equal("a queue of 1000 bytes keeps the newest ten of 100", kept, list(range(10, 20)))
        check_equal("and no more", channel.basic_get(small)[0], None)
        for name in (queue, full, small):
            channel.queue_delete(name)


def settling() -> None:
    queue, dead, exchange = unique("pika.settling"), unique("pika.dead"), unique("pika.dlx")
    with connect() as connection:
        channel = connection.channel()
        channel.exchange_declare(exchange, "direct", durable=True)
        channel.queue_declare(dead, durable=True)
        channel.queue_bind(dead, exchange, "failed")
        channel.queue_declare(queue, durable=True, arguments={
            "x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "failed"})
        channel.confirm_delivery()
        for body in (b"a", b"b", b"c"):
            channel.basic_publish("", queue, body)
        first, _, body = channel.basic_get(queue)
        check("first delivery is not redelivered", not first.redelivered, first)
        check_equal("message_count of basic.get", first.message_count, 2)
        channel.basic_nack(first.delivery_tag, requeue=True)
        again, _, body = channel.basic_get(queue)
        check("requeued message comes first, redelivered", again.redelivered and body == b"a", (again, body))
        channel.basic_reject(again.delivery_tag, requeue=False)
        eventually(lambda: channel.queue_declare(dead, passive=True).method.message_count == 1)
        _, properties, body = channel.basic_get(dead, auto_ack=True)
        death = properties.headers["x-death"][0]
        check_equal("dead letter keeps its body", body, b"a")
        check_equal("x-death tells queue, reason, exchange, keys and count",
                    (death["queue"], death["reason"], death["exchange"], death["routing-keys"], death["count"]),
                    (queue, "rejected", "", [queue], 1))
        check_equal("x-first-death-*", (properties.headers["x-first-death-queue"],
                                        properties.headers["x-first-death-reason"]), (queue, "rejected"))
        channel.basic_get(queue)
        last, _, _ = channel.basic_get(queue)
        channel.basic_nack(last.delivery_tag, multiple=True, requeue=True)
        bodies = [channel.basic_get(queue, auto_ack=True)[2] for _ in range(2)]
        check_equal("nack multiple requeues in order", bodies, [b"b", b"c"])
        channel.basic_publish("", queue, b"short", pika.BasicProperties(expiration="50"))
        eventually(lambda: channel.queue_declare(dead, passive=True).method.message_count == 1)
        _, properties, body = channel.basic_get(dead, auto_ack=True)
        check_equal("expired message is dead-lettered", (body, properties and properties.headers["x-death"][0]["reason"]),
                    (b"short", "expired"))
        channel.queue_delete(queue)
        channel.queue_delete(dead)
        channel.exchange_delete(exchange)


def prefetch() -> None:
    queue = unique("pika.prefetch")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        channel.confirm_delivery()
        for number in range(10):
            channel.basic_publish("", queue, b"%d" % number)
        channel.basic_qos(prefetch_count=3)
        got = []
        channel.basic_consume(queue, lambda _c, method, _p, body: got.append((method.delivery_tag, body)))
        connection.process_data_events(time_limit=0.5)
        check_equal("prefetch 3 delivers three", [body for _, body in got], [b"0", b"1", b"2"])
        channel.basic_ack(got[0][0])
        connection.process_data_events(time_limit=0.5)
        check_equal("one ack, one more delivery", len(got), 4)
        channel.basic_ack(got[3][0], multiple=True)
        connection.process_data_events(time_limit=0.5)
        check_equal("ack multiple frees the window", len(got), 7)
        channel.close()
        again = connection.channel()
        check_equal("closing the channel returns what was not acked",
                    again.queue_declare(queue, passive=True).method.message_count, 6)
        method, _, body = again.basic_get(queue)
        check("and redelivers it in order", method.redelivered and body == b"4", (method, body))
        again.queue_delete(queue)


def routing() -> None:
    with connect() as connection:
        channel = connection.channel()
        exchange = {kind: unique(f"pika.{kind}") for kind in ("direct", "fanout", "topic", "headers")}
        queues = {}

        def bound(name, kind, key="", arguments=None):
            queues[name] = channel.queue_declare("", exclusive=True).method.queue
            channel.queue_bind(queues[name], exchange[kind], key, arguments)

        for kind, name in exchange.items():
            channel.exchange_declare(name, kind)
        bound("red", "direct", "red")
        bound("blue", "direct", "blue")
        bound("first", "fanout")
        bound("second", "fanout")
        bound("star", "topic", "a.*.c")
        bound("hash", "topic", "a.#")
        bound("all", "headers", "", {"x-match": "all", "size": 1, "colour": "red"})
        bound("any", "headers", "", {"x-match": "any", "size": 1, "colour": "red"})
        channel.confirm_delivery()

        def arrived(kind, key, headers=None):
            channel.basic_publish(exchange[kind], key, b"x", pika.BasicProperties(headers=headers))
            return sorted(name for name, queue in queues.items() if channel.basic_get(queue, auto_ack=True)[0])

        check("server names a queue", queues["red"].startswith("amq.gen-"), queues["red"])
        check_equal("direct: equal key", arrived("direct", "red"), ["red"])
        check_equal("direct: other key", arrived("direct", "green"), [])
        check_equal("fanout: every queue", arrived("fanout", "whatever"), ["first", "second"])
        check_equal("topic: * is one word", arrived("topic", "a.b.c"), ["hash", "star"])
        check_equal("topic: # is any words", arrived("topic", "a"), ["hash"])
        check_equal("topic: * is not two words", arrived("topic", "a.b.b.c"), ["hash"])
        check_equal("headers: all", arrived("headers", "", {"size": 1, "colour": "red"}), ["all", "any"])
        check_equal("headers: any", arrived("headers", "", {"colour": "red"}), ["any"])
        check_equal("headers: none", arrived("headers", "", {"colour": "blue"}), [])
        channel.exchange_bind(exchange["fanout"], exchange["direct"], "both")
        check_equal("exchange to exchange", arrived("direct", "both"), ["first", "second"])
        channel.exchange_unbind(exchange["fanout"], exchange["direct"], "both")
        check_equal("exchange unbound", arrived("direct", "both"), [])
        channel.queue_unbind(queues["red"], exchange["direct"], "red")
        check_equal("queue unbound", arrived("direct", "red"), [])
        for kind in ("direct", "fanout", "topic", "headers"):
            channel.exchange_declare(f"amq.{kind}", passive=True)
        check("the predeclared exchanges exist", True)
        for name in exchange.values():
            channel.exchange_delete(name)


def channel_errors() -> None:
    queue, exchange = unique("pika.errors"), unique("pika.errors.x")
    with connect() as connection:
        owner = connection.channel()
        owner.queue_declare(queue, durable=True)
        owner.exchange_declare(exchange, "direct")
        for name, expected, action in (
                ("passive declare of a missing queue", 404, lambda c: c.queue_declare(unique("none"), passive=True)),
                ("passive declare of a missing exchange", 404, lambda c: c.exchange_declare(unique("none"), passive=True)),
                ("queue redeclared otherwise", 406, lambda c: c.queue_declare(queue, durable=False)),
                ("queue redeclared with arguments", 406,
                 lambda c: c.queue_declare(queue, durable=True, arguments={"x-max-length": 5})),
                ("exchange redeclared otherwise", 406, lambda c: c.exchange_declare(exchange, "topic")),
                ("reserved name", 403, lambda c: c.queue_declare("amq.mine")),
                ("consume from a missing queue", 404, lambda c: c.basic_consume(unique("none"), print)),
                ("bind to a missing exchange", 404, lambda c: c.queue_bind(queue, unique("none"), "k")),
                ("delete of a queue that is not empty", 406, lambda c: delete_full(c, queue)),
                ("bad x-max-length", 406,
                 lambda c: c.queue_declare(unique("bad"), arguments={"x-max-length": "many"})),
        ):
            channel = connection.channel()
            check_equal(f"{name} is {expected}", code_of(lambda: action(channel)), expected)
        channel = connection.channel()
        channel.basic_publish("", queue, b"x")
        eventually(lambda: channel.queue_declare(queue, passive=True).method.message_count > 0)
        tag = channel.basic_get(queue)[0].delivery_tag

        def ack_twice():
            channel.basic_ack(tag)
            channel.basic_ack(tag)
            connection.process_data_events(time_limit=1)
            channel.queue_declare(queue, passive=True)
        check_equal("double ack is 406", code_of(ack_twice), 406)
        channel = connection.channel()

        def publish_nowhere():
            channel.basic_publish(unique("none"), "k", b"x")
            connection.process_data_events(time_limit=1)
            channel.queue_declare(queue, passive=True)
        check_equal("publish to a missing exchange is 404", code_of(publish_nowhere), 404)
        check("the connection survives channel errors", connection.is_open and owner.is_open)
        owner.queue_purge(queue)
        owner.queue_delete(queue)
        owner.exchange_delete(exchange)
        check_equal("deleting a missing queue is accepted",
                    code_of(lambda: connection.channel().queue_delete(unique("none"))), "accepted")


def delete_full(channel, queue: str) -> None:
    channel.confirm_delivery()
    channel.basic_publish("", queue, b"x")
    channel.queue_delete(queue, if_empty=True)


def lifetimes() -> None:
    private, temporary = unique("pika.exclusive"), unique("pika.autodelete")
    with connect() as first, connect() as second:
        mine = first.channel()
        mine.queue_declare(private, exclusive=True)
        check_equal("another connection's exclusive queue is 405",
                    code_of(lambda: second.channel().queue_declare(private, passive=True)), 405)
        mine.queue_declare(temporary, auto_delete=True)
        tag = mine.basic_consume(temporary, lambda *_: None, exclusive=True)
        check_equal("a second consumer beside an exclusive one is 403",
                    code_of(lambda: second.channel().basic_consume(temporary, print)), 403)
        mine.basic_cancel(tag)
        check_equal("an auto-delete queue goes with its last consumer",
                    code_of(lambda: mine.queue_declare(temporary, passive=True)), 404)
        first.close()
        gone = eventually(
            lambda: code_of(lambda: second.channel().queue_declare(private, passive=True)) == 404, 5)
        check("an exclusive queue goes with its connection", gone)


def cancel_notify() -> None:
    queue = unique("pika.cancelled")
    with connect() as connection, connect() as other:
        channel = connection.channel()
        channel.queue_declare(queue)
        cancelled = []
        channel.add_on_cancel_callback(lambda frame: cancelled.append(frame.method.consumer_tag))
        tag = channel.basic_consume(queue, lambda *_: None)
        other.channel().queue_delete(queue)
        for _ in range(20):
            connection.process_data_events(time_limit=0.25)
            if cancelled:
                break
        check_equal("deleting a queue cancels its consumer", cancelled, [tag])


def heartbeats() -> None:
    with connect(heartbeat=1) as connection:
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            connection.process_data_events(time_limit=0.5)
        check("an idle connection lives on heartbeats", connection.is_open)
        connection.channel().queue_declare("", exclusive=True)
    silent = connect(heartbeat=1)
    time.sleep(6)
    try:
        silent.process_data_events(time_limit=0)
        silent.channel()
        check("a silent connection is closed", False, "still open")
    except AMQPError:
        check("a silent connection is closed", True)


def restart() -> None:
    """A publisher that reconnects by itself while the broker restarts: whatever was confirmed is there afterwards."""
    queue, confirmed, stop = unique("pika.restart"), [], threading.Event()
    with connect() as connection:
        connection.channel().queue_declare(queue, durable=True)

    def publisher():
        number = 0
        while not stop.is_set():
            try:
                with connect() as connection:
                    channel = connection.channel()
                    channel.confirm_delivery()
                    while not stop.is_set():
                        number += 1
                        channel.basic_publish("", queue, b"%d" % number, pika.BasicProperties(delivery_mode=2))
                        confirmed.append(number)
            except (AMQPError, OSError):
                time.sleep(0.1)

    thread = threading.Thread(target=publisher)
    thread.start()
    eventually(lambda: len(confirmed) > 200)
    restart_broker()
    before = len(confirmed)
    check("publishing goes on after the restart", eventually(lambda: len(confirmed) > before + 200, 30))
    stop.set()
    thread.join()
    with connect() as connection:
        channel = connection.channel()
        got = []
        while (answer := channel.basic_get(queue, auto_ack=True))[0] is not None:
            got.append(int(answer[2]))
        missing = set(confirmed) - set(got)
        check("nothing confirmed is lost", not missing, f"{len(missing)} of {len(confirmed)}: {sorted(missing)[:5]}")
        check("order is kept across the restart", got == sorted(got), "out of order")
        channel.queue_delete(queue)


limit = time_limit(150)
for part in (connection_properties, refused_logins, properties_and_headers, confirms_and_returns, settling, prefetch,
             routing, channel_errors, lifetimes, cancel_notify, heartbeats, restart):
    section(part)
finish(limit)
