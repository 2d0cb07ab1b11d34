"""RabbitMQ of Debian's archive, default settings, on a node of its own."""
import subprocess
from pathlib import Path

from peers.peer import Peer, answers_amqp

# The package's /usr/sbin wrapper changes to the user rabbitmq; this is the script behind it.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class RabbitMq(Peer):
    protocols = frozenset({"amqp"})

    def __init__(self, directory: Path, port: int, queue_type: str):
        self.name = f"rabbitmq-{queue_type}"
        self.queue_type = queue_type
        # A quorum queue is a consensus group with files of its own: declaring 10,000 takes many minutes.
        self.idle_queues = 10_000 if queue_type == "classic" else 1_000
        super().__init__(directory, port)
        self.epmd_port = port + 2
        self.distribution_port = port + 3
        self.epmd: subprocess.Popen | None = None

    def install(self) -> None:
        if not SERVER.exists():
            subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "rabbitmq-server"], check=True,
                           env={"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def version(self) -> str:
        query = ["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"]
        return subprocess.run(query, check=True, capture_output=True, text=True).stdout

    def prepare(self) -> None:
        (self.directory / "enabled_plugins").write_text("[].\n")
        (self.directory / "rabbitmq.conf").write_text("")

    def command(self) -> list[str]:
        return [str(SERVER)]

    def environment(self) -> dict[str, str]:
        own = self.directory
        return {
            "HOME": str(own),  # the node's cookie is kept there
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"bench{self.amqp_port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.amqp_port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(own / "log"),
            "RABBITMQ_CONFIG_FILE": str(own / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(own / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def start(self, fresh: bool = False) -> float:
        if self.epmd is None:
            self.epmd = subprocess.Popen(["epmd", "-port", str(self.epmd_port), "-address", "127.0.0.1"],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return super().start(fresh)

    def _end(self, sig) -> None:
        super()._end(sig)
        if self.epmd is not None:
            self.epmd.terminate()
            self.epmd.wait()
            self.epmd = None

    def is_ready(self) -> bool:
        return answers_amqp(self.amqp_port)
