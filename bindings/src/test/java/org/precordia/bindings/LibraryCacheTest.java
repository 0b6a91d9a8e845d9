// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Extraction: whole files only, mended when damaged, shared by processes without a lock. */
class LibraryCacheTest {
  private static final Platform PLATFORM = Platform.current();

  @TempDir Path base;

  @Test
  void extractsEveryLibraryToOneFolder() throws IOException {
    Path folder = cache().extractTo(base);
    assertEquals(base, folder.getParent());
    assertArrayEquals(packed(), Files.readAllBytes(folder.resolve(PLATFORM.libraryFile())));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".partial")));
    }
  }

  @Test
  void leavesAWholeFileAlone() throws IOException {
    Path file = cache().extractTo(base).resolve(PLATFORM.libraryFile());
    FileTime past = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));
    Files.setLastModifiedTime(file, past);
    cache().extractTo(base);
    assertEquals(past, Files.getLastModifiedTime(file));
  }

  @Test
  void mendsAFileThatWasCutShort() throws IOException {
    Path file = cache().extractTo(base).resolve(PLATFORM.libraryFile());
    Files.write(file, new byte[] {0x7f, 'E', 'L', 'F'});
    cache().extractTo(base);
    assertArrayEquals(packed(), Files.readAllBytes(file));
  }

  @Test
  void manyMayExtractAtOnce() throws Exception {
    List<Callable<Path>> tasks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      tasks.add(() -> cache().extractTo(base));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Path> result : threads.invokeAll(tasks)) {
        assertArrayEquals(
            packed(), Files.readAllBytes(result.get().resolve(PLATFORM.libraryFile())));
      }
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsAnError() throws IOException {
    Path file = Files.writeString(base.resolve("file"), "in the way");
    assertThrows(IOException.class, () -> cache().extractTo(file));
  }

  @Test
  void anotherPlatformHasNone() throws IOException {
    assertTrue(LibraryCache.open(Platform.of("AIX", "ppc64").resourceFolder()).isEmpty());
  }

  private static LibraryCache cache() throws IOException {
    return LibraryCache.open(PLATFORM.resourceFolder()).orElseThrow();
  }

  private static byte[] packed() throws IOException {
    String resource = PLATFORM.resourceFolder() + "/" + PLATFORM.libraryFile();
    try (InputStream in = LibraryCache.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    }
  }
}
