// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * The windows into which records are cut, and which of them are used.
 *
 * <p>A window has {@value #LENGTH} samples and starts at 0, {@value #HOP}, 2·{@value #HOP}, … of
 * its record; a last one ends where the record ends. A record shorter than a window has none.
 *
 * <p>A window is unusable when a stored lead has an invalid sample in it, or is flat: its samples
 * differ by no more than {@value #FLAT_MICROVOLTS} µV. Evaluation rejects nothing else. Training
 * also rejects a window more than {@value #MOST_OUTLIERS} of whose twelve leads lie outside {@link
 * WindowLimits}.
 */
public final class Windows {
  /** Samples in a window. */
  public static final int LENGTH = 256;

  /** Samples from one window to the next. */
  public static final int HOP = 64;

  /** Largest range of a flat lead in µV: what rounding to whole microvolts can leave. */
  static final int FLAT_MICROVOLTS = 2;

  /** Leads of a training window that may lie outside the limits. */
  static final int MOST_OUTLIERS = 3;

  private Windows() {}

  /**
   * The windows of a selection of records, in the order of records and starts.
   *
   * @param records index in the shard of each window's record
   * @param starts first sample of each window
   * @param invalid windows left out because a lead has an invalid sample
   * @param flat windows left out because a lead is flat
   * @param outliers windows left out because too many leads lie outside the limits
   * @param tooShort records that are shorter than a window
   */
  public record Selection(
      int[] records, int[] starts, int invalid, int flat, int outliers, int tooShort) {
    /** Number of windows. */
    public int size() {
      return records.length;
    }
  }

  /** First samples of the windows of a record of this length, ascending. */
  public static int[] starts(int length) {
    if (length < LENGTH) {
      return new int[0];
    }
    int last = length - LENGTH;
    int regular = last / HOP + 1;
    boolean extra = last % HOP != 0;
    int[] starts = new int[regular + (extra ? 1 : 0)];
    for (int i = 0; i < regular; i++) {
      starts[i] = i * HOP;
    }
    if (extra) {
      starts[regular] = last;
    }
    return starts;
  }

  /**
   * The windows on which an evaluation rests.
   *
   * @param records indices of the shard's records
   */
  public static Selection forEvaluation(Shard shard, int[] records) {
    return select(shard, records, null);
  }

  /**
   * The windows on which training rests.
   *
   * @param records indices of the shard's records
   * @param limits from {@link WindowLimits#measure} over the training records
   */
  public static Selection forTraining(Shard shard, int[] records, WindowLimits limits) {
    return select(shard, records, limits);
  }

  private static Selection select(Shard shard, int[] records, WindowLimits limits) {
    IntList chosenRecords = new IntList();
    IntList chosenStarts = new IntList();
    int[] counts = new int[WindowScan.Verdict.values().length];
    int tooShort = 0;
    WindowScan scan = new WindowScan(shard);
    for (int record : records) {
      int length = shard.record(record).length();
      if (length < LENGTH) {
        tooShort++;
        continue;
      }
      scan.load(record);
      for (int start : starts(length)) {
        WindowScan.Verdict verdict = scan.look(start, limits != null);
        if (verdict == WindowScan.Verdict.USABLE
            && limits != null
            && limits.outside(scan.maxima(), scan.rms()) > MOST_OUTLIERS) {
          verdict = WindowScan.Verdict.OUTLIER;
        }
        counts[verdict.ordinal()]++;
        if (verdict == WindowScan.Verdict.USABLE) {
          chosenRecords.add(record);
          chosenStarts.add(start);
        }
      }
    }
    return new Selection(
        chosenRecords.toArray(),
        chosenStarts.toArray(),
        counts[WindowScan.Verdict.INVALID.ordinal()],
        counts[WindowScan.Verdict.FLAT.ordinal()],
        counts[WindowScan.Verdict.OUTLIER.ordinal()],
        tooShort);
  }
}
