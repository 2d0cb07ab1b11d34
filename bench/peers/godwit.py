"""Godwit itself, as `./dev build` leaves it."""
from harness.machine import ROOT, commit
from peers.peer import Peer

OFF = ("http.port", "management.port", "sqs.port", "pubsub.port", "servicebus.admin_port")


class Godwit(Peer):
    name = "godwit"
    protocols = frozenset({"amqp", "kafka"})
    binary = ROOT / "build" / "release" / "godwit"

    def install(self) -> None:
        if not self.binary.exists():
            raise FileNotFoundError(f"{self.binary} is missing: run ./dev build")

    def version(self) -> str:
        return commit()

    def command(self) -> list[str]:
        settings = [f"amqp.port={self.amqp_port}", f"kafka.port={self.kafka_port}", *(f"{name}=off" for name in OFF)]
        flags = [argument for setting in settings for argument in ("--set", setting)]
        return [str(self.binary), "serve", "--data", str(self.data), *flags]

    def start(self, fresh: bool = False) -> float:
        # `ready` is looked for in what this start has logged.
        log = self.log_path()
        self.log_offset = log.stat().st_size if log.exists() and not fresh else 0
        return super().start(fresh)

    def is_ready(self) -> bool:
        with open(self.log_path(), "rb") as log:
            log.seek(self.log_offset)
            return b"ready" in log.read()
