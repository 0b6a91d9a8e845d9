// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of sums as they are published, and as somebody with bad intent would write them. */
class ChecksumsTest extends DownloadFixture {
  private static final String SUM = "0123456789abcdef".repeat(4);

  private static Checksums parse(String text) throws MirrorException {
    return Checksums.parse(text.getBytes(StandardCharsets.UTF_8), "list");
  }

  @Test
  void theUsualFormsAreRead() throws Exception {
    assertEquals(
        List.of(
            new Checksums.Entry("LICENSE.txt", SUM),
            new Checksums.Entry("records100/00000/a b.hea", SUM),
            new Checksums.Entry("b.dat", SUM),
            new Checksums.Entry("c/d.dat", SUM)),
        parse(
                SUM
                    + " LICENSE.txt\n"
                    + SUM
                    + "  records100/00000/a b.hea\r\n"
                    + "\n"
                    + SUM.toUpperCase(java.util.Locale.ROOT)
                    + " *b.dat\n"
                    + SUM
                    + "  ./c/d.dat\n"
                    + SUM
                    + " SHA256SUMS.txt\n"
                    + SUM
                    + " b.dat")
            .entries());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside",
        "records100/../../outside",
        "records100/..",
        "/outside",
        "//host/outside",
        "C:/outside",
        "C:outside",
        "records100\\..\\..\\outside",
        "records100/name:stream",
        "records100/./x",
        "records100//x",
        "records100/",
        "records100/... /x",
        "records100/nul\u0000byte",
        "records100/escape\u001b[2J",
        ".precordia-download/lock",
        ".PRECORDIA-download/parts/x"
      })
  void aNameThatLeadsOutEndsItBeforeAnythingIsWritten(String name) throws Exception {
    String list = SUM + " fine.txt\n" + SUM + " " + name + "\n";
    MirrorException e = assertThrows(MirrorException.class, () -> parse(list));
    assertTrue(e.getMessage().startsWith("list:2: the name "), e.getMessage());
    server.put(Checksums.NAME, list.getBytes(StandardCharsets.UTF_8));
    assertThrows(MirrorException.class, this::download);
    try (Stream<Path> files = Files.walk(temporary)) {
      List<String> written =
          files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()).sorted().toList();
      assertEquals(List.of("lock", "verified.tsv"), written);
    }
  }

  @Test
  void endlessNamesAndContradictionsAreRefused() {
    assertThrows(MirrorException.class, () -> parse(SUM + " " + "a".repeat(2000)));
    String other = "f" + SUM.substring(1);
    for (String second : List.of(other + " a/B", SUM + " A/b")) {
      MirrorException e =
          assertThrows(MirrorException.class, () -> parse(SUM + " a/B\n" + second + "\n"));
      assertTrue(e.getMessage().startsWith("list:2: "), e.getMessage());
      assertTrue(e.getMessage().contains("listed twice"), e.getMessage());
    }
    assertThrows(MirrorException.class, () -> parse(SUM.substring(1) + " a"));
  }
}
