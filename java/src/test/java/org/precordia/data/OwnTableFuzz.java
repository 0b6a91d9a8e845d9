// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A user's own table beside one record. */
final class OwnTableFuzz extends ReaderFuzz {
  private static final byte[] HEADER = text("a 1 100 2\na.dat 16 1 16 0 0 0 0 I\n");

  OwnTableFuzz() {
    super("own-table", "table.csv", "a.hea", "a.dat");
  }

  @Override
  List<byte[]> seeds() {
    return List.of(
        text("record,patient,fold,labels,superclasses,age,sex\na,p1,3,NORM;IMI:80,MI,61,F\n"),
        text("\ufeffrecord,labels,age\r\na.hea,\"LVH:0;;X: 5\",\r\nb\\c,,1e1\r\n"),
        text("patient,record,sex,fold\nq,a,male,10\nq,b,unknown,10\n"));
  }

  @Override
  List<String> words() {
    return List.of(
        "record",
        "patient",
        "fold",
        "labels",
        "superclasses",
        "age",
        "sex",
        "NORM",
        "HYP:100",
        ":-1",
        ":1e999",
        "../a",
        "/a",
        "a.hea",
        "NaN",
        "Infinity",
        "\0",
        "\"\"");
  }

  @Override
  List<byte[]> contents(List<byte[]> parts) {
    return List.of(parts.getFirst(), HEADER, new byte[4]);
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path folder = reading.folder();
    reading
        .read(() -> OwnTable.open(folder, folder.resolve("table.csv"), 1))
        .ifPresent(
            source -> {
              requireInside(folder, source);
              ChallengeFuzz.examine(reading, source);
            });
  }

  private static void requireInside(Path folder, RecordSource source) {
    for (int i = 0; i < source.size(); i++) {
      Path file = folder.resolve(source.id(i)).normalize();
      GuardedReading.require(file.startsWith(folder), "it reads " + file, null);
    }
  }
}
