// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

/** Amounts of memory as people write them. */
class ByteSizeTest {
  private static long bytes(String text) {
    return new ByteSize.Converter().convert(text).bytes();
  }

  @Test
  void unitsArePowersOf1024() {
    assertEquals(0, bytes("0"));
    assertEquals(4096, bytes("4096"));
    assertEquals(512, bytes("512B"));
    assertEquals(3 << 10, bytes("3KiB"));
    assertEquals(512L << 20, bytes("512 MiB"));
    assertEquals(8L << 30, bytes("8GiB"));
    assertEquals(8L << 30, bytes("8g"));
    assertEquals(3L << 29, bytes("1.5GB"));
    assertEquals(2L << 40, bytes("2TiB"));
  }

  @Test
  void whatIsNoAmountIsNamed() {
    for (String text : new String[] {"", "GiB", "-1", "8 elephants", "1e9", "99999999TiB"}) {
      String said = assertThrows(TypeConversionException.class, () -> bytes(text)).getMessage();
      assertTrue(said.contains("'" + text + "'") && said.contains("8GiB"), said);
    }
  }
}
