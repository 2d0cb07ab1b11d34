"""Messages that one protocol writes and another reads, topics consumed as queues, and queues used as topics."""

import json
import time
from datetime import datetime, timezone

import pika
from checks import (check, check_equal, eventually, finish, restart_broker, section, time_limit, unique)
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions
from edges import KAFKA, connect, create_topic, drain, fetch, produce, take
from pika.exceptions import AMQPChannelError


def amqp_to_kafka() -> None:
    queue = unique("cross.amqp-to-kafka")
    sent = pika.BasicProperties(
        content_type="application/json", content_encoding="utf-8", delivery_mode=2, priority=7, correlation_id="c-1",
        reply_to="answers", expiration="3600000", message_id="m-1", timestamp=1750000000, type="order", user_id="guest",
        app_id="shop", headers={
            "text": "grüße", "yes": True, "no": False, "small": 7, "big": 2**40, "negative": -5, "bytes": b"\x00\xff",
            "when": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), "nothing": None, "list": [1, "two"],
            "table": {"a": 1}, "x-partition-key": "customer-9"})
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        channel.confirm_delivery()
        before = time.time() * 1000
        channel.basic_publish("", queue, b"\x00body\xff", sent)
        record = fetch(queue, 1)[0]
        headers = dict(record.headers())
        check_equal("body", record.value(), b"\x00body\xff")
        check_equal("x-partition-key is the record's key", record.key(), b"customer-9")
        check_equal("timestamp, in milliseconds", record.timestamp()[1], 1750000000000)
        for name, value in {"content-type": b"application/json", "content-encoding": b"utf-8", "message-id": b"m-1",
                            "correlation-id": b"c-1", "reply-to": b"answers", "type": b"order", "app-id": b"shop",
                            "user-id": b"guest", "priority": b"7", "subject": queue.encode()}.items():
            check_equal(f"property {name}", headers.get(name), value)
        expires = int(headers.get("expires-at") or 0)
        check("expiration becomes expires-at", abs(expires - before - 3600000) < 60000, expires)
        for name, value in {"text": "grüße".encode(), "yes": b"true", "no": b"false", "small": b"7",
                            "big": b"1099511627776", "negative": b"-5", "bytes": b"\x00\xff",
                            "when": b"1767323045000", "nothing": None}.items():
            check_equal(f"header {name}", headers.get(name, "absent"), value)
        check_equal("header list, as JSON", json.loads(headers["list"]), [1, "two"])
        check_equal("header table, as JSON", json.loads(headers["table"]), {"a": 1})
        # The same message, read by its own protocol after another has looked: nothing was converted in the log.
        _, got, body = take(connection, queue, 1)[0]
        check_equal("AMQP still reads its own types", {name: got.headers.get(name) for name in ("yes", "small", "list", "table")},
                    {"yes": True, "small": 7, "list": [1, "two"], "table": {"a": 1}})
        check_equal("and its own properties", (got.content_type, got.priority, got.expiration, got.timestamp, got.user_id),
                    ("application/json", 7, "3600000", 1750000000, "guest"))
        channel.queue_delete(queue)


def kafka_to_amqp() -> None:
    queue = unique("cross.kafka-to-amqp")
    with connect() as connection:
        connection.channel().queue_declare(queue, durable=True)
        expires = int(time.time() * 1000) + 3600000
        produce(queue, b"\x00value\xff", key=b"customer-9", timestamp=1750000000123, headers=[
            ("content-type", b"text/plain"), ("content-encoding", b"utf-8"), ("message-id", b"m-2"), ("correlation-id", b"c-2"),
            ("reply-to", b"answers"), ("type", b"order"), ("app-id", b"shop"), ("priority", b"5"),
            ("expires-at", str(expires).encode()), ("number", b"42"), ("bytes", b"\xff\xfe"), ("nothing", None),
            ("twice", b"first"), ("twice", b"last")])
        method, got, body = take(connection, queue, 1)[0]
        check_equal("value is the body", body, b"\x00value\xff")
        check_equal("default exchange", method.exchange, "")
        check_equal("timestamp, in seconds", got.timestamp, 1750000000)
        for name, value in {"content_type": "text/plain", "content_encoding": "utf-8", "message_id": "m-2",
                            "correlation_id": "c-2", "reply_to": "answers", "type": "order", "app_id": "shop",
                            "priority": 5}.items():
            check_equal(f"header becomes {name}", getattr(got, name), value)
        check("expires-at becomes expiration", 3500000 < int(got.expiration or 0) <= 3600000, got.expiration)
        check_equal("key is x-partition-key", got.headers.get("x-partition-key"), "customer-9")
        check_equal("text stays text", got.headers.get("number"), "42")
        check_equal("what is no UTF-8 is binary", bytes(got.headers.get("bytes", b"")), b"\xff\xfe")
        check_equal("null stays null", got.headers.get("nothing", "absent"), None)
        check_equal("the last of a name wins", got.headers.get("twice"), "last")
        connection.channel().queue_delete(queue)


def headers_that_queues_heed() -> None:
    """Expiry, due time and priority of records: queues enforce them, readers of the log see every record at once."""
    queue, dead = unique("cross.heeded"), unique("cross.dead")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(dead, durable=True)
        channel.queue_declare(queue, durable=True, arguments={
            "x-max-priority": 9, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead})
        now = int(time.time() * 1000)
        due = now + 6000
        produce(queue, b"late", headers=[("deliver-at", b"%d" % due)])
        produce(queue, b"gone", headers=[("expires-at", b"%d" % (now + 500)), ("priority", b"9")])
        for level in (1, 7, 4):
            produce(queue, b"%d" % level, headers=[("priority", b"%d" % level)])
        check_equal("a reader of the topic sees every record at once", [one.value() for one in fetch(queue, 5)],
                    [b"late", b"gone", b"1", b"7", b"4"])
        expired = take(connection, dead, 1)
        check_equal("a record expires from the queue, without a consumer", [body for _, _, body in expired], [b"gone"])
        check_equal("and is dead-lettered as that", [got.headers["x-death"][0]["reason"] for _, got, _ in expired], ["expired"])
        got = [body for _, _, body in take(connection, queue, 3)]
        check_equal("the queue hands out by priority", got, [b"7", b"4", b"1"])
        got = [body for _, _, body in take(connection, queue, 1, timeout_s=30)]
        check_equal("a record that is not due is held back until it is", (got, time.time() * 1000 >= due), ([b"late"], True))
        for name in (queue, dead):
            channel.queue_delete(name)


def topic_as_queue() -> None:
    topic = unique("cross.topic-as-queue")
    create_topic(topic, 3)
    values = [b"%d" % number for number in range(90)]
    produce(topic, *values)
    with connect() as first, connect() as second:
        got, unacked = {first: [], second: []}, {first: [], second: []}
        for connection in got:
            channel = connection.channel()
            channel.queue_declare(topic, durable=True)
            channel.basic_qos(prefetch_count=5)

            def deliver(channel, method, _, body, connection=connection):
                got[connection].append(body)
                unacked[connection].append((channel, method.delivery_tag))
            channel.basic_consume(topic, deliver)

        def receive() -> None:
            for connection in got:
                connection.process_data_events(time_limit=0.05)

        def full() -> bool:
            receive()
            return all(len(bodies) >= 5 for bodies in got.values())
        check("both consumers get what their prefetch allows", eventually(full), [len(one) for one in got.values()])
        receive()
        check_equal("and no more until they ack", [len(one) for one in got.values()], [5, 5])

        def work() -> bool:
            for tags in unacked.values():
                while tags:
                    channel, tag = tags.pop()
                    channel.basic_ack(tag)
            receive()
            return sum(map(len, got.values())) >= 90
        check("a topic's retained records are its queue's messages", eventually(work), {len(one) for one in got.values()})
        check_equal("each went to one consumer", sorted(got[first] + got[second]), sorted(values))
        produce(topic, b"later")
        check("new records follow", eventually(lambda: work() and b"later" in got[first] + got[second]), "not delivered")
    check_equal("settling does not take records from the topic", sorted(one.value() for one in fetch(topic, 91, 3)),
                sorted([*values, b"later"]))


def topic_as_stream() -> None:
    topic = unique("cross.topic-as-stream")
    create_topic(topic)
    produce(topic, *[b"%d" % number for number in range(100)])
    with connect() as connection:
        for offset, first, count in (("first", b"0", 100), (40, b"40", 60)):
            got = take(connection, topic, count, arguments={"x-stream-offset": offset})
            check_equal(f"x-stream-offset {offset}", (len(got), got[0][2] if got else None), (count, first))
        again = take(connection, topic, 100, prefetch=7, arguments={"x-stream-offset": "first"})
        check_equal("a stream is read again, in order", [body for _, _, body in again], [b"%d" % number for number in range(100)])
        check_equal("a delivery tells its offset", [got.headers.get("x-stream-offset") for _, got, _ in again[:3]], [0, 1, 2])
        channel, got = connection.channel(), []
        channel.basic_qos(prefetch_count=10)
        channel.basic_consume(topic, lambda _c, _m, _p, body: got.append(body), arguments={"x-stream-offset": "next"})
        connection.process_data_events(time_limit=0.3)
        channel.confirm_delivery()
        connection.channel().basic_publish("", topic, b"next")
        check("x-stream-offset next sees what comes", eventually(
            lambda: connection.process_data_events(time_limit=0.05) or b"next" in got, 5), got)
        check_equal("and nothing older", got[:1], [b"next"])
        channel.close()


def topic_that_grows() -> None:
    topic = unique("cross.grows")
    admin = AdminClient(KAFKA)
    create_topic(topic)
    with connect() as queue, connect() as stream, connect() as publisher:
        publishing = publisher.channel()
        publishing.queue_declare(topic, durable=True)
        publishing.confirm_delivery()
        got = {queue: [], stream: []}
        queue.channel().basic_consume(topic, lambda _c, _m, _p, body: got[queue].append(body), auto_ack=True)
        channel = stream.channel()
        channel.basic_qos(prefetch_count=100)
        channel.basic_consume(topic, lambda _c, _m, _p, body: got[stream].append(body), arguments={"x-stream-offset": "next"})
        stream.process_data_events(time_limit=0.3)
        sent = []
        for partitions in (4, 6):
            admin.create_partitions([NewPartitions(topic, partitions)])[topic].result()
            for number in range(30):
                sent.append(b"%d-%d" % (partitions, number))
                publishing.basic_publish("", topic, sent[-1], pika.BasicProperties(delivery_mode=2))
            for kind, connection in (("queue", queue), ("stream", stream)):
                check(f"a {kind}'s consumer gets what comes to {partitions} partitions", eventually(
                    lambda: connection.process_data_events(time_limit=0.05) or len(got[connection]) >= len(sent)), len(got[connection]))
        for kind, connection in (("queue", queue), ("stream", stream)):
            check_equal(f"a {kind}'s consumer gets each once", sorted(got[connection]), sorted(sent))
        publishing.queue_delete(topic)


def subscriptions() -> None:
    topic, names = unique("cross.source"), [unique("cross.one"), unique("cross.two")]
    create_topic(topic, 2)
    produce(topic, b"before")
    with connect() as connection:
        channel = connection.channel()
        for name in names:
            channel.queue_declare(name, durable=True, arguments={"x-source-topic": topic})
        produce(topic, *[b"%d" % number for number in range(20)])
        for name in names:
            got = [body for _, _, body in take(connection, name, 20)]
            check_equal(f"subscription {name} gets all that came since", sorted(got), sorted(b"%d" % number for number in range(20)))
        check_equal("and is then empty", channel.queue_declare(names[0], passive=True).method.message_count, 0)
        try:
            other = connection.channel()
            other.confirm_delivery()
            other.basic_publish("", names[0], b"direct", mandatory=True)
            check("a subscription takes no publishes", False, "accepted")
        except (AMQPChannelError, pika.exceptions.UnroutableError, pika.exceptions.NackError):
            check("a subscription takes no publishes", True)
        for name in names:
            connection.channel().queue_delete(name)
    check_equal("the topic stays when its subscriptions go", len(fetch(topic, 21, 2)), 21)


def queue_as_topic() -> None:
    queue, group = unique("cross.queue-as-topic"), unique("cross.group")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        channel.confirm_delivery()
        check("Kafka lists the queue as a topic", queue in AdminClient(KAFKA).list_topics(timeout=10).topics)
        for number in range(10):
            channel.basic_publish("", queue, b"amqp %d" % number)
        produce(queue, *[b"kafka %d" % number for number in range(10)])
        expected = [b"%s %d" % (kind, number) for kind in (b"amqp", b"kafka") for number in range(10)]
        consumer = Consumer({**KAFKA, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False})
        consumer.subscribe([queue])
        check_equal("a Kafka group reads what both wrote", [one.value() for one in drain(consumer, 20)], expected)
        consumer.commit(asynchronous=False)
        consumer.close()
        check_equal("the queue counts both", channel.queue_declare(queue, passive=True).method.message_count, 20)
    restart_broker()
    with connect() as connection:
        got = take(connection, queue, 20)
        check_equal("an AMQP consumer gets both, after a restart", [body for _, _, body in got], expected)
        connection.channel().queue_delete(queue)


def group_that_has_not_committed() -> None:
    """A queue's topic forgets what its queue has settled, but not what a group that has joined has yet to read."""
    queue, group = unique("cross.settled"), unique("cross.late-group")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        channel.confirm_delivery()
        consumer = Consumer({**KAFKA, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False})
        joined = []

        def assigned(_, partitions):  # it reads nothing before the queue is worked off
            consumer.assign(partitions)
            consumer.pause(partitions)
            joined.extend(partitions)
        consumer.subscribe([queue], on_assign=assigned)
        check("a group joins", eventually(lambda: consumer.poll(0.1) or joined, 30), joined)
        for number in range(10):
            channel.basic_publish("", queue, b"%d" % number)
        check_equal("the queue is worked off", len(take(connection, queue, 10)), 10)
        consumer.resume(joined)
        values = [one.value() for one in drain(consumer, 10)]
        check_equal("a group that had joined reads what the queue has settled since", values, [b"%d" % number for number in range(10)])
        consumer.commit(asynchronous=False)

        def first_offset() -> int:
            return consumer.get_watermark_offsets(joined[0], timeout=10)[0]
        check("and its commit lets it go", eventually(lambda: first_offset() == 10), first_offset())
        consumer.close()
        channel.queue_delete(queue)


def settled_messages_that_stay() -> None:
    queue = unique("cross.kept")
    with connect() as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True, arguments={"x-retention-settled-ms": 3600000})
        channel.confirm_delivery()
        channel.basic_publish("", queue, b"kept")
        check_equal("the message is settled", len(take(connection, queue, 1)), 1)
        check_equal("and stays for x-retention-settled-ms", [one.value() for one in fetch(queue, 1)], [b"kept"])
        resource = ConfigResource(ConfigResource.Type.TOPIC, queue)
        admin = AdminClient(KAFKA)
        shown = admin.describe_configs([resource])[resource].result()["retention.settled.ms"].value
        check_equal("DescribeConfigs shows it", shown, "3600000")
        channel.queue_delete(queue)


def fan_out() -> None:
    exchange, queues = unique("cross.exchange"), {name: unique(f"cross.fan-{name}") for name in "abc"}
    with connect() as connection:
        channel = connection.channel()
        channel.exchange_declare(exchange, "topic", durable=True)
        for queue in queues.values():
            channel.queue_declare(queue, durable=True)
            channel.queue_bind(queue, exchange, "order.#")
        channel.confirm_delivery()
        for number in range(50):
            channel.basic_publish(exchange, f"order.{number}", b"%d" % number, pika.BasicProperties(message_id=str(number)))
        for name, queue in queues.items():
            records = fetch(queue, 50)
            check_equal(f"queue {name}: a routed message is a record of every queue's topic",
                        [(one.value(), dict(one.headers())["subject"]) for one in records],
                        [(b"%d" % number, b"order.%d" % number) for number in range(50)])
            channel.queue_delete(queue)
        channel.exchange_delete(exchange)


limit = time_limit(200)
for part in (amqp_to_kafka, kafka_to_amqp, headers_that_queues_heed, topic_as_queue, topic_as_stream,
             topic_that_grows, subscriptions,
             queue_as_topic, group_that_has_not_committed, settled_messages_that_stay, fan_out):
    section(part)
finish(limit)
