// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What fuzzing begins with and what it found, for every reader. A finding is a file named after
 * what it is, in the folder of its reader among the resources {@code fuzz}.
 */
class FuzzRegressionTest {
  @TempDir Path folder;

  static List<Arguments> inputs() throws IOException, URISyntaxException {
    List<Arguments> inputs = new ArrayList<>();
    for (ReaderFuzz reader : Fuzzers.all()) {
      List<byte[]> seeds = reader.seeds();
      for (int i = 0; i < seeds.size(); i++) {
        inputs.add(Arguments.of(reader.name(), "seed " + i, seeds.get(i)));
      }
      Path own = findings().resolve(reader.name());
      if (!Files.isDirectory(own)) {
        continue;
      }
      try (Stream<Path> files = Files.list(own)) {
        for (Path file : files.sorted().toList()) {
          inputs.add(
              Arguments.of(reader.name(), file.getFileName().toString(), Files.readAllBytes(file)));
        }
      }
    }
    return inputs;
  }

  private static Path findings() throws URISyntaxException {
    return Path.of(FuzzRegressionTest.class.getResource("fuzz").toURI());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("inputs")
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void readersGiveAValueOrATypedError(String reader, String name, byte[] input) throws IOException {
    Fuzzers.named(reader).test(folder, input);
  }

  @Test
  void everyFindingBelongsToAReader() throws IOException, URISyntaxException {
    Set<String> names = Fuzzers.all().stream().map(ReaderFuzz::name).collect(Collectors.toSet());
    try (Stream<Path> folders = Files.list(findings())) {
      for (Path own : folders.toList()) {
        assertTrue(names.contains(own.getFileName().toString()), own + " is for none of " + names);
      }
    }
  }
}
