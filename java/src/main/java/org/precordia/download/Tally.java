// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.util.ArrayList;
import java.util.List;

/** Counts what the workers of a download do, and tells who watches. Safe for concurrent use. */
final class Tally {
  private static final long TELL_EVERY = 1 << 18;

  private final int files;
  private final int mostFailures;
  private final Downloader.Progress progress;
  private final long start = System.nanoTime();
  private final List<String> replaced = new ArrayList<>();
  private final List<DownloadReport.Missing> missing = new ArrayList<>();
  private int kept;
  private int fetched;
  private long bytes;
  private long told;
  private int failuresInARow;

  /**
   * @param files how many are wanted
   * @param mostFailures files in a row that the server fails to give, before it counts as gone
   */
  Tally(int files, int mostFailures, Downloader.Progress progress) {
    this.files = files;
    this.mostFailures = mostFailures;
    this.progress = progress;
  }

  synchronized void received(long count) {
    bytes += count;
    if (bytes - told >= TELL_EVERY) {
      tell();
    }
  }

  synchronized void done(Checksums.Entry entry, Transfer.Outcome outcome) {
    switch (outcome) {
      case KEPT -> kept++;
      case FETCHED -> fetched++;
      case REPLACED -> {
        fetched++;
        replaced.add(entry.path());
      }
    }
    failuresInARow = outcome == Transfer.Outcome.KEPT ? failuresInARow : 0;
    tell();
  }

  synchronized void failed(Checksums.Entry entry, String reason, boolean passing) {
    missing.add(new DownloadReport.Missing(entry.path(), reason));
    failuresInARow = passing ? failuresInARow + 1 : 0;
    tell();
  }

  /** Whether so many files failed in a row that the server, not the files, must be at fault. */
  synchronized boolean isServerGone() {
    return failuresInARow >= mostFailures;
  }

  private void tell() {
    told = bytes;
    progress.at(kept + fetched + missing.size(), files, bytes);
  }

  synchronized DownloadReport report(boolean stopped) {
    double seconds = (System.nanoTime() - start) / 1e9;
    String advice =
        isServerGone()
            ? "the server failed to give %d files in a row".formatted(failuresInARow)
            : "";
    return new DownloadReport(
        files, kept, fetched, replaced, missing, bytes, seconds, stopped, advice);
  }
}
