// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** PTB-XL's three tables beside one record. */
final class PtbXlFuzz extends ReaderFuzz {
  private static final byte[] HEADER = text("a 1 100 2\na.dat 16 1 16 0 0 0 0 I\n");
  private static final String COLUMNS =
      "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr\n";
  private static final String STATEMENTS =
      ",diagnostic,diagnostic_class\nNORM,1.0,NORM\nIMI,1,MI\n";

  PtbXlFuzz() {
    super(
        "ptb-xl",
        "records100/a.hea",
        "records100/a.dat",
        "ptbxl_database.csv",
        "scp_statements.csv",
        "row_provenance.csv");
  }

  @Override
  List<byte[]> seeds() {
    return List.of(
        join(
            text(COLUMNS + "1,15709.0,56.0,1,\"{'NORM': 100.0, 'SR': 0.0}\",3,records100/a\n"),
            text(STATEMENTS + "SR,,\n")),
        join(
            text(COLUMNS + "2,99,300.0,0,\"{\"\"IMI\"\": 35.0,}\",10,records100/a\n"),
            text(STATEMENTS),
            text("ecg_id,source,kind\n1,x,verbatim-but-cut\n2,x,rebuilt\n")));
  }

  @Override
  List<String> words() {
    return List.of(
        "ecg_id",
        "patient_id",
        "scp_codes",
        "strat_fold",
        "filename_lr",
        "diagnostic_class",
        "kind",
        "verbatim",
        "{'IMI': 1e999}",
        "{'IMI': -1}",
        "{}",
        "records100/a",
        "../records100/a",
        "NaN",
        "-1e9",
        "Infinity",
        "\0",
        "\"\"");
  }

  @Override
  List<byte[]> contents(List<byte[]> parts) {
    List<byte[]> contents = new ArrayList<>(List.of(HEADER, new byte[4]));
    contents.addAll(parts);
    return contents;
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    reading
        .read(() -> PtbXl.open(reading.folder(), 100))
        .ifPresent(source -> ChallengeFuzz.examine(reading, source));
  }
}
