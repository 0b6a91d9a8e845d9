// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.precordia.Reconstruction;
import org.precordia.ReconstructionOptions;
import org.precordia.Reconstructor;
import org.precordia.data.AtomicFile;
import org.precordia.data.Lead;
import org.precordia.data.ReadOptions;
import org.precordia.data.Recording;
import org.precordia.data.Recordings;
import org.precordia.data.Wfdb;
import org.precordia.profile.PhaseSpan;
import org.precordia.report.EcgPaper;
import org.precordia.report.EcgPaperOptions;

/** Completes a record and writes it, with a picture beside it, into a folder. */
final class RecordWriter {
  /** The largest gain at which ±16 mV, more than any ECG, still fits into 16 bits. */
  private static final double LARGEST_GAIN = 2000;

  private final Reconstructor reconstructor;
  private final Path folder;
  private final ReconstructionOptions options;
  private final boolean picture;

  RecordWriter(
      Reconstructor reconstructor, Path folder, ReconstructionOptions options, boolean picture) {
    this.reconstructor = reconstructor;
    this.folder = folder;
    this.options = options;
    this.picture = picture;
  }

  /**
   * What was written.
   *
   * @param header the record's header
   * @param picture the drawing, or null
   */
  record Written(Reconstruction reconstruction, Path header, Path picture) {}

  /** Completes the recording in a file, in the gains it was recorded with. */
  Written complete(Path file, ReadOptions reading) throws IOException {
    Recording read;
    try (PhaseSpan _ = new PhaseSpan("read", file)) {
      read = Recordings.read(file, reading);
    }
    Recording recording = read.withName(RecordName.of(read.name()));
    Recordings.Storage storage = Recordings.storage(file);
    Map<Lead, Wfdb.Scaling> scalings = new HashMap<>(storage.scalings());
    // Leads that were not recorded take the first input's gain, without its offset.
    Lead first = reconstructor.model().network().inputs().getFirst();
    double gain = scalings.containsKey(first) ? scalings.get(first).gain() : 1000;
    Wfdb.Scaling made = new Wfdb.Scaling(Math.min(Math.abs(gain), LARGEST_GAIN), 0);
    for (Lead lead : Lead.TWELVE) {
      scalings.putIfAbsent(lead, made);
    }
    return complete(recording, new Recordings.Storage(storage.format(), scalings));
  }

  /** Completes a recording. */
  Written complete(Recording recording, Recordings.Storage storage) throws IOException {
    Reconstruction made;
    try (PhaseSpan _ = new PhaseSpan("reconstruct", recording.name())) {
      made = reconstructor.reconstruct(recording, options);
    }
    Path header;
    try (PhaseSpan _ = new PhaseSpan("write", recording.name())) {
      header = Wfdb.write(made.recording(), folder, storage.scalings(), storage.format());
    }
    Path drawing = null;
    if (picture) {
      drawing = folder.resolve(recording.name() + ".svg");
      try (PhaseSpan _ = new PhaseSpan("draw", drawing)) {
        AtomicFile.write(drawing, draw(recording, made));
      }
    }
    return new Written(made, header, drawing);
  }

  private String draw(Recording recording, Reconstruction made) {
    EcgPaperOptions paper =
        EcgPaperOptions.standard()
            .withTitle(
                recording.name(),
                "Recorded: %s. Model %s, %s."
                    .formatted(
                        Lead.names(reconstructor.model().network().inputs()),
                        reconstructor.modelHash().substring(0, 12),
                        reconstructor.model().preprocessing().description()))
            .withReconstructed(made.reconstructed());
    boolean known = made.reconstructed().stream().allMatch(recording::has);
    return EcgPaper.render(
        made.recording(),
        known && !made.reconstructed().isEmpty() ? paper.withReference(recording) : paper);
  }
}
