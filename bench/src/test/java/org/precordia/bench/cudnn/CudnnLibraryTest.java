// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a cuDNN that is not there; needs none. */
class CudnnLibraryTest {
  @TempDir Path folder;

  private static CudnnLibrary open(Map<String, String> properties, Map<String, String> variables) {
    return CudnnLibrary.open(properties::get, variables::get);
  }

  private void assertAbsent(CudnnLibrary library, String... parts) {
    assertFalse(library.present());
    assertTrue(library.sentence().startsWith("cuDNN: absent: "), library.sentence());
    assertEquals(1, library.sentence().lines().count(), library.sentence());
    for (String part : parts) {
      assertTrue(library.sentence().contains(part), library.sentence());
    }
  }

  @Test
  void aFolderWithoutItIsNamedWithWhoNamedIt() {
    Map<String, String> here = Map.of("precordia.cudnn", folder.toString());
    assertAbsent(
        open(here, Map.of()), "-Dprecordia.cudnn", folder.resolve("libcudnn.so.9").toString());
    here = Map.of("PRECORDIA_CUDNN", folder.toString());
    assertAbsent(
        open(Map.of(), here), "PRECORDIA_CUDNN", folder.resolve("libcudnn.so.9").toString());
  }

  @Test
  void thePropertyIsAskedBeforeTheVariable() {
    CudnnLibrary library =
        open(
            Map.of("precordia.cudnn", folder.resolve("first").toString()),
            Map.of("PRECORDIA_CUDNN", folder.resolve("second").toString()));
    assertAbsent(library, "first");
    assertFalse(library.sentence().contains("second"), library.sentence());
  }

  @Test
  void aFileThatIsNoLibraryIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("libcudnn.so.9"));
    assertAbsent(
        open(Map.of("precordia.cudnn", file.toString()), Map.of()),
        "does not load",
        file.toString());
  }

  @Test
  void withoutANameTheDynamicLinkerIsAsked() {
    CudnnLibrary library = open(Map.of(), Map.of());
    if (library.present()) {
      assertTrue(library.sentence().contains("dynamic linker"), library.sentence());
    } else {
      assertAbsent(library, "LD_LIBRARY_PATH", "-Dprecordia.cudnn", "PRECORDIA_CUDNN");
    }
  }
}
