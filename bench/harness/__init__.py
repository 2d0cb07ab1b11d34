"""The benchmark harness: processes, measurements, rows, report."""
