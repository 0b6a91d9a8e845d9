// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** Challenge records, MATLAB level 4 with what comments say of the subject, as both data sets. */
final class ChallengeFuzz extends ReaderFuzz {
  ChallengeFuzz() {
    super("challenge", "r.hea", "r.mat");
  }

  @Override
  List<byte[]> seeds() {
    ByteBuffer matrix = ByteBuffer.allocate(24 + 16).order(ByteOrder.LITTLE_ENDIAN);
    matrix.putInt(30).putInt(2).putInt(4).putInt(0).putInt(4).put(text("val\0"));
    for (int i = 0; i < 8; i++) {
      matrix.putShort((short) i);
    }
    String signals =
        "r 2 500 4 12-May-2020 12:33:59\nr.mat 16+24 1000/mV 16 0 0 12 0 I\n"
            + "r.mat 16+24 1000/mV 16 0 1 16 0 II\n";
    return List.of(
        join(
            text(signals + "#Age: 74\n#Sex: Male\n#Dx: 426783006,59118001\n#Rx: Unknown\n"),
            matrix.array()),
        join(
            text(signals + "# Reason for admission: Myocardial infarction\n# Source: patient012\n"),
            matrix.array()));
  }

  @Override
  List<String> words() {
    return List.of(
        "#Age: NaN",
        "#Age: -1",
        "#Age: 1e999",
        "#Sex: f",
        "#Dx: ",
        "426783006",
        "164889003",
        "# Reason for admission: n/a",
        "Healthy control",
        "patient1",
        "16+24",
        "MATLAB 5.0",
        "val\0");
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path folder = reading.folder();
    reading.read(() -> Challenge.open(folder)).ifPresent(source -> examine(reading, source));
    reading.read(() -> PtbDiagnostic.open(folder)).ifPresent(source -> examine(reading, source));
  }

  /** Looks at every subject and reads every recording of a data set. */
  static void examine(GuardedReading reading, RecordSource source) {
    for (int i = 0; i < source.size(); i++) {
      int index = i;
      Subject subject = source.subject(i);
      GuardedReading.require(
          !source.id(i).isBlank() && !subject.patient().isBlank(), "a record has no name", null);
      GuardedReading.require(
          Double.isNaN(subject.age()) || Subject.isAge(subject.age()),
          "an age is " + subject.age(),
          null);
      for (double likelihood : subject.codes().values()) {
        GuardedReading.require(
            likelihood >= 0 && likelihood <= 100, "a likelihood is " + likelihood, null);
      }
      subject.codes().keySet().forEach(source::isDiagnostic);
      reading.recording(() -> source.read(index));
    }
  }
}
