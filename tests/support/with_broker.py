"""Runs a command with a fresh broker of its own: GODWIT_AMQP, GODWIT_KAFKA and GODWIT_RESTART are set for it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from broker import ROOT, Broker

if len(sys.argv) < 2:
    sys.exit("usage: with_broker.py COMMAND...")
(ROOT / "build").mkdir(exist_ok=True)
with tempfile.TemporaryDirectory(prefix="broker-", dir=ROOT / "build") as folder:
    with Broker(Path(folder)) as broker:
        code = subprocess.run(sys.argv[1:], env={**os.environ, **broker.environment()}).returncode
sys.exit(code)
