// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.precordia.benchmark.Comparison;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ResultFile;
import org.precordia.report.html.Figures;
import org.precordia.report.html.Markup;
import org.precordia.report.html.Page;

/**
 * Benchmark results as one self-contained page. Several files are read as parts of one run; two
 * that measured the same cases are compared, and the second is what the page shows.
 */
public final class BenchReport {
  private static final double THRESHOLD = 0.05;

  private final List<Input> inputs;
  private final ResultFile shown;
  private final Optional<Comparison> comparison;

  /**
   * A result file.
   *
   * @param name how the page calls it
   * @param file its content
   */
  public record Input(String name, ResultFile file) {}

  /**
   * @param inputs at least one
   */
  public BenchReport(List<Input> inputs) {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("a report needs at least one result file");
    }
    this.inputs = List.copyOf(inputs);
    this.comparison =
        inputs.size() == 2
            ? Optional.of(Comparison.of(inputs.get(0).file(), inputs.get(1).file(), THRESHOLD))
                .filter(both -> !both.rows().isEmpty())
            : Optional.empty();
    this.shown =
        comparison.isPresent()
            ? inputs.get(1).file()
            : new ResultFile(
                inputs.stream().flatMap(i -> i.file().environments().stream()).toList(),
                inputs.stream().flatMap(i -> i.file().measurements().stream()).toList());
  }

  /** The page. */
  public String render() {
    List<Measurement> lines = shown.measurements().stream().filter(Measurement::measured).toList();
    Page page = new Page("Benchmark report", title(), subtitle(lines), "");
    summary(page.section("summary", "In short"), lines);
    new RooflineSection(lines).write(page.section("roofline", "Against the ceilings"));
    new OpSection(lines).write(page.section("ops", "Where the time goes"));
    new ScalingSection(lines).write(page.section("scaling", "Scaling"));
    new PeerSection(lines).write(page.section("peers", "Beside others"));
    comparison.ifPresent(
        both ->
            new ComparisonSection(both, inputs.get(0).name(), inputs.get(1).name())
                .write(page.section("comparison", "Two files compared")));
    new EnvironmentSection(shown, missing())
        .write(page.section("environment", "Machine and build"));
    return page.render();
  }

  private String title() {
    return shown.environments().stream()
        .map(BenchReport::device)
        .filter(name -> !name.isEmpty())
        .distinct()
        .collect(
            Collectors.collectingAndThen(
                Collectors.joining(" and "), t -> t.isEmpty() ? "Benchmark" : t));
  }

  private static String device(ObjectNode environment) {
    String gpu =
        environment.path("gpu").isObject()
            ? environment.path("gpu").path("name").asText()
            : environment.path("gpu").asText("");
    if (!gpu.isEmpty() && !gpu.equals("null")) {
      return gpu;
    }
    String device = environment.path("device").asText("");
    return device.isEmpty() ? environment.path("cpu").asText("") : device;
  }

  private String subtitle(List<Measurement> lines) {
    String date =
        shown.environments().stream()
            .map(e -> e.path("date").asText(""))
            .filter(d -> d.length() >= 10)
            .map(d -> d.substring(0, 10))
            .distinct()
            .collect(Collectors.joining(", "));
    String names = inputs.stream().map(Input::name).collect(Collectors.joining(", "));
    return "%s%s from %s"
        .formatted(
            date.isEmpty() ? "" : date + ". ",
            Figures.count(lines.size(), "measurement", "measurements"),
            names);
  }

  private static void summary(Markup out, List<Measurement> lines) {
    Ceilings ceilings = Ceilings.of(lines);
    out.open("dl", "class", "facts");
    ceilings.memory().ifPresent(c -> fact(out, "Memory", Rates.memory(c.value()), c.name()));
    ceilings.arithmetic().stream()
        .map(Ceilings.Ceiling::precision)
        .distinct()
        .map(precision -> ceilings.highest(precision).orElseThrow())
        .forEach(
            c -> fact(out, "Arithmetic, " + c.precision(), Rates.arithmetic(c.value()), c.name()));
    lines.stream()
        .filter(line -> PeerSection.isOurs(line.id()) && line.unit().equals("windows/s"))
        .collect(Collectors.groupingBy(line -> line.id().subject()))
        .forEach(
            (subject, of) ->
                of.stream()
                    .max(Comparator.comparingDouble(Measurement::value))
                    .ifPresent(
                        best ->
                            fact(
                                out,
                                "Fastest " + subject,
                                Figures.significant(best.value(), 4) + " windows/s",
                                best.id().precision() + ", " + best.id().shapeText())));
    out.close();
    out.paragraph(
        "Ceilings were measured, not taken from a data sheet, in the same run as the ops where the"
            + " file has both. Times are medians; what spreads is said beside them.");
  }

  private static void fact(Markup out, String name, String value, String more) {
    out.open("div").element("dt", name).element("dd", value);
    out.element("dd", more, "class", "more").close();
  }

  /** Cases that have no figures, and why. */
  private List<Measurement> missing() {
    return shown.measurements().stream().filter(line -> !line.measured()).toList();
  }
}
