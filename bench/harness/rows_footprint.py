"""Memory by differences of resident bytes, and the time from start to serving."""
import json
import subprocess
import time

from harness import process
from harness.measure import Context, load, others_share
from harness.rows import Goal, Metric, Row

SETTLE_S = 3.0
MIB = 2**20
KIB = 2**10


def _settled_rss(peer) -> int:
    time.sleep(SETTLE_S)
    return peer.rss_bytes()


def _rss_empty(_context: Context, peer) -> dict:
    peer.start(fresh=True)
    rss = _settled_rss(peer)
    peer.stop()
    return {"rss_mib": rss / MIB}


def _rss_backlog(context: Context, peer) -> dict:
    peer.start(fresh=True)
    load(context, "amqp_load", "fill", "--port", peer.amqp_port, "--queue-type", peer.queue_type, "--size", 100,
         "--unconfirmed", 1000, "--count", context.sizes.backlog_messages)
    rss = _settled_rss(peer)
    peer.stop()
    return {"rss_mib": rss / MIB, "messages": context.sizes.backlog_messages}


def _rss_connection(context: Context, peer) -> dict:
    count = context.sizes.connections
    peer.start(fresh=True)
    before = _settled_rss(peer)
    command = [context.generator("amqp_load"), "idle-connections", "--port", str(peer.amqp_port), "--count", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as held:
        opened = json.loads(held.stdout.readline())["connections"]
        rss = _settled_rss(peer)
        held.stdin.close()
    peer.stop()
    return {"kib_each": (rss - before) / KIB / opened, "connections": opened}


def _rss_queue(context: Context, peer) -> dict:
    peer.start(fresh=True)
    before = _settled_rss(peer)
    declared = load(context, "amqp_load", "declare-queues", "--port", peer.amqp_port, "--queue-type", peer.queue_type,
                    "--count", peer.idle_queues)
    rss = _settled_rss(peer)
    peer.stop()
    return {"kib_each": (rss - before) / KIB / peer.idle_queues, "queues": peer.idle_queues,
            "declares_per_s": peer.idle_queues / declared["seconds"]}


def _timed_start(peer) -> dict:
    busy_before = process.machine_busy_s()
    seconds = peer.start()
    return {"ready_s": seconds,
            "others_share": others_share(process.machine_busy_s() - busy_before, peer.cpu_s(), seconds)}


def _start_empty(_context: Context, peer) -> dict:
    peer.start(fresh=True)  # lays the directory out; the second start is the one timed
    peer.stop()
    result = _timed_start(peer)
    peer.stop()
    return result


def _start_backlog(context: Context, peer) -> dict:
    peer.start(fresh=True)
    count = context.sizes.start_backlog_messages
    if "amqp" in peer.protocols:
        load(context, "amqp_load", "fill", "--port", peer.amqp_port, "--queue-type", peer.queue_type, "--size", 1024,
             "--unconfirmed", 1000, "--count", count)
    else:
        load(context, "kafka_load", "produce", "--brokers", f"127.0.0.1:{peer.kafka_port}", "--size", 1024,
             "--count", count)
    peer.kill()
    result = _timed_start(peer)
    peer.stop()
    return {**result, "messages": count}


def _row(name, title, protocol, run, metric, rounds_max=100, per_queue_type=True) -> Row:
    return Row(name, title, protocol, run, (metric,), rounds_max, fresh=True, per_queue_type=per_queue_type)


ROWS = [
    _row("rss-empty", "Resident memory, empty", "any", _rss_empty,
         Metric("rss_mib", "MiB", False, Goal(absolute=20), Goal(absolute=15)), per_queue_type=False),
    _row("rss-backlog", "Resident memory, 10 M x 100 B waiting", "amqp", _rss_backlog,
         Metric("rss_mib", "MiB", False, Goal(absolute=300), Goal(absolute=200)), rounds_max=1),
    _row("rss-connection", "Resident memory of an idle AMQP connection", "amqp", _rss_connection,
         Metric("kib_each", "KiB", False, Goal(absolute=16), Goal(absolute=8)), per_queue_type=False),
    _row("rss-queue", "Resident memory of an idle queue", "amqp", _rss_queue,
         Metric("kib_each", "KiB", False, Goal(absolute=4), Goal(absolute=1)), rounds_max=1),
    _row("start-empty", "Start to ready, empty", "any", _start_empty,
         Metric("ready_s", "s", False, Goal(absolute=0.2), Goal(absolute=0.05)), per_queue_type=False),
    _row("start-backlog", "Start to ready, after kill -9 with 1 GiB waiting", "any", _start_backlog,
         Metric("ready_s", "s", False, Goal(absolute=3), Goal(absolute=1.2))),
]
