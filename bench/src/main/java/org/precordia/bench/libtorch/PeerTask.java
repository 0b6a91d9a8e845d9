// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.precordia.benchmark.BenchmarkCase;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.RankRatio;
import org.precordia.benchmark.Timing;

/**
 * One piece of work, by Precordia and by others.
 *
 * @param subject its name in results
 * @param variant what is measured of Precordia
 * @param shape sizes
 * @param own Precordia's
 * @param rivals others, made only once Precordia's has run
 * @param value the figure of a result, from milliseconds of a pass
 * @param unit of the figure
 */
record PeerTask(
    String subject,
    String variant,
    SortedMap<String, String> shape,
    Work own,
    List<Rival> rivals,
    Function<Double, Double> value,
    String unit) {

  /** Stage of the lines. */
  private static final String STAGE = "peer";

  /**
   * Somebody else's form of the work.
   *
   * @param work null where there is none
   * @param note why there is none, or what is to be known of the figure
   */
  record Rival(String variant, Work work, String note) {}

  /** What came out: lines of a result file, and sentences for a reader. */
  record Outcome(List<Measurement> lines, List<String> sentences) {}

  /** Compares the results, then measures in turns. */
  Outcome run(int rounds, double seconds) {
    List<Measurement> lines = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    List<Rival> running = rivals.stream().filter(rival -> rival.work != null).toList();
    own.run();
    float[] reference = own.result();
    List<Double> errors = new ArrayList<>();
    for (Rival rival : running) {
      rival.work.run();
      float[] result = rival.work.result();
      errors.add(
          result.length == 0
              ? Double.NaN
              : Agreement.check(subject + ", " + rival.variant, reference, result));
    }
    List<Work> contestants = new ArrayList<>(List.of(own));
    running.forEach(rival -> contestants.add(rival.work));
    List<Timing> timings = Turns.measure(contestants, rounds, seconds);
    Timing ours = timings.getFirst();
    lines.add(timed(variant, ours).build());
    sentences.add("%s: %s %.4g ms".formatted(title(), variant, ours.medianMs()));
    for (int i = 0; i < running.size(); i++) {
      Rival rival = running.get(i);
      Timing theirs = timings.get(i + 1);
      RankRatio ratio = RankRatio.of(ours.rounds(), theirs.rounds());
      Measurement.Builder line = timed(rival.variant, theirs).number("ratio", ratio.estimate());
      line.number("ratio_low", ratio.low()).number("ratio_high", ratio.high());
      line.number("error", errors.get(i));
      lines.add(rival.note.isEmpty() ? line.build() : line.text("note", rival.note).build());
      sentences.add(sentence(rival.variant, theirs, ratio, errors.get(i)));
    }
    for (Rival rival : rivals) {
      if (rival.work == null) {
        lines.add(
            Measurement.of(id(rival.variant)).failed(Measurement.UNSUPPORTED, rival.note).build());
        sentences.add("  %s: absent: %s".formatted(rival.variant, rival.note));
      }
    }
    return new Outcome(lines, sentences);
  }

  private static String sentence(String who, Timing theirs, RankRatio ratio, double error) {
    String bounds =
        ratio.bounded() ? " (95 %%: %.3f to %.3f)".formatted(ratio.low(), ratio.high()) : "";
    String agreement = Double.isNaN(error) ? "" : ", results differ by %.2g".formatted(error);
    return "  %s %.4g ms, %.3f times Precordia's%s%s"
        .formatted(who, theirs.medianMs(), ratio.estimate(), bounds, agreement);
  }

  private String title() {
    return id(variant).subject() + " (" + id(variant).shapeText() + ")";
  }

  private BenchmarkCase id(String who) {
    return new BenchmarkCase(STAGE, subject, who, "fp32", "", shape);
  }

  private Measurement.Builder timed(String who, Timing timing) {
    return Measurement.of(id(who)).times(timing).value(value.apply(timing.medianMs()), unit);
  }

  /** Sizes by name, from name and value in turn. */
  static SortedMap<String, String> sizes(Object... namesAndValues) {
    SortedMap<String, String> sizes = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      sizes.put(namesAndValues[i].toString(), namesAndValues[i + 1].toString());
    }
    return sizes;
  }
}
