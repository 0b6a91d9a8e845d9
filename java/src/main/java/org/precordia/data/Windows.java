// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

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

  /** Windows on which statistics rest at most, such as means, percentiles or normal equations. */
  public static final int MOST_MEASURED = 1 << 20;

  /** Records that one task looks at. */
  private static final int TASK = 1 << 10;

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

    /** The positions at which another record's windows begin. */
    public int[] firsts() {
      return IntStream.range(0, records.length)
          .filter(i -> i == 0 || records[i] != records[i - 1])
          .toArray();
    }

    /**
     * All windows of every k-th record, k being the smallest that leaves about so many; the
     * selection itself where it is no larger. Counts of what was left out stay.
     */
    public Selection thinned(int most) {
      if (size() <= most) {
        return this;
      }
      int step = stride(size(), most);
      int[] firsts = firsts();
      IntList keptRecords = new IntList();
      IntList keptStarts = new IntList();
      for (int i = 0; i < firsts.length; i += step) {
        int end = i + 1 < firsts.length ? firsts[i + 1] : size();
        for (int w = firsts[i]; w < end; w++) {
          keptRecords.add(records[w]);
          keptStarts.add(starts[w]);
        }
      }
      return new Selection(
          keptRecords.toArray(), keptStarts.toArray(), invalid, flat, outliers, tooShort);
    }
  }

  /** The k for which every k-th of so many things is about so many. */
  static int stride(long count, int most) {
    return Math.toIntExact((count + most - 1) / most);
  }

  /** Number of windows of a record of this length. */
  static int count(int length) {
    int last = length - LENGTH;
    return last < 0 ? 0 : last / HOP + (last % HOP == 0 ? 1 : 2);
  }

  /** First samples of the windows of a record of this length, ascending. */
  public static int[] starts(int length) {
    if (length < LENGTH) {
      return new int[0];
    }
    int[] starts = new int[count(length)];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = Math.min(i * HOP, length - LENGTH);
    }
    return starts;
  }

  /**
   * The windows on which an evaluation rests.
   *
   * @param records indices of the shard's records, ascending
   */
  public static Selection forEvaluation(Shard shard, int[] records) {
    return select(shard, records, null);
  }

  /**
   * The windows on which training rests.
   *
   * @param records indices of the shard's records, ascending
   * @param limits from {@link WindowLimits#measure} over the training records
   */
  public static Selection forTraining(Shard shard, int[] records, WindowLimits limits) {
    return select(shard, records, limits);
  }

  /** Tasks look at records side by side; their results are put together in order. */
  private static Selection select(Shard shard, int[] records, WindowLimits limits) {
    int tasks = (records.length + TASK - 1) / TASK;
    List<Chosen> parts =
        IntStream.range(0, tasks)
            .parallel()
            .mapToObj(
                task -> {
                  int end = Math.min((task + 1) * TASK, records.length);
                  Chosen chosen = new Chosen();
                  chosen.add(shard, Arrays.copyOfRange(records, task * TASK, end), limits);
                  shard.passed(records[task * TASK], records[end - 1] + 1);
                  return chosen;
                })
            .toList();
    return new Selection(
        joined(parts, part -> part.records),
        joined(parts, part -> part.starts),
        parts.stream().mapToInt(part -> part.count(WindowScan.Verdict.INVALID)).sum(),
        parts.stream().mapToInt(part -> part.count(WindowScan.Verdict.FLAT)).sum(),
        parts.stream().mapToInt(part -> part.count(WindowScan.Verdict.OUTLIER)).sum(),
        parts.stream().mapToInt(part -> part.tooShort).sum());
  }

  private static int[] joined(List<Chosen> parts, Function<Chosen, IntList> list) {
    int[] result = new int[parts.stream().mapToInt(part -> list.apply(part).size()).sum()];
    int at = 0;
    for (Chosen part : parts) {
      int[] values = list.apply(part).toArray();
      System.arraycopy(values, 0, result, at, values.length);
      at += values.length;
    }
    return result;
  }

  /** What is chosen of some records. */
  private static final class Chosen {
    private final IntList records = new IntList();
    private final IntList starts = new IntList();
    private final int[] counts = new int[WindowScan.Verdict.values().length];
    private int tooShort;

    int count(WindowScan.Verdict verdict) {
      return counts[verdict.ordinal()];
    }

    void add(Shard shard, int[] some, WindowLimits limits) {
      WindowScan scan = new WindowScan(shard);
      for (int record : some) {
        int length = shard.length(record);
        if (length < LENGTH) {
          tooShort++;
          continue;
        }
        scan.load(record);
        for (int start : Windows.starts(length)) {
          WindowScan.Verdict verdict = scan.look(start, limits != null);
          if (verdict == WindowScan.Verdict.USABLE
              && limits != null
              && limits.outside(scan.maxima(), scan.rms()) > MOST_OUTLIERS) {
            verdict = WindowScan.Verdict.OUTLIER;
          }
          counts[verdict.ordinal()]++;
          if (verdict == WindowScan.Verdict.USABLE) {
            records.add(record);
            starts.add(start);
          }
        }
      }
    }
  }
}
