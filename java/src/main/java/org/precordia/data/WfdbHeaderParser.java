// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a {@code .hea} file: the syntax of the WFDB manual's header(5). Numbers that the header
 * leaves out take that page's defaults: 250 Hz, gain 200 per mV, baseline equal to the ADC zero.
 */
final class WfdbHeaderParser {
  private static final double DEFAULT_RATE = 250;
  private static final double DEFAULT_GAIN = 200;
  private static final String REMEDY = "compare the file with the data set's original";
  private static final Pattern FORMAT =
      Pattern.compile("(\\d+)(?:x(\\d+))?(?::(\\d+))?(?:\\+(\\d+))?");
  private static final Pattern GAIN =
      Pattern.compile("([-+]?[0-9.]+(?:[eE][-+]?\\d+)?)(?:\\(([-+]?\\d+)\\))?(?:/(\\S+))?");
  private static final Pattern RATE =
      Pattern.compile("([0-9.]+(?:[eE][-+]?\\d+)?)(/[^\\s(]+(?:\\([^)]*\\))?)?");
  private static final Pattern SEGMENTS = Pattern.compile("[^/]+/(\\d+)");

  /** The largest number of samples whose every count is exact in floating point. */
  private static final double MOST_SAMPLES = 1L << 53;

  private final Path file;
  private final List<WfdbSignal> signals = new ArrayList<>();
  private final List<String> comments = new ArrayList<>();
  private final List<WfdbHeader.Segment> segments = new ArrayList<>();
  private int line;
  private boolean begun;
  private int expectedSignals;
  private int expectedSegments;
  private double rate;
  private long length = -1;
  private String counter = "";
  private String clock = "";

  private WfdbHeaderParser(Path file) {
    this.file = file;
  }

  static WfdbHeader parse(Path file) throws IOException {
    return new WfdbHeaderParser(file).run();
  }

  private WfdbHeader run() throws IOException {
    for (String text : readText().split("\\R", -1)) {
      line++;
      String content = text.strip();
      if (content.startsWith("#")) {
        comments.add(content.substring(1).strip());
      } else if (content.isEmpty()) {
        continue;
      } else if (!begun) {
        begun = true;
        recordLine(content.split("\\s+", 5));
      } else if (segments.size() < expectedSegments) {
        segments.add(segmentLine(content.split("\\s+")));
      } else if (signals.size() < expectedSignals) {
        signals.add(signalLine(content.split("\\s+", 9)));
      } else {
        throw error("there are more lines than the record line announces");
      }
    }
    line = 0;
    if (!begun) {
      throw error("the header has no record line");
    }
    checkCount("signals", expectedSignals, signals.size());
    checkCount("segments", expectedSegments, segments.size());
    String fileName = file.getFileName().toString();
    String name =
        fileName.endsWith(".hea") ? fileName.substring(0, fileName.length() - 4) : fileName;
    return new WfdbHeader(file, name, rate, length, counter, clock, signals, segments, comments);
  }

  private void checkCount(String what, int announced, int described) throws DataException {
    if (described < announced) {
      throw error(
          "the record line announces "
              + announced
              + " "
              + what
              + ", "
              + described
              + " are described");
    }
  }

  private String readText() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          file, "there is no such WFDB header", "give the record's path with or without .hea");
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private void recordLine(String[] fields) throws DataException {
    if (fields.length < 2) {
      throw error("a record line needs at least a name and a number of signals");
    }
    expectedSignals = integer("number of signals", fields[1]);
    if (expectedSignals < 1) {
      throw error("the record has no signals");
    }
    if (fields[0].contains("/")) {
      Matcher matcher = SEGMENTS.matcher(fields[0]);
      if (!matcher.matches()) {
        throw error("\"" + fields[0] + "\" does not end in a number of segments");
      }
      expectedSegments = integer("number of segments", matcher.group(1));
      if (expectedSegments < 1) {
        throw error("the record has no segments");
      }
      // The signals are described in the segments.
      expectedSignals = 0;
    }
    rate = DEFAULT_RATE;
    if (fields.length > 2) {
      Matcher matcher = RATE.matcher(fields[2]);
      if (!matcher.matches()) {
        throw error("sampling rate \"" + fields[2] + "\" is not a number");
      }
      rate = number("sampling rate", matcher.group(1));
      if (!(rate > 0)) {
        throw error("sampling rate must be positive, is " + fields[2]);
      }
      counter = matcher.group(2) == null ? "" : matcher.group(2);
    }
    if (fields.length > 3) {
      length = samples(fields[3]);
      if (length == 0) {
        length = -1;
      }
    }
    clock = fields.length > 4 ? fields[4] : "";
  }

  private WfdbHeader.Segment segmentLine(String[] fields) throws DataException {
    if (fields.length < 2) {
      throw error("a segment line needs a name and a number of samples");
    }
    return new WfdbHeader.Segment(fields[0], samples(fields[1]), line);
  }

  private WfdbSignal signalLine(String[] fields) throws DataException {
    if (fields.length < 2) {
      throw error("a signal line needs at least a file name and a format");
    }
    Matcher format = FORMAT.matcher(fields[1]);
    if (!format.matches()) {
      throw error("storage format \"" + fields[1] + "\" is not understood");
    }
    double gain = DEFAULT_GAIN;
    String unit = "mV";
    String baseline = null;
    if (fields.length > 2) {
      Matcher matcher = GAIN.matcher(fields[2]);
      if (!matcher.matches()) {
        throw error("gain \"" + fields[2] + "\" is not understood");
      }
      gain = number("gain", matcher.group(1));
      baseline = matcher.group(2);
      unit = matcher.group(3) == null ? unit : matcher.group(3);
      if (gain == 0) {
        gain = DEFAULT_GAIN;
      }
    }
    int resolution = fields.length > 3 ? integer("ADC resolution", fields[3]) : 0;
    int zero = fields.length > 4 ? integer("ADC zero", fields[4]) : 0;
    int samplesPerFrame = group(format, 2, 1);
    if (samplesPerFrame < 1) {
      throw error("a frame cannot hold " + samplesPerFrame + " samples of a signal");
    }
    return new WfdbSignal(
        fields[0],
        group(format, 1, 0),
        samplesPerFrame,
        group(format, 3, 0),
        group(format, 4, 0),
        gain,
        baseline == null ? zero : integer("baseline", baseline),
        unit,
        resolution,
        zero,
        fields.length > 5
            ? OptionalInt.of(integer("initial value", fields[5]))
            : OptionalInt.empty(),
        fields.length > 6
            ? OptionalInt.of(integer("checksum", fields[6]) & 0xFFFF)
            : OptionalInt.empty(),
        fields.length > 7 ? integer("block size", fields[7]) : 0,
        fields.length > 8 ? fields[8] : "",
        line);
  }

  private int group(Matcher matcher, int group, int otherwise) throws DataException {
    String text = matcher.group(group);
    return text == null ? otherwise : integer("storage format", text);
  }

  private int integer(String what, String text) throws DataException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw error(what + " \"" + text + "\" is not a whole number");
    }
  }

  private long samples(String text) throws DataException {
    double value = number("number of samples", text);
    if (value < 0) {
      throw error("number of samples is negative: " + text);
    }
    if (value != Math.rint(value) || value > MOST_SAMPLES) {
      throw error("number of samples \"" + text + "\" is not one that a file can hold");
    }
    return (long) value;
  }

  private double number(String what, String text) throws DataException {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
      throw error(what + " \"" + text + "\" is beyond all bounds");
    } catch (NumberFormatException e) {
      throw error(what + " \"" + text + "\" is not a number");
    }
  }

  private DataException error(String problem) {
    return new DataException(file, line, problem, REMEDY);
  }
}
