// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Two result files side by side: for every case how many times longer a pass takes in the second
 * file, with a 95 % interval over rounds, or over runs where both have four of them, and what may
 * be said about it at a threshold.
 *
 * @param threshold share below which a difference does not matter, 0.05 for 5 %
 * @param rows the cases that both files measured, in order
 * @param onlyBase cases that the second file lacks, or has no figures for
 * @param onlyOther cases that the first file lacks, or has no figures for
 * @param differences what of machine, build and settings is not the same
 */
public record Comparison(
    double threshold,
    List<Row> rows,
    List<BenchmarkCase> onlyBase,
    List<BenchmarkCase> onlyOther,
    List<Difference> differences) {

  /** Settings and facts of an environment that figures depend on. */
  private static final List<String> FACTS =
      List.of(
          "commit",
          "version",
          "backend",
          "device",
          "gpu",
          "threads",
          "cpu",
          "cores",
          "governor",
          "memory_bytes",
          "system",
          "jdk",
          "compiler",
          "torch",
          "nvcc");

  /** Runs a side from which the rank-sum test has an interval. */
  private static final int LEAST_RUNS = 4;

  /** What the interval of a ratio allows to say. */
  public enum Verdict {
    /** The whole interval lies above 1 + threshold. */
    SLOWER,
    /** The whole interval lies below 1 - threshold. */
    FASTER,
    /** The whole interval lies between the two. */
    SAME,
    /** The interval reaches over a bound, or there are too few rounds for one. */
    OPEN
  }

  /**
   * A case that both files measured.
   *
   * @param id the case
   * @param base median time in the first file in ms; of a ceiling its rate
   * @param other the same of the second file
   * @param runs runs that the ratio's interval is over, the fewer of the two files; 0 where it is
   *     over rounds
   * @param ratio time of the second over time of the first; of ceilings, first rate over second, so
   *     that more than 1 is slower either way
   * @param verdict what may be said
   */
  public record Row(
      BenchmarkCase id, double base, double other, int runs, RankRatio ratio, Verdict verdict) {}

  /**
   * A fact of the environments that differs.
   *
   * @param fact its name in the file
   * @param base its value in the first file
   * @param other its value in the second
   */
  public record Difference(String fact, String base, String other) {}

  public Comparison {
    rows = List.copyOf(rows);
    onlyBase = List.copyOf(onlyBase);
    onlyOther = List.copyOf(onlyOther);
    differences = List.copyOf(differences);
  }

  /**
   * Compares two files.
   *
   * @param base what is compared with
   * @param other what is judged
   */
  public static Comparison of(ResultFile base, ResultFile other, double threshold) {
    if (!(threshold > 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "the threshold must lie between 0 and 100 %%, was %s %%".formatted(100 * threshold));
    }
    Map<BenchmarkCase, Figures> first = figures(base);
    Map<BenchmarkCase, Figures> second = figures(other);
    List<Row> rows = new ArrayList<>();
    first.forEach(
        (id, figures) -> {
          if (second.containsKey(id)) {
            rows.add(row(id, figures, second.get(id), threshold));
          }
        });
    return new Comparison(
        threshold,
        rows,
        without(first.keySet(), second.keySet()),
        without(second.keySet(), first.keySet()),
        differences(base, other));
  }

  /**
   * Figures of one case.
   *
   * @param median over all passes, or of all rounds where a file has the case several times
   * @param runs a figure a round, for each time that the file has the case
   */
  private record Figures(double median, List<double[]> runs) {
    /** Of a case that a file has once more. */
    Figures and(Figures more) {
      List<double[]> all = new ArrayList<>(runs);
      all.addAll(more.runs);
      return new Figures(Timing.median(rounds(all)), all);
    }

    private static double[] rounds(List<double[]> runs) {
      return runs.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** The independent figures: medians of runs, or the rounds of all. */
    double[] sample(boolean overRuns) {
      return overRuns ? runs.stream().mapToDouble(Timing::median).toArray() : rounds(runs);
    }
  }

  private static Map<BenchmarkCase, Figures> figures(ResultFile file) {
    Map<BenchmarkCase, Figures> figures = new TreeMap<>();
    for (Measurement measurement : file.measurements()) {
      if (!measurement.measured()) {
        continue;
      }
      double median = measurement.id().isCeiling() ? measurement.value() : measurement.medianMs();
      double[] rounds = measurement.rounds();
      figures.merge(
          measurement.id(),
          new Figures(median, List.of(rounds.length == 0 ? new double[] {median} : rounds)),
          Figures::and);
    }
    return figures;
  }

  private static Row row(BenchmarkCase id, Figures base, Figures other, double threshold) {
    int runs = Math.min(base.runs.size(), other.runs.size());
    // Rounds of one run share its minutes. Where there are runs enough, they are what is compared.
    boolean overRuns = runs >= LEAST_RUNS;
    double[] first = base.sample(overRuns);
    double[] second = other.sample(overRuns);
    RankRatio ratio = id.isCeiling() ? RankRatio.of(second, first) : RankRatio.of(first, second);
    return new Row(
        id, base.median, other.median, overRuns ? runs : 0, ratio, verdict(ratio, threshold));
  }

  private static Verdict verdict(RankRatio ratio, double threshold) {
    if (!ratio.bounded()) {
      return Verdict.OPEN;
    }
    if (ratio.low() > 1 + threshold) {
      return Verdict.SLOWER;
    }
    if (ratio.high() < 1 - threshold) {
      return Verdict.FASTER;
    }
    boolean inside = ratio.low() >= 1 - threshold && ratio.high() <= 1 + threshold;
    return inside ? Verdict.SAME : Verdict.OPEN;
  }

  private static List<BenchmarkCase> without(Set<BenchmarkCase> all, Set<BenchmarkCase> others) {
    Set<BenchmarkCase> rest = new TreeSet<>(all);
    rest.removeAll(others);
    return List.copyOf(rest);
  }

  private static List<Difference> differences(ResultFile base, ResultFile other) {
    List<Difference> differences = new ArrayList<>();
    for (String fact : FACTS) {
      String first = fact(base, fact);
      String second = fact(other, fact);
      if (!first.equals(second)) {
        differences.add(new Difference(fact, first, second));
      }
    }
    return differences;
  }

  /** All values that a file gives for a fact; {@code not said} where it gives none. */
  private static String fact(ResultFile file, String fact) {
    Set<String> values = new TreeSet<>();
    for (ObjectNode environment : file.environments()) {
      if (environment.hasNonNull(fact)) {
        values.add(
            environment.get(fact).isValueNode()
                ? environment.get(fact).asText()
                : environment.get(fact).toString());
      }
    }
    return values.isEmpty() ? "not said" : String.join(" / ", values);
  }

  /** The cases of a program's work that got slower, beyond doubt and threshold. */
  public List<Row> regressions() {
    return rows.stream()
        .filter(row -> row.verdict() == Verdict.SLOWER && !row.id().isCeiling())
        .toList();
  }

  /** The comparison as one document. */
  public ObjectNode toJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("threshold", threshold).put("regressions", regressions().size());
    ArrayNode cases = root.putArray("cases");
    for (Row row : rows) {
      ObjectNode line = cases.addObject().put("case", row.id().toString());
      line.put("base", row.base()).put("other", row.other());
      line.put("ratio", row.ratio().estimate());
      if (row.runs() > 0) {
        line.put("runs", row.runs());
      }
      if (row.ratio().bounded()) {
        line.putArray("ratio_95").add(row.ratio().low()).add(row.ratio().high());
      }
      line.put("verdict", row.verdict().name().toLowerCase(Locale.ROOT));
    }
    root.set("only_base", names(onlyBase));
    root.set("only_other", names(onlyOther));
    ArrayNode environments = root.putArray("differences");
    for (Difference difference : differences) {
      environments
          .addObject()
          .put("fact", difference.fact())
          .put("base", difference.base())
          .put("other", difference.other());
    }
    return root;
  }

  private static ArrayNode names(List<BenchmarkCase> cases) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    cases.forEach(id -> names.add(id.toString()));
    return names;
  }
}
