"""Runs the documents' two programs as they stand, then receives what they sent with other clients; again after a restart.

Arguments: the class path of the project's own examples, and the folder with the clients' jars. GODWIT_SEEDS names the
folder with the documents, which are not in the tree. Without it the project's own programs of the same shape are all that
is run, and a line says so.
"""

import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pika
from broker import ROOT, Broker
from checks import check, check_equal, finish, section, time_limit, unique
from confluent_kafka import Consumer

CLASSES, JARS = sys.argv[1], Path(sys.argv[2])
FOLDER = ROOT / "build/clients/documents"
AMQP_PORT, KAFKA_PORT = 5672, 9092  # what the documents' programs have in their text
IN_DOCUMENTS = {"AsynchronousMessagingExample", "Send"}
FORGOTTEN = {"Duration": "java.time.Duration", "List": "java.util.List"}


def raise_loopback() -> None:
    """In a new network namespace even loopback is down. Where we share the machine's, it is up already."""
    up_and_running = 0x41
    with socket.socket() as any_socket:
        try:
            fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", up_and_running))  # SIOCSIFFLAGS
        except PermissionError:
            pass


def programs() -> dict[str, str]:
    """Class name to source, of every complete Java program in the documents, with the imports that it forgets."""
    found = {}
    if not (folder := os.environ.get("GODWIT_SEEDS")):
        return found
    for document in sorted(Path(folder).glob("*.txt")):
        for block in re.findall(r"^```java\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE):
            if (name := re.search(r"public class (\w+)", block)) and "void main" in block:
                missing = [path for short, path in FORGOTTEN.items()
                           if re.search(rf"\b{short}\.", block) and f"import {path};" not in block]
                found[name[1]] = "".join(f"import {path};\n" for path in missing) + block
    return found


def compile_programs(sources: dict[str, str]) -> str:
    """Compiles each in a folder of its own (no package, so names might clash) and answers their class path."""
    target = FOLDER / "classes"
    for name, source in sources.items():
        (FOLDER / f"{name}.java").write_text(source)
        done = subprocess.run(["javac", "-cp", f"{JARS}/*", "-d", target, FOLDER / f"{name}.java"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(f"{name} compiles", done.returncode == 0, done.stdout)
    return f"{target}:{JARS}/*"


def run_java(classpath: str, name: str) -> str:
    done = subprocess.run(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", classpath, name], text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(f"{name} ends normally", done.returncode == 0, done.stdout[-2000:])
    return done.stdout


def received_by_amqp(queue: str, count: int, durable: bool) -> list[bytes]:
    with pika.BlockingConnection(pika.ConnectionParameters("localhost", AMQP_PORT)) as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=durable)
        bodies = []
        for method, _, body in channel.consume(queue, inactivity_timeout=5):
            if method is None:
                break
            channel.basic_ack(method.delivery_tag)
            bodies.append(body)
            if len(bodies) == count:
                break
        channel.cancel()
        return bodies


def received_by_group(topic: str, count: int) -> list[bytes]:
    """A new group each time: it starts at the topic's first record."""
    consumer = Consumer({"bootstrap.servers": f"localhost:{KAFKA_PORT}", "group.id": f"{unique(topic)}-{count}",
                         "auto.offset.reset": "earliest", "log_level": 0})
    consumer.subscribe([topic])
    values = []
    for _ in range(100):
        if (record := consumer.poll(0.1)) is not None and record.error() is None:
            values.append(record.value())
        if len(values) == count:
            break
    consumer.close()
    return values


def documents(classpath: str, names: list[str], turn: int) -> None:
    for name in names:
        said = run_java(classpath, name)
        if name == "Send":
            check("Send tells what it sent", "[x] Sent 'Hello World!'" in said, said)
    if "Send" in names:
        check_equal("a RabbitMQ consumer gets the first document's message", received_by_amqp("hello", 1, False), [b"Hello World!"])
    if "AsynchronousMessagingExample" in names:
        order = b"Order details for order 1"
        check_equal("a Kafka group gets the second document's record", received_by_group("orders", turn), [order] * turn)
        check_equal("an AMQP consumer gets it, too", received_by_amqp("orders", 1, True), [order])


def our_own(turn: int) -> None:
    run_java(CLASSES, "SendGreeting")
    check("ReceiveGreeting gets what SendGreeting sent", "Good morning" in run_java(CLASSES, "ReceiveGreeting"))
    check("Payments reads what it wrote", "12.50 EUR" in run_java(CLASSES, "Payments"))
    check_equal("a Kafka group gets it", received_by_group("payments", turn), [b"12.50 EUR"] * turn)
    check_equal("an AMQP consumer gets it", received_by_amqp("payments", 1, True), [b"12.50 EUR"])


def main() -> None:
    limit = time_limit(300)
    raise_loopback()
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "classes").mkdir(parents=True)
    sources = programs()
    if os.environ.get("GODWIT_SEEDS"):
        check("the documents' programs are there", set(sources) == IN_DOCUMENTS, f"{sorted(sources)}")
    else:
        check("GODWIT_SEEDS is unset: the documents' programs were SKIPPED, the project's own alone were run", True)
    classpath = compile_programs(sources)
    with Broker(FOLDER, ports=(AMQP_PORT, KAFKA_PORT)) as broker:
        for turn in (1, 2):
            if sources:
                section(lambda: documents(classpath, sorted(sources, reverse=True), turn))
            section(lambda: our_own(turn))
            if turn == 1:
                broker.restart()
    finish(limit)


main()
