import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Counts a suite's checks: one line each, {@code N passed, N failed} at the end. */
final class Checks {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static int passed;
  private static int failed;

  interface Section {
    void run() throws Exception;
  }

  private Checks() {}

  static synchronized void check(String name, boolean holds, Object detail) {
    if (holds) {
      passed++;
      System.out.println("ok    " + name);
    } else {
      failed++;
      System.out.println("FAIL  " + name + ": " + detail);
    }
  }

  static void equal(String name, Object got, Object expected) {
    check(name, Objects.equals(got, expected), "got " + got + ", expected " + expected);
  }

  /** The name of the root cause of what {@code action} throws, or "accepted". */
  static String refusal(Callable<?> action) {
    try {
      action.call();
      return "accepted";
    } catch (Exception error) {
      Throwable cause = error;
      while (cause.getCause() != null) cause = cause.getCause();
      return cause.getClass().getSimpleName();
    }
  }

  /** Runs one group of checks; an exception fails it and lets the next group run. */
  static void section(String name, Section body) {
    try {
      body.run();
    } catch (Exception | AssertionError error) {
      error.printStackTrace();
      check(name, false, error);
    }
  }

  static boolean eventually(BooleanSupplier condition, long timeoutMs) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) return false;
      Thread.sleep(20);
    }
    return true;
  }

  /** A name that no earlier run has used, so that a suite can run twice on one broker. */
  static String unique(String name) {
    return name + "-" + RUN;
  }

  static void restartBroker() throws Exception {
    int status = new ProcessBuilder("sh", "-c", System.getenv("GODWIT_RESTART")).inheritIO().start().waitFor();
    if (status != 0) throw new IllegalStateException("the broker did not restart");
  }

  /** Ends the suite as failed when it hangs. */
  static void limit(long seconds) {
    Thread watch = new Thread(() -> {
      try {
        Thread.sleep(seconds * 1000);
      } catch (InterruptedException stopped) {
        return;
      }
      check("the suite ends within " + seconds + " s", false, "still running");
      finish();
    });
    watch.setDaemon(true);
    watch.start();
  }

  static void finish() {
    System.out.println(passed + " passed, " + failed + " failed");
    System.out.flush();
    Runtime.getRuntime().halt(failed > 0 || passed == 0 ? 1 : 0);
  }
}
