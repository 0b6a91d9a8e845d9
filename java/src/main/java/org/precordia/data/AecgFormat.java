// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * HL7 annotated ECG ({@code AnnotatedECG}): the first series with leads. Its sequence sets are put
 * where their times say; what none of them has is NaN. Series derived from others, such as the
 * representative beat, are passed over, as are annotations. Limb leads that are not stored are
 * computed from two that are.
 */
final class AecgFormat implements RecordingFormat {
  private static final String ROOT = "AnnotatedECG";

  @Override
  public String name() {
    return "HL7 aECG";
  }

  @Override
  public boolean accepts(Path file, byte[] start) {
    return XmlDocument.begins(start, ROOT);
  }

  @Override
  public Recording read(Path file, ReadOptions options) throws IOException {
    AecgSeries series = new AecgSeries(file);
    Document document = new Document(series);
    XmlDocument.read(file, document);
    return LimbLeads.completed(series.recording(document.patient.patient(series.start())));
  }

  /** Sorts elements by what they are about. */
  private static final class Document implements XmlVisitor {
    private final AecgSeries series;
    private final AecgPatient patient = new AecgPatient();

    Document(AecgSeries series) {
      this.series = series;
    }

    @Override
    public void start(List<String> path, Map<String, String> attributes) throws DataException {
      if (path.contains("derivedSeries")) {
        return;
      }
      if (path.contains("sequenceSet")) {
        series.start(path.getLast(), attributes);
      } else if (path.contains("trialSubject")) {
        patient.start(path.getLast(), attributes);
      }
    }

    @Override
    public void end(List<String> path, String text, int line) throws DataException {
      if (path.contains("derivedSeries")) {
        return;
      }
      if (path.contains("sequenceSet")) {
        series.end(path.getLast(), text, line);
      } else if (path.getLast().equals("series")) {
        series.endSeries();
      }
    }
  }
}
