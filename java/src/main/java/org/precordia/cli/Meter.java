// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress of long work with rate and time left: a bar on a terminal, a line every ten seconds
 * otherwise.
 */
final class Meter implements AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;

  private final String task;
  private final String unit;
  private final long total;
  private final Output output;
  private final ProgressBar bar;
  private final long start = System.nanoTime();
  private long lastLine = start;
  private long first = -1;

  /**
   * @param task what is being done
   * @param unit what is counted, for example {@code records}
   * @param total how many there are
   */
  Meter(Output output, String task, String unit, long total) {
    this.output = output;
    this.task = task;
    this.unit = unit;
    this.total = total;
    this.bar =
        output.terminal()
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + unit, 1)
                .setSpeedUnit(ChronoUnit.SECONDS)
                .showSpeed()
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .clearDisplayOnFinish()
                .build()
            : null;
  }

  /** {@code done} of the total are done. */
  void at(long done) {
    at(done, "");
  }

  /** {@code done} of the total are done, and something to say about it. */
  void at(long done, String extra) {
    if (first < 0) {
      first = done;
    }
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(extra);
      return;
    }
    long now = System.nanoTime();
    if (now - lastLine >= LINE_NANOS) {
      lastLine = now;
      double rate = (done - first) / ((now - start) / 1e9);
      String left = rate > 0 ? span((total - done) / rate) + " left" : "";
      output.line(
          "%s: %d of %d %s, %.1f/s, %s%s"
              .formatted(task, done, total, unit, rate, left, extra.isEmpty() ? "" : ", " + extra));
    }
  }

  /** A line that stays, above a bar if there is one. */
  void say(String text) {
    if (bar != null) {
      System.err.print("\r\u001b[K");
    }
    output.line(text);
  }

  /** A duration as people write it. */
  static String span(double seconds) {
    Duration d = Duration.ofMillis(Math.round(seconds * 1000));
    if (d.toHours() > 0) {
      return "%d h %02d min".formatted(d.toHours(), d.toMinutesPart());
    }
    return d.toMinutes() > 0
        ? "%d min %02d s".formatted(d.toMinutes(), d.toSecondsPart())
        : "%.1f s".formatted(seconds);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
