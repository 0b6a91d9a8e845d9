// SPDX-License-Identifier: Apache-2.0
package org.precordia.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.precordia.data.AtomicFile;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.report.chart.TracePath;
import org.precordia.report.html.Markup;

/**
 * Draws a recording on ECG paper as SVG: 25 mm/s, 10 mm/mV, grid lines every 1 mm and 5 mm, a
 * calibration pulse of 1 mV and 0.2 s before each row, lead names, reconstructed leads in another
 * colour and marked with an asterisk, and where wanted the true leads in thin grey beneath.
 *
 * <p>One user unit is one millimetre and width and height are given in millimetres, so a print at
 * 100 % can be measured with a ruler. Each trace is shifted so that the median of what is drawn
 * lies on its row's baseline; recordings may carry offsets of millivolts. Missing samples interrupt
 * the trace.
 */
public final class EcgPaper {
  /** Paper speed in mm/s. */
  public static final double SPEED = 25;

  /** Gain in mm/mV. */
  public static final double GAIN = 10;

  private static final double SIDE = 8;
  private static final double TITLE_SIZE = 4.4;
  private static final double LINE_HEIGHT = 4.6;
  private static final double NARROWEST_GRID = 100;

  /** On narrower grids the note goes under the scale instead of beside it. */
  private static final double ONE_LINE_GRID = 180;

  private static final double PULSE_SECONDS = 0.2;
  private static final double NAME_HEIGHT = 7.6;

  private static final String STYLE =
      """
      <style>
      text{font-family:"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-size:3.1px;fill:#222}
      .h{font-size:4.4px;font-weight:600}.e{text-anchor:end}
      .n{font-size:3.4px;font-weight:600;stroke:#fff;stroke-width:.9px;stroke-opacity:.85;\
      stroke-linejoin:round;paint-order:stroke}
      path{fill:none;stroke-linejoin:round;stroke-linecap:round}
      .g1{stroke:#f6d5d2;stroke-width:.1px}.g5{stroke:#e8a9a3;stroke-width:.18px}
      .m{stroke:#161616;stroke-width:.28px}.r{stroke:#0a4fb0;stroke-width:.32px}
      .t{stroke:#7a7a7a;stroke-width:.24px}.k{stroke:#555;stroke-width:.25px}
      .rt{fill:#0a4fb0}.w{fill:#9a3412;font-weight:600}
      </style>
      """;

  private final Recording recording;
  private final EcgPaperOptions options;
  private final PaperLayout layout;
  private final List<Lead> reconstructed;
  private final StringBuilder svg = new StringBuilder(1 << 16);

  private EcgPaper(Recording recording, EcgPaperOptions options) {
    this.recording = recording;
    this.options = options;
    this.layout = new PaperLayout(recording, options);
    this.reconstructed =
        recording.leads().stream().sorted().filter(options.reconstructed()::contains).toList();
  }

  /**
   * Draws a recording.
   *
   * @return an SVG 1.1 document
   * @throws IllegalArgumentException when there is nothing to draw or the layout is too small
   */
  public static String render(Recording recording, EcgPaperOptions options) {
    return new EcgPaper(recording, options).draw();
  }

  /**
   * Draws a recording into a file, which appears whole or not at all.
   *
   * @throws IOException when the file cannot be written
   * @throws IllegalArgumentException as {@link #render}
   */
  public static void write(Path file, Recording recording, EcgPaperOptions options)
      throws IOException {
    AtomicFile.write(file, render(recording, options));
  }

  private String draw() {
    double gridWidth = 5 * Math.ceil(Math.max(layout.width() + 2, NARROWEST_GRID) / 5);
    boolean noteBeside = gridWidth >= ONE_LINE_GRID;
    int lines = options.subtitles().size() + (reconstructed.isEmpty() ? 0 : 1);
    double header = 12 + LINE_HEIGHT * lines;
    double footer = 8 + (noteBeside || options.note().isEmpty() ? 0 : LINE_HEIGHT);
    double width = gridWidth + 2 * SIDE;
    double height = header + layout.height() + footer;

    put("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "mm\" height=\"", height);
    put("mm\" viewBox=\"0 0 ", width, " ", height);
    put("\" role=\"img\" aria-labelledby=\"ecg-title ecg-desc\">\n<title id=\"ecg-title\">");
    put(Markup.escape(title()), "</title>\n<desc id=\"ecg-desc\">");
    put(Markup.escape(description()), "</desc>\n", STYLE);
    put("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    drawHeader();
    drawGrid(header, gridWidth);
    put("<clipPath id=\"paper\"><rect x=\"", SIDE, "\" y=\"", header, "\" width=\"", gridWidth);
    put("\" height=\"", layout.height(), "\"/></clipPath>\n<g clip-path=\"url(#paper)\">\n");
    for (PaperLayout.Row row : layout.rows()) {
      drawRow(row, header + row.baseline());
    }
    put("</g>\n");
    double scaleAt = header + layout.height() + 5;
    text("", SIDE, scaleAt, scale());
    if (noteBeside) {
      text("w e", width - SIDE, scaleAt, options.note());
    } else {
      text("w", SIDE, scaleAt + LINE_HEIGHT, options.note());
    }
    put("</svg>\n");
    return svg.toString();
  }

  private void drawHeader() {
    double y = 4 + TITLE_SIZE;
    text("h", SIDE, y, title());
    for (String line : options.subtitles()) {
      y += LINE_HEIGHT;
      text("", SIDE, y, line);
    }
    if (!reconstructed.isEmpty()) {
      y += LINE_HEIGHT;
      double x = SIDE;
      if (reconstructed.size() < recording.leads().size()) {
        legend("m", "", x, y, "measured");
        x += 30;
      }
      legend("r", "rt", x, y, "reconstructed (*)");
      if (options.reference().isPresent()) {
        legend("t", "", x + 42, y, "true lead");
      }
    }
  }

  private void legend(String line, String style, double x, double y, String label) {
    put("<path class=\"", line, "\" d=\"M", x, " ", y - 1, "h8\"/>\n");
    text(style, x + 9.5, y, label);
  }

  private void drawGrid(double top, double width) {
    StringBuilder fine = new StringBuilder();
    StringBuilder coarse = new StringBuilder();
    String down = "v" + number(layout.height());
    String across = "h" + number(width);
    String left = "M" + number(SIDE) + " ";
    for (int x = 0; x <= width; x++) {
      StringBuilder lines = x % 5 == 0 ? coarse : fine;
      lines.append('M').append(number(SIDE + x)).append(' ').append(number(top)).append(down);
    }
    for (int y = 0; y <= layout.height(); y++) {
      StringBuilder lines = y % 5 == 0 ? coarse : fine;
      lines.append(left).append(number(top + y)).append(across);
    }
    put("<path class=\"g1\" d=\"", fine, "\"/>\n<path class=\"g5\" d=\"", coarse, "\"/>\n");
  }

  private void drawRow(PaperLayout.Row row, double baseline) {
    put("<path class=\"m\" d=\"M", SIDE + 1, " ", baseline, "h1v-", GAIN);
    put("h", PULSE_SECONDS * SPEED, "v", GAIN, "h1\"/>\n");
    for (PaperLayout.Cell cell : row.cells()) {
      if (cell.x() > PaperLayout.PULSE) {
        put("<path class=\"k\" d=\"M", SIDE + cell.x(), " ", baseline - 3, "v6\"/>\n");
      }
      for (PaperLayout.Curve curve : cell.curves()) {
        drawCurve(cell, curve, baseline);
      }
    }
    for (PaperLayout.Cell cell : row.cells()) {
      boolean marked = reconstructed.contains(cell.lead());
      String name = cell.lead().label() + (marked ? "*" : "");
      text(marked ? "n rt" : "n", SIDE + cell.x() + 1, baseline - NAME_HEIGHT, name);
    }
  }

  private void drawCurve(PaperLayout.Cell cell, PaperLayout.Curve curve, double baseline) {
    TracePath path = new TracePath();
    for (int t = curve.from(); t < curve.to(); t++) {
      float level = curve.signal()[t];
      if (Float.isFinite(level)) {
        path.lineTo(
            SIDE + cell.x() + (t / curve.rate() - cell.start()) * SPEED,
            baseline - (level - curve.median()) * GAIN);
      } else {
        path.gap();
      }
    }
    String data = path.data();
    if (!data.isEmpty()) {
      put("<path class=\"", curve.style(), "\" d=\"", data, "\"/>\n");
    }
  }

  private String title() {
    return options.title().isBlank() ? recording.name() : options.title();
  }

  private String scale() {
    return number(SPEED)
        + " mm/s · "
        + number(GAIN)
        + " mm/mV · "
        + number(recording.rate())
        + " Hz · "
        + range();
  }

  private String range() {
    String drawn = number(layout.start()) + "–" + number(layout.end()) + " s";
    boolean part = layout.end() - layout.start() < recording.seconds() - 0.5 / recording.rate();
    return part ? drawn + " of " + number(recording.seconds()) + " s" : drawn;
  }

  private String description() {
    List<Lead> leads = recording.leads().stream().sorted().toList();
    String text = "Electrocardiogram, " + range() + ", leads " + names(leads) + ".";
    if (!reconstructed.isEmpty()) {
      text += " Reconstructed: " + names(reconstructed) + ".";
    }
    return options.note().isEmpty() ? text : text + " " + options.note() + ".";
  }

  private static String names(Collection<Lead> leads) {
    return leads.stream().map(Lead::label).collect(Collectors.joining(", "));
  }

  private void text(String style, double x, double y, String content) {
    if (content.isEmpty()) {
      return;
    }
    put("<text", style.isEmpty() ? "" : " class=\"" + style + "\"", " x=\"", x, "\" y=\"", y);
    put("\">", Markup.escape(content), "</text>\n");
  }

  /** Appends parts of the document; numbers as lengths in mm. */
  private void put(Object... parts) {
    for (Object part : parts) {
      svg.append(part instanceof Double value ? number(value) : part);
    }
  }

  /** A length or time with at most two decimals and no trailing zeros. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceAll("\\.?0+$", "");
  }
}
