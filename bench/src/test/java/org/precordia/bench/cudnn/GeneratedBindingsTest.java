// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The committed bindings are those that GENERATED.properties says; needs no cuDNN. */
class GeneratedBindingsTest {
  private static Properties generated() throws IOException {
    Properties properties = new Properties();
    try (Reader reader =
        Files.newBufferedReader(Path.of(System.getProperty("precordia.generated")))) {
      properties.load(reader);
    }
    return properties;
  }

  private static TreeSet<String> list(String key) throws IOException {
    return new TreeSet<>(List.of(generated().getProperty(key).split(",")));
  }

  @Test
  void theFunctionsAreThoseOfTheList() throws IOException {
    // Reflection does not initialise the class, which would open cuDNN.
    TreeSet<String> bound =
        Arrays.stream(Cudnn.class.getDeclaredMethods())
            .map(Method::getName)
            .filter(name -> name.endsWith("$descriptor"))
            .map(name -> name.substring(0, name.indexOf('$')))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(list("functions"), bound);
  }

  @Test
  void theyAreOfCudnn9AndOfTheToolThatIsNamed() throws IOException {
    Properties properties = generated();
    assertTrue(properties.getProperty("cudnn.version").matches("9\\.\\d+\\.\\d+"));
    assertTrue(properties.getProperty("headers.sha256").matches("[0-9a-f]{64}"));
    assertEquals("25", properties.getProperty("jextract.version"));
  }

  /** So that one accessor reads the results of all three searches. */
  @Test
  void theThreePassesResultsHaveOneLayout() throws IOException {
    assertEquals(3, list("structs").size());
    List<MemoryLayout> forward = unnamed(cudnnConvolutionFwdAlgoPerfStruct.layout());
    assertEquals(forward, unnamed(cudnnConvolutionBwdDataAlgoPerfStruct.layout()));
    assertEquals(forward, unnamed(cudnnConvolutionBwdFilterAlgoPerfStruct.layout()));
  }

  private static List<MemoryLayout> unnamed(MemoryLayout layout) {
    return ((StructLayout) layout).memberLayouts();
  }
}
