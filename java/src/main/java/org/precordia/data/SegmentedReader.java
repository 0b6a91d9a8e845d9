// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a WFDB record that is stored in segments, each a record of its own. In the fixed layout all
 * have the same signals; in the variable layout the first segment, without samples, lists every
 * signal, and a segment holds some of them. What a segment lacks, and segments that were not
 * recorded, are NaN.
 */
final class SegmentedReader implements RecordReader {
  private static final String REMEDY = "compare the headers with the data set's originals";

  private final WfdbHeader header;
  private final List<Part> parts = new ArrayList<>();
  private final Map<String, WfdbHeader> segments = new HashMap<>();
  private List<Lead> leads = List.of();
  private boolean variable;
  private int samplesPerFrame;
  private long frames;
  private long bytes;

  /** A stretch of the record; the reader is null where nothing was recorded. */
  private record Part(long start, long length, WfdbReader reader) {}

  SegmentedReader(WfdbHeader header) throws IOException {
    this.header = header;
    for (int i = 0; i < header.segments().size(); i++) {
      WfdbHeader.Segment segment = header.segments().get(i);
      if (segment.missing()) {
        add(segment, null);
      } else if (segment.length() > 0) {
        addRecorded(segment);
      } else if (i == 0) {
        variable = true;
        adopt(segment(segment));
      } else {
        throw error(segment, "segment " + segment.name() + " has no samples");
      }
    }
    if (leads.isEmpty()) {
      throw new DataException(header.file(), "none of its segments was recorded", REMEDY);
    }
    if (header.length() >= 0 && header.length() != frames) {
      throw new DataException(
          header.file(),
          "the segments have " + frames + " samples, the record line says " + header.length(),
          REMEDY);
    }
  }

  @Override
  public long frames() {
    return frames;
  }

  @Override
  public Recording read(long from, long to) throws IOException {
    RecordReader.checkRange(header, from, to, frames);
    int length =
        Allocation.check(
            header.file(),
            bytes,
            leads.size(),
            RecordReader.samples(header, to - from, samplesPerFrame));
    Map<Lead, float[]> rows = new LinkedHashMap<>();
    for (Lead lead : leads) {
      float[] row = new float[length];
      Arrays.fill(row, Float.NaN);
      rows.put(lead, row);
    }
    for (Part part : parts) {
      long first = Math.max(from, part.start());
      long last = Math.min(to, part.start() + part.length());
      if (part.reader() == null || first >= last) {
        continue;
      }
      Recording read = part.reader().read(first - part.start(), last - part.start());
      int at = (int) ((first - from) * samplesPerFrame);
      for (Lead lead : read.leads()) {
        System.arraycopy(read.signal(lead), 0, rows.get(lead), at, read.length());
      }
    }
    return new Recording(
        header.name(),
        RecordReader.rate(header, samplesPerFrame),
        leads,
        rows.values().toArray(float[][]::new),
        header.comments(),
        WfdbLeads.origin(header, from));
  }

  private void addRecorded(WfdbHeader.Segment segment) throws IOException {
    boolean repeated = segments.containsKey(segment.name());
    WfdbHeader described = segment(segment);
    WfdbReader reader = new WfdbReader(described);
    if (leads.isEmpty()) {
      adopt(described);
    }
    Map<Lead, Integer> own = WfdbLeads.of(described);
    if (!leads.containsAll(own.keySet()) || !variable && own.size() != leads.size()) {
      throw error(
          segment,
          "segment %s has the leads %s, the record %s"
              .formatted(segment.name(), Lead.names(own.keySet()), Lead.names(leads)));
    }
    if (WfdbLeads.samplesPerFrame(described, own) != samplesPerFrame) {
      throw error(segment, "segment " + segment.name() + " is sampled at another rate");
    }
    if (reader.frames() != segment.length()) {
      throw error(
          segment,
          "segment %s has %d samples, this line says %d"
              .formatted(segment.name(), reader.frames(), segment.length()));
    }
    bytes += repeated ? 0 : reader.bytes();
    add(segment, reader);
  }

  private void adopt(WfdbHeader described) throws DataException {
    Map<Lead, Integer> own = WfdbLeads.of(described);
    leads = List.copyOf(own.keySet());
    samplesPerFrame = WfdbLeads.samplesPerFrame(described, own);
  }

  private void add(WfdbHeader.Segment segment, WfdbReader reader) throws DataException {
    parts.add(new Part(frames, segment.length(), reader));
    frames += segment.length();
    // Single lengths stay below 2^53, so one sum at a time cannot overflow unseen.
    if (frames > 1L << 60) {
      throw error(segment, "the segments have more samples than can be counted");
    }
  }

  private WfdbHeader segment(WfdbHeader.Segment segment) throws IOException {
    WfdbHeader known = segments.get(segment.name());
    if (known != null) {
      return known;
    }
    WfdbHeader described =
        WfdbHeaderParser.parse(
            SignalGroup.locate(header, segment.name() + ".hea", segment.line(), "segment"));
    if (!described.segments().isEmpty()) {
      throw error(segment, "segment " + segment.name() + " has segments itself");
    }
    if (described.rate() != header.rate()) {
      throw error(
          segment,
          "segment %s has %s Hz, the record %s Hz"
              .formatted(segment.name(), described.rate(), header.rate()));
    }
    segments.put(segment.name(), described);
    return described;
  }

  private DataException error(WfdbHeader.Segment segment, String problem) {
    return new DataException(header.file(), segment.line(), problem, REMEDY);
  }
}
