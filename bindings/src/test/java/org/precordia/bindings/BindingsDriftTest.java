// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The committed bindings are those of this header and this library: same header bytes, same
 * symbols, same structure layouts.
 */
class BindingsDriftTest {
  private static final String SYMBOL = "pcd_[a-z0-9_]+";
  private static Path library;

  @BeforeAll
  static void load() {
    library = NativeLibrary.load();
  }

  @Test
  void headerIsTheOneTheBindingsWereMadeFrom() throws Exception {
    Properties generated = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(System.getProperty("precordia.generated")))) {
      generated.load(in);
    }
    byte[] header = Files.readAllBytes(Path.of(System.getProperty("precordia.header")));
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(header));
    assertEquals(
        digest,
        generated.getProperty("header.sha256"),
        "precordia.h has changed since the bindings were generated: run bindings/regenerate.sh");
  }

  @Test
  void exportedAndBoundSymbolsAreTheSame() throws Exception {
    assumeTrue(Platform.current().system().equals("linux"), "reads ELF symbols with nm");
    Set<String> bound =
        Arrays.stream(Precordia.class.getMethods())
            .map(Method::getName)
            .filter(name -> name.endsWith("$descriptor"))
            .map(name -> name.substring(0, name.length() - "$descriptor".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertFalse(bound.isEmpty());
    assertEquals(bound, exportedFunctions());
  }

  @Test
  void structureLayoutsAreThoseOfTheLibrary() throws Exception {
    Map<String, Long> java = new TreeMap<>();
    for (Class<?> type : structures()) {
      GroupLayout layout = (GroupLayout) type.getMethod("layout").invoke(null);
      String name = type.getSimpleName();
      java.put(name, layout.byteSize());
      for (MemoryLayout member : layout.memberLayouts()) {
        member
            .name()
            .ifPresent(
                field ->
                    java.put(
                        name + "." + field, layout.byteOffset(PathElement.groupElement(field))));
      }
    }
    Map<String, Long> c = new TreeMap<>();
    for (String line : NativeMemory.string(Precordia.pcd_abi_layout()).lines().toList()) {
      String[] parts = line.strip().split(" ");
      c.put(parts[0], Long.valueOf(parts[1]));
    }
    assertEquals(c, java);
  }

  private static Set<String> exportedFunctions() throws IOException, InterruptedException {
    Process nm =
        new ProcessBuilder("nm", "--dynamic", "--defined-only", library.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(nm.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, nm.waitFor(), output);
    // "000000000001c2d0 T name": with a version script, other definitions would be a leak.
    return output
        .lines()
        .map(line -> line.split("\\s+"))
        .filter(parts -> parts.length == 3 && !parts[1].equals("A"))
        .map(parts -> parts[2].replaceFirst("@.*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Class<?>> structures() throws Exception {
    Path classes =
        Path.of(Precordia.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path folder = classes.resolve(Precordia.class.getPackageName().replace('.', '/'));
    List<String> names;
    try (Stream<Path> files = Files.list(folder)) {
      names =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.matches(SYMBOL + "\\.class"))
              .map(file -> file.substring(0, file.length() - ".class".length()))
              .toList();
    }
    List<Class<?>> types = new ArrayList<>();
    for (String name : names) {
      types.add(Class.forName(Precordia.class.getPackageName() + "." + name));
    }
    assertFalse(types.isEmpty());
    return types;
  }
}
