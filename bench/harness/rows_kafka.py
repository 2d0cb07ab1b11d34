"""Kafka: produce with acks=all and fetch, by librdkafka with its defaults, one partition."""
from harness.measure import Context, load, measured
from harness.rows import Goal, Metric, Row


def _produce_and_fetch(size: int):
    def run(context: Context, peer) -> dict:
        topic = ("--brokers", f"127.0.0.1:{peer.kafka_port}", "--size", size, "--topic")
        warm = (*topic, f"warm-{size}", "--count", context.sizes.kafka_warm_up)
        load(context, "kafka_load", "produce", *warm)
        load(context, "kafka_load", "fetch", *warm)
        load(context, "kafka_load", "delete", *warm)
        produced = measured(context, peer, "kafka_load", "produce", *topic, f"bench-{size}",
                            "--seconds", context.sizes.seconds)
        fetched = measured(context, peer, "kafka_load", "fetch", *topic, f"bench-{size}",
                           "--count", produced["messages"])
        load(context, "kafka_load", "delete", *topic, f"bench-{size}")
        names = ("messages", "seconds", "msgs_per_s", "broker_us_per_msg", "client_us_per_msg", "others_share")
        return {f"{verb}_{name}": result[name] for verb, result in (("produce", produced), ("fetch", fetched))
                for name in names}
    return run


def _row(name: str, size: int) -> Row:
    return Row(name, f"Kafka produce (acks=all) and fetch, {size:,} B, librdkafka", "kafka", _produce_and_fetch(size), (
        Metric("produce_msgs_per_s", "msg/s", True, Goal(times=1)),
        Metric("produce_broker_us_per_msg", "us", False, Goal(times=3), Goal(absolute=0.8)),
        Metric("produce_client_us_per_msg", "us", False),
        Metric("fetch_msgs_per_s", "msg/s", True, Goal(times=1)),
        Metric("fetch_broker_us_per_msg", "us", False, Goal(times=3), Goal(absolute=0.2)),
        Metric("fetch_client_us_per_msg", "us", False),
    ))


ROWS = [_row("kafka-100b", 100), _row("kafka-1k", 1024)]
