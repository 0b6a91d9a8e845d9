// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealDataTest {
  @TempDir Path folder;

  /** Reads a record, writes it with its own scaling, and compares the signal files byte by byte. */
  private void assertRoundTrip(Path record, int leads) throws IOException {
    WfdbHeader header = Wfdb.header(record);
    Map<Lead, Wfdb.Scaling> scalings = new EnumMap<>(Lead.class);
    for (WfdbSignal signal : header.signals()) {
      scalings.put(signal.lead().orElseThrow(), Wfdb.Scaling.of(signal));
    }
    Recording first = Wfdb.read(record);
    assertEquals(leads, first.leads().size());
    assertTrue(LimbLeads.residual(first) < 0.004);
    Recording second = Wfdb.read(Wfdb.write(first, folder, scalings));
    assertArrayEquals(first.millivolts(), second.millivolts());
    assertEquals(first.comments(), second.comments());
    assertSameSamples(record, header);
    Path table = folder.resolve("table.csv");
    Recordings.writeTable(first, table, ',', false);
    Recording read = Recordings.read(table);
    assertArrayEquals(first.millivolts(), read.millivolts());
    assertEquals(first.rate(), read.rate());
  }

  /** Copies a record as it is stored and compares what follows the signal file's prologue. */
  private void assertSameSamples(Path record, WfdbHeader header) throws IOException {
    Path copy = Wfdb.write(Wfdb.readDigital(record), folder.resolve("copy"));
    int at = 0;
    for (WfdbSignal signal : header.signals()) {
      WfdbSignal copied = Wfdb.header(copy).signals().get(at++);
      byte[] original = Files.readAllBytes(record.resolveSibling(signal.file()));
      assertArrayEquals(
          Arrays.copyOfRange(original, (int) signal.byteOffset(), original.length),
          Files.readAllBytes(copy.resolveSibling(copied.file())));
    }
  }

  @Test
  void recordsOfEveryDataSetSurviveReadWriteRead() throws IOException {
    assertRoundTrip(RealData.require("ptb-xl/records100/00000/00001_lr.hea"), 12);
    assertArrayEquals(
        Files.readAllBytes(RealData.require("ptb-xl/records100/00000/00001_lr.dat")),
        Files.readAllBytes(folder.resolve("00001_lr.dat")));
    assertRoundTrip(RealData.require("ptb-xl/records500/00000/00001_hr.hea"), 12);
    assertRoundTrip(RealData.require("ptb-diagnostic/patient001/s0010_re.hea"), 15);
    assertRoundTrip(RealData.require("ptb-diagnostic/wfdb2mat/s0273lrem.hea"), 15);
    assertRoundTrip(RealData.require("cinc2021/georgia/E07541.hea"), 12);
  }

  @Test
  void everyPtbXlRecordIsPreparedAndKeepsItsFold() throws IOException {
    PtbXl source = PtbXl.open(RealData.require("ptb-xl"), 100);
    Path target = folder.resolve("x.shard");
    PreparationReport report =
        Preparation.run(
            source, target, PreparationSettings.defaults().withThreads(2), (d, t, r) -> {});
    assertEquals(source.size(), report.records());
    assertEquals(List.of(), report.skipped());
    assertEquals(0, report.clipped());
    assertTrue(report.worstResidual() < 0.0031);
    try (Shard shard = Shard.open(target)) {
      shard.verify();
      for (int i = 0; i < shard.records(); i++) {
        assertEquals(source.id(i), shard.record(i).id());
        assertEquals(source.subject(i).fold(), shard.record(i).fold());
      }
      // 23 to 250 beats a minute in all but a few records.
      long plausible =
          Arrays.stream(shard.select(r -> r.rPeaks().length >= 4 && r.rPeaks().length <= 42))
              .count();
      assertTrue(plausible > 0.98 * shard.records());
      int[] all = shard.select(r -> true);
      Windows.Selection windows = Windows.forEvaluation(shard, all);
      assertEquals(13 * shard.records(), windows.size() + windows.invalid() + windows.flat());
    }
  }

  @Test
  void aPtbRecordInChallengeFormIsTheSameSignal() throws IOException {
    PtbDiagnostic source = PtbDiagnostic.open(RealData.require("ptb-diagnostic"));
    PreparationReport report =
        Preparation.run(
            source,
            folder.resolve("x.shard"),
            PreparationSettings.defaults().withThreads(2),
            (d, t, r) -> {});
    assertTrue(
        report
            .duplicates()
            .contains(new PreparationReport.Duplicate("patient001/s0010_re", "cinc-format/S0001")));
  }
}
