"""Apache Kafka's broker from Maven: one KRaft node, default settings and the heap of its own start script."""
import re
import subprocess
from pathlib import Path

from harness.machine import ROOT
from peers.peer import Peer, answers_kafka

POM = Path(__file__).with_name("kafka-peer.xml")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
CLUSTER_ID = "R29kd2l0QmVuY2htYXJrcw"

# What the distribution's scripts give the JVM.
JVM = ["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
       "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true"]


class Kafka(Peer):
    name = "kafka"
    protocols = frozenset({"kafka"})

    def __init__(self, directory: Path, port: int):
        super().__init__(directory, port)
        self.controller_port = port + 4

    def libraries(self) -> Path:
        return ROOT / "build" / "peers" / f"kafka-{self.version()}"

    def version(self) -> str:
        return re.search(r"kafka_2\.13</artifactId>\s*<version>([^<]+)", POM.read_text()).group(1)

    def install(self) -> None:
        if not any(self.libraries().glob("kafka_2.13-*.jar")):
            subprocess.run(["mvn", "-q", "-B", "-f", str(POM), COPY, f"-DoutputDirectory={self.libraries()}"],
                           check=True)

    def prepare(self) -> None:
        (self.directory / "server.properties").write_text("\n".join([
            "process.roles=broker,controller",
            "node.id=1",
            f"controller.quorum.voters=1@127.0.0.1:{self.controller_port}",
            f"listeners=PLAINTEXT://127.0.0.1:{self.kafka_port},CONTROLLER://127.0.0.1:{self.controller_port}",
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.kafka_port}",
            "controller.listener.names=CONTROLLER",
            f"log.dirs={self.data}",
            # One node cannot hold three replicas of the internal topics.
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            ""]))
        subprocess.run([*self._java([]), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c",
                        str(self.directory / "server.properties")], check=True, capture_output=True)

    def _java(self, options: list[str]) -> list[str]:
        return ["java", *options, "-cp", f"{self.libraries()}/*"]

    def command(self) -> list[str]:
        return [*self._java(JVM), "kafka.Kafka", str(self.directory / "server.properties")]

    def is_ready(self) -> bool:
        return answers_kafka(self.kafka_port)
