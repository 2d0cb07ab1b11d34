"""AMQP 0-9-1: throughput, confirm latency, drain after a restart."""
from harness.measure import Context, load, measured
from harness.rows import Goal, Metric, Row

PIPELINE = ("--unconfirmed", 1000, "--prefetch", 300, "--ack-every", 100)
LATENCY_RATE = 5000


def _queue(peer, name: str) -> tuple:
    return ("--port", peer.amqp_port, "--queue", name, "--queue-type", peer.queue_type)


def _throughput(size: int):
    def run(context: Context, peer) -> dict:
        queue = (*_queue(peer, f"bench-{size}"), "--size", size, *PIPELINE)
        load(context, "amqp_load", "throughput", *queue, "--seconds", context.sizes.warm_up_s)
        return measured(context, peer, "amqp_load", "throughput", *queue, "--seconds", context.sizes.seconds)
    return run


def _latency(context: Context, peer) -> dict:
    queue = (*_queue(peer, "bench-latency"), "--size", 1024, *PIPELINE, "--rate", LATENCY_RATE)
    load(context, "amqp_load", "latency", *queue, "--seconds", context.sizes.warm_up_s)
    result = measured(context, peer, "amqp_load", "latency", *queue, "--seconds", context.sizes.latency_s)
    for kind in ("confirm", "deliver"):
        for percentile, value in result.pop(f"{kind}_us").items():
            result[f"{kind}_{percentile}_ms"] = round(value / 1e3, 3)
    return result


def _drain(context: Context, peer) -> dict:
    queue = _queue(peer, "bench-drain")
    peer.start(fresh=True)
    filled = measured(context, peer, "amqp_load", "fill", *queue, "--size", 1024, "--unconfirmed", 1000,
                      "--count", context.sizes.drain_messages)
    peer.stop()
    restart_s = peer.start()
    result = measured(context, peer, "amqp_load", "drain", *queue, "--prefetch", 300, "--ack-every", 100,
                      "--count", context.sizes.drain_messages)
    peer.stop()
    return {**result, "fill_msgs_per_s": filled["msgs_per_s"], "fill_broker_us_per_msg": filled["broker_us_per_msg"],
            "restart_s": restart_s}


def _throughput_row(name: str, size: int, reach: float, further: float, cpu_reach=None, cpu_further=None) -> Row:
    return Row(name, f"AMQP, {size:,} B persistent, 1 producer (1,000 unconfirmed), 1 consumer", "amqp",
               _throughput(size), (
                   Metric("msgs_per_s", "msg/s", True, Goal(times=reach), Goal(times=further)),
                   Metric("broker_us_per_msg", "us", False, cpu_reach, cpu_further),
                   Metric("client_us_per_msg", "us", False),
               ))


ROWS = [
    _throughput_row("amqp-1k", 1024, 10, 20, Goal(absolute=10), Goal(absolute=3)),
    _throughput_row("amqp-100b", 100, 12, 30),
    _throughput_row("amqp-16k", 16384, 4, 8),
    Row("amqp-latency", "AMQP confirm latency at 5,000 msg/s, 1 KiB", "amqp", _latency, (
        Metric("confirm_p50_ms", "ms", False, Goal(times=3), Goal(times=3, absolute=1)),
        Metric("confirm_p99_ms", "ms", False, Goal(times=8)),
        Metric("confirm_p999_ms", "ms", False),
        Metric("deliver_p50_ms", "ms", False),
        Metric("broker_us_per_msg", "us", False),
    )),
    Row("amqp-drain", "AMQP drain of 1 M x 1 KiB after a restart", "amqp", _drain, (
        Metric("msgs_per_s", "msg/s", True, Goal(times=8), Goal(absolute=230_000)),
        Metric("broker_us_per_msg", "us", False),
        Metric("fill_msgs_per_s", "msg/s", True),
        Metric("restart_s", "s", False),
    ), fresh=True),
]
