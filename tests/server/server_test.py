"""The built program as its users meet it."""
import json
import os
import resource
import signal
import socket
import subprocess
import time
import unittest

import wire
from broker import BINARY, Broker, eventually, temporary_directory


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.directory = temporary_directory()
        self.addCleanup(self.directory.cleanup)
        self.brokers: list[Broker] = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for broker in self.brokers:
            if broker.process is not None:
                if broker.process.poll() is None:
                    broker.kill()
                broker.process.stderr.close()

    def start(self, *settings: str, **options) -> Broker:
        broker = Broker(self.directory.name, *settings, **options)
        self.brokers.append(broker)
        return broker.start()

    def test_health_metrics_and_a_clean_end(self):
        broker = self.start()
        self.assertEqual(broker.request("GET", "/health/live"), (200, {"status": "live"}))
        self.assertEqual(broker.request("GET", "/health/ready"), (200, {"status": "ready"}))
        status, text = broker.request("GET", "/metrics")
        self.assertEqual(status, 200)
        for name in ("godwit_messages_appended_total", "godwit_process_resident_bytes", "godwit_journal_used_bytes",
                     'godwit_connections{protocol="http"}', 'godwit_connections{protocol="amqp"}',
                     'godwit_queues{namespace="default"}', "godwit_disk_free_bytes"):
            self.assertRegex(text, rf"(?m)^{name} [0-9]".replace("{", r"\{").replace("}", r"\}"))
        self.assertEqual(broker.stop(), 0)
        self.assertIn(" stopped", broker.log)

    def test_every_listener_answers_when_ready_is_logged(self):
        broker = self.start()
        self.assertEqual(set(broker.ports), {"amqp", "kafka", "http"})
        for port in broker.ports.values():
            socket.create_connection(("127.0.0.1", port), timeout=5).close()

    def test_without_its_ports_the_data_directory_is_not_touched(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            for settings, code, why in ((("bind=192.0.2.1",), 2, "is not an address of this machine"),
                                        ((f"kafka.port={taken}",), 69, f"kafka.port: 127.0.0.1:{taken} is taken"),
                                        (("amqp.port=5999", "http.port=5999"), 2, "http.port: 5999 is the port of amqp")):
                with self.assertRaisesRegex(RuntimeError, f"(?s)ended with {code}:.*{why}"):
                    self.start(*settings)
                self.assertEqual(os.listdir(self.directory.name), [], settings)

    def test_settings_are_an_object_for_scripts(self):
        for arguments in (("settings", "--json"), ("--json", "settings")):
            shown = subprocess.run([BINARY, *arguments, "--set", "amqp.port=7"], capture_output=True, text=True, check=True)
            self.assertEqual(json.loads(shown.stdout)["amqp.port"], "7")

    def test_ports_that_are_off_are_not_opened(self):
        broker = self.start("amqp.port=off", "kafka.port=off", "sqs.port=off", "management.port=off")
        self.assertEqual(set(broker.ports), {"http"})

    def test_the_command_line_round_trip_survives_a_restart(self):
        broker = self.start()
        self.assertEqual(broker.cli("queues", "create", "orders").returncode, 0)
        self.assertEqual(broker.cli("topics", "create", "events", "--partitions", "3").returncode, 0)
        sent = broker.cli("publish", "--queue", "orders", "--body", "one", "--header", "n=1")
        self.assertEqual(sent.stdout, "orders partition 0 offset 0\n", sent.stderr)
        lines = broker.cli("publish", "--queue", "orders", "--lines", stdin="two\nthree\n")
        self.assertEqual(lines.stdout, "published 2 messages\n", lines.stderr)
        many = broker.cli("publish", "events", "--lines", stdin="".join(f"{n}\n" for n in range(5000)))
        self.assertEqual(many.stdout, "published 5000 messages\n", many.stderr)
        read = broker.cli("messages", "read", "events").stdout.splitlines()
        self.assertEqual([line.split("  ")[1] for line in read], [f"{n}" for n in range(5000)])
        self.assertEqual(broker.stop(), 0)

        broker = self.start()
        peeked = broker.cli("messages", "peek", "orders", "--json")
        bodies = [json.loads(line)["body"] for line in peeked.stdout.splitlines()]
        self.assertEqual(bodies, ["one", "two", "three"], peeked.stderr)
        taken = broker.cli("consume", "orders", "-n", "2", "--json")
        first = json.loads(taken.stdout.splitlines()[0])
        self.assertEqual((first["body"], first["headers"]), ("one", {"n": "1"}))
        shown = json.loads(broker.cli("queues", "show", "orders", "--json").stdout)
        self.assertEqual(shown["ready"], 1)
        self.assertIn("events", broker.cli("topics", "list").stdout)
        self.assertEqual(json.loads(broker.cli("topics", "show", "events", "--json").stdout)["partitions"], 3)

    def test_what_was_acknowledged_survives_a_kill(self):
        broker = self.start()
        broker.request("PUT", "/api/queues/q", {})
        status, reply = broker.request("POST", "/api/queues/q/messages", {"body": "kept"})
        self.assertEqual((status, reply["messages"][0]["offset"]), (201, 0))
        broker.kill()
        broker = self.start()
        status, reply = broker.request("POST", "/api/queues/q/receive", {"accept": True})
        self.assertEqual([m["body"] for m in reply["messages"]], ["kept"])

    def test_a_list_of_messages_is_refused_whole_or_published_in_order(self):
        broker = self.start()
        broker.request("PUT", "/api/queues/q", {})
        path = "/api/queues/q/messages"
        status, reply = broker.request("POST", path, {"messages": [{"body": "a"}, {"body": 7}]})
        self.assertEqual((status, reply["message"]), (400, 'message 1: body: expected a text or {"base64": …}'))
        status, reply = broker.request("POST", path, {"messages": [{"body": "x"}] * 1001})
        self.assertEqual((status, reply["message"]), (400, "messages: expected a list of at most 1000"))
        status, reply = broker.request("POST", path, {"messages": [{"body": str(n)} for n in range(1000)]})
        self.assertEqual(status, 201)
        self.assertEqual([(m["message"], m["offset"]) for m in reply["messages"]], [(n, n) for n in range(1000)])

    def test_leases_are_settled_by_their_attempt(self):
        broker = self.start()
        broker.request("PUT", "/api/queues/q", {})
        broker.request("POST", "/api/queues/q/messages", {"body": "a"})
        _, reply = broker.request("POST", "/api/queues/q/receive", {"max": 5})
        message = reply["messages"][0]
        name = {k: message[k] for k in ("partition", "offset", "attempt")}
        status, reply = broker.request("POST", "/api/queues/q/settle", {"verb": "release", "messages": [name]})
        self.assertEqual((status, reply), (200, {"settled": 1}))
        _, reply = broker.request("POST", "/api/queues/q/receive", {"max": 5})
        self.assertEqual(reply["messages"][0]["redelivered"], True)
        status, reply = broker.request("POST", "/api/queues/q/settle", {"verb": "accept", "messages": [name]})
        self.assertEqual((status, reply["error"]), (409, "lease lost"))

    def test_who_has_gone_takes_no_messages(self):
        broker = self.start()
        broker.request("PUT", "/api/queues/q", {})
        body = json.dumps({"wait_ms": 20_000, "accept": True, "max": 100}).encode()
        with socket.create_connection(("127.0.0.1", broker.ports["http"])) as waiting:
            waiting.sendall(b"POST /api/queues/q/receive HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            time.sleep(0.3)
        time.sleep(0.2)
        for n in range(5):
            broker.request("POST", "/api/queues/q/messages", {"body": str(n)})
        _, reply = broker.request("POST", "/api/queues/q/receive", {"max": 10, "accept": True})
        self.assertEqual([m["body"] for m in reply["messages"]], [str(n) for n in range(5)])

    def test_who_has_gone_holds_no_messages_though_publishers_are_held(self):
        broker = self.start()
        declarer = wire.Amqp(broker.ports["amqp"])
        declarer.declare("q")
        declarer.select_confirms()
        declarer.publish_confirmed("q", b"one")
        declarer.close()
        broker.stop()
        broker = self.start("storage.disk_reserve_bytes=1024GiB")
        holder = wire.Amqp(broker.ports["amqp"])
        holder.send(wire.consume(1, "q"))
        holder.wait_for(60, 60)
        holder.publish("q", b"two")
        time.sleep(0.3)
        self.assertEqual(broker.request("GET", "/api/queues/q")[1]["leased"], 1)
        holder.close()
        eventually(lambda: not broker.request("GET", "/api/queues/q")[1]["leased"])
        self.assertEqual(broker.request("GET", "/api/queues/q")[1]["leased"], 0)

    def test_exchanges_route(self):
        broker = self.start()
        for path in ("/api/queues/red", "/api/queues/blue"):
            broker.request("PUT", path, {})
        self.assertEqual(broker.cli("exchanges", "create", "colours", "--type", "topic").returncode, 0)
        self.assertEqual(broker.cli("exchanges", "bind", "colours", "--queue", "red", "--routing-key", "red.#").returncode, 0)
        _, reply = broker.request("POST", "/api/exchanges/colours/messages", {"body": "x", "routing_key": "red.dark"})
        self.assertEqual([m["topic"] for m in reply["messages"]], ["red"])
        _, reply = broker.request("POST", "/api/exchanges/colours/messages", {"body": "x", "routing_key": "green"})
        self.assertEqual(reply, {"routed": False, "messages": []})
        _, reply = broker.request("GET", "/api/bindings")
        self.assertIn({"source": "colours", "target_kind": "queue", "target": "red", "routing_key": "red.#", "arguments": {}},
                      reply["bindings"])

    def test_a_follower_of_a_topic_waits_for_messages(self):
        broker = self.start()
        broker.request("PUT", "/api/topics/t", {})
        url = f"http://127.0.0.1:{broker.ports['http']}"
        with subprocess.Popen([BINARY, "consume", "--topic", "t", "-n", "2", "--url", url], stdout=subprocess.PIPE,
                              text=True) as follower:
            time.sleep(0.3)
            for body in ("first", "second"):
                broker.request("POST", "/api/topics/t/messages", {"body": body, "key": "k"})
            output, _ = follower.communicate(timeout=20)
        self.assertEqual(output, "0  k  first\n1  k  second\n")

    def test_exit_codes_of_the_command_line(self):
        broker = self.start()
        self.assertEqual(broker.cli("queues", "show", "nothing").returncode, 1)
        self.assertEqual(broker.cli("queues", "frobnicate").returncode, 2)
        self.assertEqual(broker.cli("publish", "--body", "x").returncode, 2)
        self.assertEqual(broker.cli("queues", "list", "--url", "http://127.0.0.1:1").returncode, 3)

    def test_refusals_of_the_api(self):
        broker = self.start()
        for method, path, body, expected in (
                ("GET", "/api/queues/none", None, 404), ("PUT", "/api/queues/q", {"lenght_max": 1}, 400),
                ("POST", "/api/topics/none/messages", {}, 404), ("PATCH", "/api/topics", None, 405),
                ("GET", "/api/nothing", None, 404), ("PUT", "/api/topics/t", {"partitions": 0}, 400),
                ("PUT", "/api/queues/a%00b", {}, 400), ("PUT", "/api/topics/a%1bb", {}, 400),
                ("GET", "/api/queues?space=none", None, 404)):
            status, reply = broker.request(method, path, body)
            self.assertEqual(status, expected, (path, reply))
            self.assertEqual(set(reply), {"error", "message"})
        self.assertEqual(broker.request("GET", "/api/topics", headers={"Origin": "http://evil.example"})[0], 403)

    def test_the_log_says_why_a_connection_ended(self):
        broker = self.start()
        port = broker.ports["amqp"]
        with self.assertRaises(ConnectionError):
            wire.Amqp(port, vhost="nowhere")
        for to, data in ((port, wire.AMQP_HEADER + wire.start_ok("m\ne", "sesame")), (port, b"GET / HTTP/1.1\r\n\r\n"),
                         (broker.ports["kafka"], b"GET / HTTP/1.1\r\n\r\n")):
            with socket.create_connection(("127.0.0.1", to), timeout=5) as client:
                client.sendall(data)
                while client.recv(65536):
                    pass
        wire.Amqp(port).close()
        # The broker's own end would be the reason of a connection whose end it has not read.
        gone = 'godwit_connections{protocol="amqp"} 0\n'
        self.assertTrue(eventually(lambda: gone in broker.request("GET", "/metrics")[1]))
        self.assertEqual(broker.stop(), 0)
        ends = [line for line in broker.log.splitlines() if "connection closed" in line]
        for level, reason in (("W", "530 NOT_ALLOWED - vhost 'nowhere' not found"),
                              ("W", r"403 ACCESS_REFUSED - login of user 'm\ne' was refused: wrong user or password"),
                              ("W", "it does not begin with the header of AMQP 0-9-1"),
                              ("W", "too large, or another protocol"), ("I", "closed by the peer")):
            self.assertTrue(any(f" {level} " in line and reason in line for line in ends), (reason, ends))
        self.assertNotIn("sesame", broker.log)

    def test_a_disk_at_its_reserve_is_told_to_operators(self):
        broker = self.start("storage.disk_reserve_bytes=1024GiB")
        deadline = time.monotonic() + 10
        while "publishers wait" not in broker.log and time.monotonic() < deadline:
            broker.read_log(0.2)
        self.assertEqual(broker.log.count("publishers wait"), 1, broker.log)
        self.assertIn("reserve", broker.log)
        checked = broker.cli("doctor", "--data", self.directory.name)
        self.assertEqual(checked.returncode, 1)
        self.assertRegex(checked.stdout, "broker's disk .* publishers are held back")

    def test_a_second_broker_is_refused_by_the_lock(self):
        self.start()
        with self.assertRaisesRegex(RuntimeError, "ended with 69"):
            self.start()

    def test_a_wrong_setting_is_refused_with_a_suggestion(self):
        with self.assertRaisesRegex(RuntimeError, "(?s)ended with 2.*did you mean amqp.port"):
            self.start("amqp.prot=1")

    def test_what_serve_cannot_use_is_refused(self):
        empty = self.directory.name
        link = os.path.join(empty, "link")
        os.symlink("/nonexistent", link)
        for arguments, code, reason in (
                (("--data", "/proc/godwit"), 74, "mkdir: No such file"), (("--data", link + "/data"), 74, "mkdir: No such"),
                (("--data", ""), 2, "storage.directory"), (("--config", empty), 2, "cannot be read"),
                (("--config", ""), 2, "cannot be read"), (("--config", empty + "/none"), 2, "cannot be read")):
            ended = subprocess.run([BINARY, "serve", *arguments], cwd=empty, capture_output=True, text=True, timeout=20,
                                   check=False)
            self.assertEqual((ended.returncode, reason in ended.stderr), (code, True), (arguments, ended.stderr))

    def test_garbage_half_frames_and_silence_disturb_nobody(self):
        broker = self.start("server.handshake_timeout_ms=500")
        held = []
        for port in broker.ports.values():
            for payload in (b"", b"\x00", b"GET", b"AMQP\x00\x00\x09", b"\xff" * 100_000, b"\x7f\xff\xff\xff" + b"x" * 100,
                            b"AMQP\x00\x00\x09\x01" + b"\x01\x00\x00\xff\xff\xff\xff", os.urandom(5000)):
                connection = socket.create_connection(("127.0.0.1", port), timeout=5)
                try:
                    connection.sendall(payload)
                except OSError:
                    pass  # it may have been closed on the first bytes
                held.append(connection)
        self.addCleanup(lambda: [connection.close() for connection in held])
        self.assertEqual(broker.request("GET", "/health/ready")[0], 200)
        time.sleep(1.0)
        _, reply = broker.request("GET", "/api/connections")
        silent = [c for c in reply["connections"] if c["received_bytes"] == 0]
        self.assertEqual(silent, [])
        self.assertEqual(broker.stop(), 0)

    def test_running_out_of_descriptors_is_survived(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        broker = self.start(preexec=few)
        held = [socket.create_connection(("127.0.0.1", broker.ports["amqp"]), timeout=5) for _ in range(100)]
        deadline = time.monotonic() + 10
        while "out of descriptors" not in broker.log and time.monotonic() < deadline:
            broker.read_log(0.5)
        self.assertIn("out of descriptors", broker.log)
        for connection in held:
            connection.close()

        def ready() -> bool:
            try:
                return broker.request("GET", "/health/ready")[0] == 200
            except ConnectionResetError:
                return False  # until it has seen that they are closed, it has no descriptor for anybody else
        self.assertTrue(eventually(ready))

    def test_connections_beyond_the_limit_are_closed(self):
        broker = self.start("server.connections_max=5")
        held = [socket.create_connection(("127.0.0.1", broker.ports["kafka"]), timeout=5) for _ in range(5)]
        time.sleep(0.2)
        extra = socket.create_connection(("127.0.0.1", broker.ports["kafka"]), timeout=5)
        self.assertEqual(extra.recv(1), b"")
        extra.close()
        for connection in held:
            connection.close()
        time.sleep(0.2)
        self.assertEqual(broker.request("GET", "/health/ready")[0], 200)

    def test_a_second_signal_ends_at_once(self):
        broker = self.start("server.stop_timeout_ms=60000")
        with wire.Amqp(broker.ports["amqp"]).socket:  # which does not say good-bye
            broker.process.send_signal(signal.SIGINT)
            time.sleep(0.8)
            broker.process.send_signal(signal.SIGINT)
            self.assertEqual(broker.wait(), 128 + signal.SIGTERM)
        self.assertIn("stopped at once", broker.log)

    def test_a_repeated_signal_is_the_same_one(self):
        broker = self.start()
        broker.request("PUT", "/api/queues/q", {})
        broker.request("POST", "/api/queues/q/messages", {"body": "x"})
        for _ in range(20):
            broker.process.send_signal(signal.SIGTERM)
            time.sleep(0.005)
        self.assertEqual(broker.wait(), 0)
        self.assertIn(" stopped\n", broker.log)
        broker = self.start()
        self.assertRegex(broker.log, r"recovered chunks=\d+ entries=[1-9]\d* replayed=0\n")
        broker.kill()
        broker = self.start()
        self.assertEqual(broker.request("GET", "/api/queues/q")[1]["ready"], 1)

    def test_logs_are_json_when_asked(self):
        broker = Broker(self.directory.name, "log.format=json")
        self.brokers.append(broker)
        with self.assertRaises(RuntimeError):
            Broker(self.directory.name, "log.format=json", "amqp.port=x").start()
        sets = [a for s in (*broker.settings,) for a in ("--set", s)]
        broker.process = subprocess.Popen([BINARY, "serve", "--data", self.directory.name, *sets], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while '"event":"ready"' not in broker.log and broker.read_log(deadline - time.monotonic()):
            pass
        for line in broker.log.splitlines():
            self.assertIn("event", json.loads(line))
        self.assertEqual(broker.stop(), 0)


if __name__ == "__main__":
    unittest.main()
