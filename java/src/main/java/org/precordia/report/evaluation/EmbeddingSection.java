// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.signed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.precordia.eval.Interval;
import org.precordia.eval.embedding.EmbeddingMap;
import org.precordia.eval.embedding.EmbeddingResult;
import org.precordia.eval.embedding.IdentityProbe;
import org.precordia.eval.embedding.InformationBound;
import org.precordia.eval.embedding.SuperclassNeighbours;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** What the pathology branch's embedding h holds: a map of it, and measures. */
final class EmbeddingSection {
  /** In the order of their colours and forms; normal records are grey. */
  private static final List<String> SUPERCLASSES = List.of("MI", "NORM", "STTC", "CD", "HYP");

  /** Points of the gallery that are drawn at most. */
  private static final int MOST_FAINT = 2000;

  /** Records a label needs to be named in the table. */
  private static final int FEWEST_POSITIVES = 10;

  private final EmbeddingResult result;
  private final String foldName;

  EmbeddingSection(EmbeddingResult result, String foldName) {
    this.result = result;
    this.foldName = foldName;
  }

  void write(Markup out) {
    out.paragraph(
        "The pathology branch sums up a stretch of the recorded leads in %s numbers, h, which then"
                .formatted(result.classMeans().isEmpty() ? "some" : width())
            + " modulate the reconstruction. Here a record's h is the mean over its stretches."
            + " Records of %s are held against %s of folds 1 to 8, which the network was trained on."
                .formatted(foldName, Figures.count(result.galleryRecords(), "record", "records")));
    verdict(out);
    out.add(map());
    neighbours(out);
    gaps(out);
    information(out);
    identity(out);
  }

  private String width() {
    return Integer.toString(result.classMeans().getFirst().h().length);
  }

  private void verdict(Markup out) {
    SuperclassNeighbours h = result.neighbours().get(EmbeddingResult.H);
    SuperclassNeighbours rms = result.neighbours().get(EmbeddingResult.LOG_RMS);
    StringBuilder text = new StringBuilder();
    if (h != null) {
      text.append(
          "Five nearest records tell a record's superclass with a balanced accuracy of %s; chance is %s, and amplitude alone reaches %s."
              .formatted(
                  number(h.accuracy(), 2),
                  number(1.0 / h.classes(), 2),
                  number(rms.accuracy(), 2)));
    }
    IdentityProbe probe = result.identity().get(EmbeddingResult.H);
    if (probe != null && probe.aucWithinInterval() != null) {
      text.append(
          probe.aucWithinInterval().low() > 0.5
              ? " But h also still tells patients apart (AUC %s among records of the same diagnosis; 0.5 would be none): it has not lost who the patient is."
                  .formatted(number(probe.aucWithin(), 2))
              : " That h tells patients apart beyond their diagnosis is not shown (AUC %s among records of the same diagnosis)."
                  .formatted(number(probe.aucWithin(), 2)));
    }
    if (!text.isEmpty()) {
      out.paragraph(text.toString().strip());
    }
  }

  private Markup map() {
    List<EmbeddingMap.Point> points =
        result.map().points().stream()
            .filter(point -> SUPERCLASSES.contains(point.superclass()))
            .toList();
    List<EmbeddingMap.Point> gallery = points.stream().filter(p -> !p.query()).toList();
    int step = Math.max(1, Math.ceilDiv(gallery.size(), MOST_FAINT));
    List<EmbeddingMap.Point> shown = new ArrayList<>();
    for (int i = 0; i < gallery.size(); i += step) {
      shown.add(gallery.get(i));
    }
    List<EmbeddingMap.Point> queries = points.stream().filter(EmbeddingMap.Point::query).toList();
    List<EmbeddingMap.Point> all = new ArrayList<>(shown);
    all.addAll(queries);
    XyChart chart =
        new XyChart(
                "embedding-map",
                "Map of the embedding",
                axis("first component", all, 0),
                axis("second component", all, 1))
            .size(720, 520);
    Set<String> present = new LinkedHashSet<>();
    for (String name : SUPERCLASSES) {
      List<EmbeddingMap.Point> faint = of(shown, name);
      chart.backdrop(SUPERCLASSES.indexOf(name), xs(faint), ys(faint));
    }
    for (String name : SUPERCLASSES) {
      List<EmbeddingMap.Point> strong = of(queries, name);
      if (!strong.isEmpty()) {
        present.add(name);
      }
      chart.points(
          SUPERCLASSES.indexOf(name),
          xs(strong),
          ys(strong),
          strong.stream().map(p -> p.id() + ", " + name).toArray(String[]::new),
          null);
    }
    String counts =
        EvaluationReport.sentence(
            present.stream().map(name -> name + " " + of(queries, name).size()).toList());
    return ChartFigure.of(
        "embedding-figure",
        "",
        present.stream()
            .map(
                name ->
                    new ChartFigure.Key(
                        SUPERCLASSES.indexOf(name),
                        "%s (%s)".formatted(name, of(queries, name).size())))
            .toList(),
        false,
        chart.render(
            "Records on the first two principal components of h; of %s: %s. The tables beneath say how well they are set apart."
                .formatted(foldName, counts)),
        "Records of exactly one superclass on the first two principal components of h, %s. Large: %s%s. Together the components hold %s %% of the variance: what looks mixed here may be apart in the rest."
            .formatted(
                result.map().fittedOnGallery()
                    ? "fitted on the records that were trained on"
                    : "fitted on these records themselves",
                foldName,
                shown.isEmpty() ? "" : "; small and faint: folds 1 to 8",
                number(100 * (result.map().explained()[0] + result.map().explained()[1]), 0)));
  }

  private Axis axis(String name, List<EmbeddingMap.Point> points, int component) {
    double[] values = component == 0 ? xs(points) : ys(points);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    String label =
        "%s (%s %% of the variance)"
            .formatted(name, number(100 * result.map().explained()[component], 0));
    return values.length == 0 ? Axis.linear(label, -1, 1) : Axis.linear(label, low, high);
  }

  private static List<EmbeddingMap.Point> of(List<EmbeddingMap.Point> points, String superclass) {
    return points.stream().filter(point -> point.superclass().equals(superclass)).toList();
  }

  private static double[] xs(List<EmbeddingMap.Point> points) {
    return points.stream().mapToDouble(EmbeddingMap.Point::x).toArray();
  }

  private static double[] ys(List<EmbeddingMap.Point> points) {
    return points.stream().mapToDouble(EmbeddingMap.Point::y).toArray();
  }

  private void neighbours(Markup out) {
    if (result.neighbours().isEmpty()) {
      out.paragraph(
          "No records of folds 1 to 8 are at hand whose nearest could tell a superclass.",
          "class",
          "note");
      return;
    }
    HtmlTable table =
        new HtmlTable("neighbour-table", "Superclass from the five nearest records")
            .text("What describes a record")
            .figures("Balanced accuracy", "")
            .figures("Chance", "");
    result
        .neighbours()
        .forEach(
            (name, score) ->
                table.row(
                    describe(name),
                    with(score.accuracy(), score.interval(), 2),
                    number(1.0 / score.classes(), 2)));
    table.note(
        "Cosine for h, Euclidean distance of standardised values for amplitudes; records of exactly"
            + " one superclass. Intervals: bootstrap of the patients that are asked about.");
    out.add(table.markup());
  }

  private void gaps(Markup out) {
    HtmlTable table =
        new HtmlTable("gap-table", "Cosine of pairs that share something, and of those that do not")
            .text("Embedding, and what is shared")
            .figures("Share it", "mean cosine")
            .figures("Do not", "mean cosine")
            .figures("Gap", "");
    result
        .gaps()
        .forEach(
            (name, gap) ->
                table.row(
                    name.replace(" ", ", a "),
                    number(gap.positive(), 3),
                    number(gap.negative(), 3),
                    signed(gap.gap(), 3)));
    table.note(
        "Pairs of records of %s, of different patients. z is what the contrastive loss sees, h what"
                .formatted(foldName)
            + " the reconstruction sees.");
    out.add(table.markup());
  }

  private void information(Markup out) {
    List<InformationBound> named =
        result.bounds().stream()
            .filter(bound -> bound.positives() >= FEWEST_POSITIVES)
            .sorted(Comparator.comparingDouble(InformationBound::bound).reversed())
            .toList();
    if (named.isEmpty()) {
      return;
    }
    HtmlTable table =
        new HtmlTable("information-table", "What h says about a label at least")
            .text("Label")
            .figures("Records", "with it")
            .figures("Bound", "nats")
            .figures("Entropy", "nats")
            .figures("Share", "%");
    for (InformationBound bound : named) {
      table.row(
          bound.label(),
          Figures.count(bound.positives()),
          with(bound.bound(), bound.interval(), 3),
          number(bound.entropy(), 3),
          number(100 * bound.bound() / bound.entropy(), 0));
    }
    table.note(
        "Mutual information I(h; label) ≥ H(label) − cross-entropy of the classifier (Barber &"
            + " Agakov),"
            + " a record each, on %s; negative values stand as they are. A low bound may be the"
                .formatted(foldName)
            + " classifier's fault. Labels overlap: the sum bounds nothing. Labels are the data"
            + " set's SCP-ECG codes.");
    int others = result.bounds().size() - named.size();
    if (others > 0) {
      table.note(
          "%s with fewer than %s records are not shown; the JSON has them."
              .formatted(Figures.count(others, "label", "labels"), FEWEST_POSITIVES));
    }
    out.add(table.markup());
  }

  private void identity(Markup out) {
    if (result.identity().isEmpty()) {
      return;
    }
    HtmlTable table =
        new HtmlTable("identity-table", "Can a patient be recognised in another record?")
            .text("What describes a record")
            .figures("Nearest is the patient's", "share")
            .figures("AUC", "")
            .figures("AUC, same superclasses", "");
    for (Map.Entry<String, IdentityProbe> entry : result.identity().entrySet()) {
      IdentityProbe probe = entry.getValue();
      table.row(
          describe(entry.getKey()),
          with(probe.top1(), probe.top1Interval(), 2),
          with(probe.auc(), probe.aucInterval(), 2),
          with(probe.aucWithin(), probe.aucWithinInterval(), 2));
    }
    IdentityProbe any = result.identity().values().iterator().next();
    table.note(
        "%s with several records, %s, among all %s. Chance of the nearest: %s. AUC: how often a record of the same patient is nearer than one of another, 0.5 being chance; in the last column only others with the same superclasses count."
            .formatted(
                Figures.count(any.patients(), "patient", "patients"),
                Figures.count(any.records(), "record", "records"),
                Figures.count(result.galleryRecords() + result.queryRecords()),
                number(any.chance(), 3)));
    if (result.galleryRecords() > 0) {
      table.note(
          "So few patients have several records that all folds serve: most of these patients were"
              + " trained on, never as to who they are.");
    }
    out.add(table.markup());
  }

  private static String describe(String name) {
    return switch (name) {
      case EmbeddingResult.LOG_RMS -> "amplitude alone: log RMS of each input lead";
      case EmbeddingResult.INPUT_BEAT -> "mean beat of the input leads, as recorded";
      default -> name;
    };
  }

  private static String with(double value, Interval interval, int decimals) {
    String text = number(value, decimals);
    return interval == null
        ? text
        : text + "\n" + Figures.range(interval.low(), interval.high(), decimals);
  }
}
