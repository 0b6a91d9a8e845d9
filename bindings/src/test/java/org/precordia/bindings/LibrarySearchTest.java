// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search that fails says what it tried and why each place failed. */
class LibrarySearchTest {
  private static final Platform LINUX = Platform.of("Linux", "amd64");

  @TempDir Path folder;

  @Test
  void aNamedFileThatIsNotThereIsNotReplacedByAnother() {
    Path absent = folder.resolve("absent.so");
    String message = failure(LINUX, Map.of(NativeLibrary.LIBRARY_PROPERTY, absent.toString()));
    assertTrue(message.contains(absent + ": no such file"), message);
    assertTrue(message.contains("-Dprecordia.library"), message);
  }

  @Test
  void aNamedFolderStandsForTheLibraryInIt() {
    String message = failure(LINUX, Map.of(NativeLibrary.LIBRARY_PROPERTY, folder.toString()));
    assertTrue(message.contains(folder.resolve("libprecordia.so") + ": no such file"), message);
  }

  @Test
  void theLinkersOwnSentenceIsShown() throws IOException {
    Path text = Files.writeString(folder.resolve("libprecordia.so"), "x".repeat(4096));
    String message = failure(LINUX, Map.of(NativeLibrary.LIBRARY_PROPERTY, text.toString()));
    UnsatisfiedLinkError linker =
        assertThrows(UnsatisfiedLinkError.class, () -> System.load(text.toString()));
    assertTrue(message.contains(text + ": " + linker.getMessage()), message);
  }

  @Test
  void aPlatformWithoutALibraryIsNamed() {
    String message = failure(Platform.of("FreeBSD", "riscv64"), Map.of());
    assertTrue(message.contains("no library for freebsd-riscv64"), message);
  }

  @Test
  void platformsAreSpelledAsTheBuildSpellsThem() {
    assertEquals("linux-x86_64", Platform.of("Linux", "amd64").toString());
    assertEquals("linux-aarch64", Platform.of("Linux", "aarch64").toString());
    assertEquals("macos-aarch64", Platform.of("Mac OS X", "aarch64").toString());
    assertEquals("windows-x86_64", Platform.of("Windows 11", "amd64").toString());
    assertEquals("libprecordia.dylib", Platform.of("Mac OS X", "aarch64").libraryFile());
  }

  private static String failure(Platform platform, Map<String, String> properties) {
    LibrarySearch search = new LibrarySearch(platform, properties::get, name -> null);
    return assertThrows(NativeLibraryException.class, search::load).getMessage();
  }
}
