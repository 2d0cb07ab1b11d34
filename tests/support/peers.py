"""The brokers that the suites are checked against: RabbitMQ of Debian, and Apache Kafka of Maven (one KRaft node).

Both run by hand on loopback with their own folders and free ports; nothing of the system's installation is used but
the programs. One RESTART command restarts both.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import process

SUPPORT = Path(__file__).resolve().parent
CACHE = SUPPORT.parents[1] / "build/clients"
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class RabbitMQ:
    def __init__(self, folder: Path):
        if not RABBITMQ.exists():
            sys.exit("RabbitMQ is missing: apt-get install rabbitmq-server")
        folder.mkdir(parents=True, exist_ok=True)
        self.port, dist, epmd = (process.free_port() for _ in range(3))
        config = folder / "rabbitmq.conf"
        config.write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        (folder / "plugins").write_text("[].\n")
        env = {
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"peer{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(dist),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
            "ERL_EPMD_PORT": str(epmd),
        }
        # The node's name service runs in the foreground beside it, so that stopping the peers leaves nothing behind.
        self.names = folder / "epmd.json"
        self.names.write_text(json.dumps({
            "argv": [shutil.which("epmd") or "epmd", "-port", str(epmd), "-address", "127.0.0.1"],
            "env": {}, "ready": "", "log": str(folder / "epmd.log"), "ports": [epmd]}))
        self.state = folder / "rabbitmq.json"
        self.state.write_text(json.dumps({
            "argv": [str(RABBITMQ)], "env": env, "ready": "completed with 0 plugins",
            "log": str(folder / "rabbitmq.log"), "ports": [self.port]}))

    def start(self):
        process.start(self.names)
        process.start(self.state)

    def stop(self):
        process.stop(self.state)
        process.stop(self.names)


class Kafka:
    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.port, controller = process.free_port(), process.free_port()
        config = folder / "server.properties"
        config.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder / "data"}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
""")
        java = ["java", "-Xmx512m", "-cp", f"{self.jars()}/*"]
        if not (folder / "data").exists():
            subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "Z29kd2l0LXRlc3RzLXBlZQ", "-c", str(config)],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.state = folder / "kafka.json"
        self.state.write_text(json.dumps({
            "argv": [*java, "kafka.Kafka", str(config)], "env": {},
            "ready": "Kafka Server started", "log": str(folder / "kafka.log"), "ports": [self.port]}))

    @staticmethod
    def jars() -> Path:
        """Apache Kafka's jars, fetched by Maven once a version of the pom."""
        pom = SUPPORT / "kafka-broker.pom.xml"
        folder, stamp = CACHE / "kafka-broker", CACHE / "kafka-broker/pom.xml"
        if not stamp.exists() or stamp.read_text() != pom.read_text():
            subprocess.run(["mvn", "-B", "-q", "-Dstyle.color=never", "-f", str(pom), "dependency:copy-dependencies",
                            f"-DoutputDirectory={folder}"], check=True)
            stamp.write_text(pom.read_text())
        return folder

    def start(self):
        process.start(self.state)

    def stop(self):
        process.stop(self.state)


class Peers:
    """Both peers as one broker, with the same face as broker.Broker."""

    def __init__(self, folder: Path):
        self.rabbitmq, self.kafka = RabbitMQ(folder / "rabbitmq"), Kafka(folder / "kafka")

    def start(self):
        try:
            self.rabbitmq.start()
            self.kafka.start()
        except process.StartError:
            self.stop()
            raise
        return self

    def stop(self):
        self.kafka.stop()
        self.rabbitmq.stop()

    def environment(self, protocol: str) -> dict[str, str]:
        """`protocol` amqp or kafka: what the suite speaks, and so which of the two its RESTART restarts."""
        state = self.rabbitmq.state if protocol == "amqp" else self.kafka.state
        command = [sys.executable, str(Path(process.__file__)), "restart", str(state)]
        return {
            "GODWIT_AMQP": f"127.0.0.1:{self.rabbitmq.port}",
            "GODWIT_KAFKA": f"127.0.0.1:{self.kafka.port}",
            "GODWIT_RESTART": shlex.join(command),
        }

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


if __name__ == "__main__":
    # Keeps both running until standard input closes; prints what a suite needs.
    peers = Peers(Path(sys.argv[1]))
    with peers:
        for protocol in ("amqp", "kafka"):
            values = peers.environment(protocol)
            keys = ["GODWIT_AMQP", "GODWIT_KAFKA"] if protocol == "amqp" else []
            for key in keys:
                print(f"export {key}={values[key]}")
            print(f"export RESTART_{protocol.upper()}={shlex.quote(values['GODWIT_RESTART'])}", flush=True)
        os.read(0, 1)
