// SPDX-License-Identifier: Apache-2.0
package org.precordia.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class ConsoleTableTest {
  private static ConsoleTable evaluation() {
    return ConsoleTable.of("row", "parameters", "RMSE [mV]", "r²")
        .row("ridge", "20", ConsoleTable.number(0.11361, 4), ConsoleTable.number(0.868, 3))
        .row("model", "180,613", ConsoleTable.number(0.0978, 4), ConsoleTable.number(Double.NaN, 3))
        .rule()
        .row("difference ± sd", "", ConsoleTable.number(-0.0158, 4), "")
        .note("fold 9, 0.5–45 Hz, 242 patients");
  }

  @Test
  void columnsLineUpToTheRightAndNamesToTheLeft() {
    assertEquals(
        """
        row              parameters     RMSE     r²
                                        [mV]
        ───────────────────────────────────────────
        ridge                    20   0.1136  0.868
        model               180,613   0.0978      –
        ───────────────────────────────────────────
        difference ± sd              -0.0158
        fold 9, 0.5–45 Hz, 242 patients
        """,
        evaluation().render(true));
  }

  @Test
  void asciiHoldsNothingElseAndStillLinesUp() {
    String text = evaluation().render(false);
    assertTrue(text.chars().allMatch(c -> c < 0x80), text);
    assertEquals(
        """
        row                parameters     RMSE    r^2
                                          [mV]
        ---------------------------------------------
        ridge                      20   0.1136  0.868
        model                 180,613   0.0978      -
        ---------------------------------------------
        difference +/- sd              -0.0158
        fold 9, 0.5-45 Hz, 242 patients
        """,
        text);
  }

  @Test
  void unitLineIsLeftOutWithoutUnits() {
    assertEquals("a  b\n────\n1  2\n", ConsoleTable.of("a", "b").row("1", "2").render(true));
  }

  @Test
  void combiningMarksTakeNoRoom() {
    String text = ConsoleTable.of("n", "v").row("e\u0301", "1").row("e", "2").render(true);
    assertEquals("n  v\n────\ne\u0301  1\ne  2\n", text);
  }

  @Test
  void numbersDoNotFollowTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertEquals("1234.50", ConsoleTable.number(1234.5, 2));
      assertEquals("[0.10, 0.20]", ConsoleTable.interval(0.1, 0.2, 2));
    } finally {
      Locale.setDefault(before);
    }
    assertEquals("–", ConsoleTable.interval(Double.NaN, 0.2, 2));
  }

  @Test
  void wrongNumberOfCellsIsRefused() {
    assertThrows(IllegalArgumentException.class, ConsoleTable::of);
    ConsoleTable table = ConsoleTable.of("a", "b");
    assertThrows(IllegalArgumentException.class, () -> table.row("1"));
  }
}
