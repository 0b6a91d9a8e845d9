// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Reads a data set, filters it and writes a {@link Shard}. Records are worked on in parallel and
 * written in the order of the source, so the shard does not depend on the number of threads. In
 * memory are a few records per thread, and of each record written its encoded index entry and its
 * signature: some 300 bytes.
 */
public final class Preparation {
  private static final int AHEAD_PER_THREAD = 4;

  private final RecordSource source;
  private final PreparationSettings settings;
  private final Progress progress;
  private final RecordPreparer preparer;
  private final DuplicateFinder duplicateFinder = new DuplicateFinder();
  private final List<PreparationReport.Skipped> skipped = new ArrayList<>();

  /** Position in the source of each record written. */
  private final IntList written = new IntList();

  private long samples;
  private long clipped;
  private long invalid;
  private long rPeaks;
  private double worstResidual;
  private String residualRecord = "";
  private String firstReason = "";

  /** Records by the rate they were recorded at, in Hz. */
  private final Map<Double, Integer> sourceRates = new TreeMap<>();

  /** Is told how far the preparation has come. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called from one thread after every record.
     *
     * @param done records read so far, skipped ones included
     * @param total records in all
     * @param perSecond records a second since the start
     */
    void update(int done, int total, double perSecond);
  }

  private Preparation(RecordSource source, PreparationSettings settings, Progress progress) {
    this.source = source;
    this.settings = settings;
    this.progress = progress;
    this.preparer = new RecordPreparer(settings.preset(), settings.rate());
  }

  /**
   * Prepares a data set.
   *
   * @param source the recordings
   * @param target the shard, replaced if it exists
   * @param settings how
   * @param progress is told after every record
   * @return what was done; the shard's provenance says it too
   * @throws DataException when no record can be used, when one cannot and that is to stop the
   *     preparation, or when the shard cannot be written; nothing is left behind
   * @throws InterruptedIOException when the thread is interrupted; nothing is left behind
   */
  public static PreparationReport run(
      RecordSource source, Path target, PreparationSettings settings, Progress progress)
      throws IOException {
    return new Preparation(source, settings, progress).run(target);
  }

  private PreparationReport run(Path target) throws IOException {
    long start = System.nanoTime();
    Vocabulary vocabulary =
        Vocabulary.collect(
            () -> IntStream.range(0, source.size()).mapToObj(source::subject).iterator(),
            settings.policy(),
            source::isDiagnostic);
    try (DataSetWriter writer =
        new DataSetWriter(
            target, settings.partBytes(), settings.rate(), settings.preset(), vocabulary)) {
      writeRecords(writer, start);
      if (writer.size() == 0) {
        throw new DataException(
            target,
            "none of the "
                + source.size()
                + " records of "
                + source.name()
                + " can be used"
                + (firstReason.isEmpty() ? "" : "; the first: " + firstReason),
            "check the source");
      }
      List<PreparationReport.Duplicate> duplicates = new ArrayList<>();
      for (DuplicateFinder.Pair pair : duplicateFinder.find()) {
        writer.markDuplicate(pair.record(), pair.of());
        duplicates.add(
            new PreparationReport.Duplicate(
                source.id(written.get(pair.record())), source.id(written.get(pair.of()))));
      }
      PreparationReport report =
          new PreparationReport(
              writer.size(),
              writer.patients(),
              samples,
              clipped,
              invalid,
              rPeaks,
              worstResidual,
              residualRecord,
              skipped,
              duplicates,
              vocabulary.dropped(),
              (System.nanoTime() - start) / 1e9);
      writer.finish(provenance(report, vocabulary));
      return report;
    }
  }

  private void writeRecords(DataSetWriter writer, long start) throws IOException {
    int total = source.size();
    Deque<Future<Work>> pending = new ArrayDeque<>();
    ExecutorService workers = Executors.newFixedThreadPool(settings.threads());
    try {
      int submitted = 0;
      for (int i = 0; i < total; i++) {
        while (submitted < total && pending.size() < settings.threads() * AHEAD_PER_THREAD) {
          int index = submitted++;
          pending.add(workers.submit(() -> work(index)));
        }
        Work done = await(pending.remove(), i);
        if (done != null) {
          write(writer, i, done);
        }
        progress.update(i + 1, total, (i + 1) / ((System.nanoTime() - start) / 1e9));
      }
    } finally {
      workers.shutdownNow();
    }
  }

  /** A record that is ready to be written. */
  private record Work(Subject subject, RecordPreparer.Prepared prepared) {}

  private Work work(int index) throws IOException {
    return new Work(source.subject(index), preparer.prepare(source.read(index)));
  }

  /** The prepared record, or null when it was bad and is to be skipped. */
  private Work await(Future<Work> future, int index) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the preparation was interrupted");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      if (settings.onBadRecord() == PreparationSettings.OnBadRecord.FAIL) {
        throw new DataException(
            Path.of(source.id(index)),
            0,
            "the record cannot be used: " + reason,
            "repair it, or skip bad records with --on-bad-record skip",
            cause);
      }
      skipped.add(new PreparationReport.Skipped(source.id(index), reason));
      if (firstReason.isEmpty()) {
        firstReason = reason;
      }
      return null;
    }
  }

  private void write(DataSetWriter writer, int index, Work done) throws IOException {
    RecordPreparer.Prepared prepared = done.prepared();
    QuantizedSignals signals = prepared.signals();
    int record = writer.add(source.id(index), done.subject(), signals, prepared.rPeaks());
    duplicateFinder.add(record, prepared.signature());
    written.add(index);
    samples += signals.length();
    clipped += signals.clipped();
    rPeaks += prepared.rPeaks().length;
    for (short[] row : signals.microvolts()) {
      for (short value : row) {
        invalid += value == QuantizedSignals.INVALID ? 1 : 0;
      }
    }
    if (prepared.residual() > worstResidual) {
      worstResidual = prepared.residual();
      residualRecord = source.id(index);
    }
    sourceRates.merge(prepared.sourceRate(), 1, Integer::sum);
  }

  private Map<String, Object> provenance(PreparationReport report, Vocabulary vocabulary) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dataset", source.name());
    result.put("notes", source.notes());
    result.put("command", settings.command());
    result.put("created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    result.put("version", version());
    result.put(
        "preprocessing",
        Map.of("preset", settings.preset().id(), "filter", settings.preset().description()));
    result.put("rate", settings.rate());
    result.put("source_rates", sourceRates);
    result.put("leads", Lead.INDEPENDENT.stream().map(Lead::label).toList());
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("minimum_likelihood", settings.policy().minimumLikelihood());
    policy.put("unknown_likelihood", settings.policy().keepUnknown() ? "kept" : "dropped");
    policy.put("diagnostic_only", settings.policy().diagnosticOnly());
    policy.put("labels", vocabulary.labels());
    policy.put("superclasses", vocabulary.superclasses());
    policy.put("dropped", vocabulary.dropped());
    result.put("vocabulary", policy);
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("records", report.records());
    counts.put("patients", report.patients());
    counts.put("samples", report.samples());
    counts.put("clipped", report.clipped());
    counts.put("invalid", report.invalid());
    counts.put("r_peaks", report.rPeaks());
    counts.put("skipped", report.skipped().size());
    counts.put("duplicates", report.duplicates().size());
    result.put("counts", counts);
    result.put("einthoven_mv", report.worstResidual());
    result.put("skipped", report.skipped());
    result.put("duplicates", report.duplicates());
    return result;
  }

  private static String version() {
    return Optional.ofNullable(Preparation.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
