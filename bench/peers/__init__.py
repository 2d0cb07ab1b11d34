"""The brokers under measurement, by the names that --peers takes."""
from peers.godwit import Godwit
from peers.kafka import Kafka
from peers.rabbitmq import RabbitMq

# Each is a function of (directory, first of ten free ports); RabbitMQ comes once per queue type, the better one counts.
PEERS = {
    "godwit": lambda directory, port: [Godwit(directory, port)],
    "rabbitmq": lambda directory, port: [
        RabbitMq(directory, port, "classic"),
        RabbitMq(directory, port, "quorum"),
    ],
    "kafka": lambda directory, port: [Kafka(directory, port)],
}
