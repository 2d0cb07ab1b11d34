"""Counts a suite's checks: one line each, `N passed, N failed` at the end."""

import os
import shlex
import subprocess
import sys
import threading
import time
import traceback
import uuid

_passed = 0
_failed = 0
_run = uuid.uuid4().hex[:8]


def check(name: str, holds: bool, detail: object = "") -> None:
    global _passed, _failed
    if holds:
        _passed += 1
        print(f"ok    {name}", flush=True)
    else:
        _failed += 1
        print(f"FAIL  {name}: {detail}", flush=True)


def check_equal(name: str, got: object, expected: object) -> None:
    check(name, got == expected, f"got {got!r}, expected {expected!r}")


def section(run) -> None:
    """Runs one group of checks; an exception fails it and lets the next group run."""
    try:
        run()
    except Exception as error:  # whatever a client throws is this section's failure
        traceback.print_exc()
        check(run.__name__, False, f"{type(error).__name__} {error}")


def eventually(condition, timeout_s: float = 15) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def unique(name: str) -> str:
    """A name that no earlier run has used, so that a suite can run twice on one broker."""
    return f"{name}-{_run}"


def address(variable: str) -> tuple[str, int]:
    host, port = os.environ[variable].rsplit(":", 1)
    return host, int(port)


def restart_broker() -> None:
    subprocess.run(shlex.split(os.environ["GODWIT_RESTART"]), check=True)


def finish(time_limit: threading.Timer) -> None:
    time_limit.cancel()
    print(f"{_passed} passed, {_failed} failed", flush=True)
    sys.stdout.flush()
    os._exit(1 if _failed or not _passed else 0)


def time_limit(seconds: float) -> threading.Timer:
    """Ends the suite as failed when it hangs."""
    def expire():
        print(f"FAIL  still running after {seconds:.0f} s", flush=True)
        print(f"{_passed} passed, {_failed + 1} failed", flush=True)
        os._exit(1)
    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    return timer
