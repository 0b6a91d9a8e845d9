// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.eval.interpretation.ClassDirection;
import org.precordia.eval.interpretation.Interpretation;
import org.precordia.eval.interpretation.Occlusion;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** What single reconstructions depended on: samples of the inputs, and directions of h. */
final class InterpretationSection {
  private final List<Interpretation> interpretations;
  private final List<Exemplar> exemplars;

  InterpretationSection(List<Interpretation> interpretations, List<Exemplar> exemplars) {
    this.interpretations = interpretations;
    this.exemplars = exemplars;
  }

  void write(Markup out) {
    Interpretation first = interpretations.getFirst();
    Occlusion occlusion = first.occlusion();
    out.paragraph(
        "The middle %s s of the records drawn above. Which input samples did the reconstruction"
                .formatted(number(first.signals()[0].length / first.rate(), 2))
            + " depend on? %s ms of one lead at a time are replaced by a straight line, and the bars"
                .formatted(number(1000 * occlusion.patch() / first.rate(), 0))
            + " say how much the reconstructed leads change (occlusion sensitivity). Where the lead"
            + " is straight anyway nothing can change. A large square is 0.2 s by 0.5 mV.");
    out.paragraph(
        "And what does h do? It is moved from where normal records lie towards where those of a"
            + " superclass lie, the inputs staying the same. A lead that then changes does so for"
            + " what the network takes the record to be, not for what was recorded.");
    out.open("ul", "class", "key");
    RecordSection.key(out, "true", "input as recorded; target as reconstructed");
    RecordSection.key(out, "heat-key", "change when occluded there");
    RecordSection.key(out, "made", "reconstructed with h moved all of the way");
    RecordSection.key(out, "diff", "what that changed");
    RecordSection.key(out, "diff half", "with h moved half of the way");
    out.close();
    for (int i = 0; i < interpretations.size(); i++) {
      draw(out, "reading" + i, interpretations.get(i));
    }
  }

  private void draw(Markup out, String id, Interpretation i) {
    String role =
        exemplars.stream()
            .filter(exemplar -> exemplar.record().id().equals(i.id()))
            .map(exemplar -> exemplar.role() + ": ")
            .findFirst()
            .orElse("Record ");
    out.open("article", "class", "reading", "aria-labelledby", id + "-h");
    out.element("h3", role + i.id(), "id", id + "-h");
    paper(out, "Which input samples mattered", i, OcclusionDrawing.draw(id + "-occlusion", i));
    out.add(occlusionTable(id, i));
    if (!i.directions().isEmpty()) {
      paper(
          out, "The reconstruction with h moved", i, DirectionDrawing.draw(id + "-directions", i));
      out.add(directionTable(id, i));
    }
    out.close();
  }

  private static void paper(Markup out, String heading, Interpretation i, Markup drawing) {
    out.element("h4", heading);
    String label = heading + ", record " + i.id();
    out.open("div", "class", "paper", "role", "group", "tabindex", "0", "aria-label", label);
    out.add(drawing).close();
  }

  private static Markup occlusionTable(String id, Interpretation i) {
    HtmlTable table =
        targets(
            new HtmlTable(id + "-occlusion-table", "Change when a lead is occluded"),
            "Lead occluded",
            i,
            "µV");
    for (int input = 0; input < i.inputs().size(); input++) {
      List<String> cells = new ArrayList<>(List.of(i.inputs().get(input).label()));
      for (int target = 0; target < i.targets().size(); target++) {
        cells.add(number(1000 * i.occlusion().of(input, target), 1));
      }
      table.row(cells.toArray(String[]::new));
    }
    double[] shares = shares(i);
    table.note(
        "RMS over the window and over all patches. The largest bar above stands for %s µV."
                .formatted(OcclusionDrawing.largest(i))
            + (shares.length == 0
                ? ""
                : " With h kept as it was the changes are %s to %s %% of these: what differs from 100 comes by way of the pathology branch."
                    .formatted(
                        number(100 * Arrays.stream(shares).min().orElseThrow(), 0),
                        number(100 * Arrays.stream(shares).max().orElseThrow(), 0))));
    return table.markup();
  }

  private static double[] shares(Interpretation i) {
    return IntStream.range(0, i.inputs().size() * i.targets().size())
        .mapToDouble(
            at -> i.occlusion().waveformShare(at / i.targets().size(), at % i.targets().size()))
        .filter(Double::isFinite)
        .toArray();
  }

  private static Markup directionTable(String id, Interpretation i) {
    HtmlTable table =
        targets(
            new HtmlTable(id + "-direction-table", "Change with h moved all of the way"),
            "h moved",
            i,
            "mV");
    for (ClassDirection direction : i.directions()) {
      List<String> cells = new ArrayList<>(List.of("towards " + direction.superclass()));
      for (int target = 0; target < i.targets().size(); target++) {
        cells.add(number(direction.change(target), 3));
      }
      table.row(cells.toArray(String[]::new));
    }
    return table.note("RMS over the window.").markup();
  }

  private static HtmlTable targets(HtmlTable table, String rows, Interpretation i, String unit) {
    table.text(rows);
    for (Lead lead : i.targets()) {
      table.figures(lead.label(), unit);
    }
    return table;
  }
}
