// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Markup cannot be broken by text, and figures do not depend on the locale. */
class MarkupTest {
  private final Locale locale = Locale.getDefault();

  @AfterEach
  void restoreLocale() {
    Locale.setDefault(locale);
  }

  @Test
  void textAndAttributesAreEscaped() {
    Markup markup =
        new Markup().element("p", "<script>alert('&')</script>", "title", "\"><b onclick=\"x");
    assertEquals(
        "<p title=\"&quot;&gt;&lt;b"
            + " onclick=&quot;x\">&lt;script&gt;alert('&amp;')&lt;/script&gt;</p>",
        markup.toString());
  }

  @Test
  void whatXmlForbidsIsReplaced() {
    assertEquals("a\uFFFDb\uFFFD\n", Markup.escape("a\u0001b\uD800\n"));
  }

  @Test
  void anAttributeWithoutValueIsLeftOut() {
    assertEquals(
        "<br class=\"a\"/>", new Markup().empty("br", "class", "a", "id", null).toString());
  }

  @Test
  void openMarkupIsNotTakenOver() {
    Markup open = new Markup().open("p");
    assertThrows(IllegalStateException.class, () -> new Markup().add(open));
  }

  @Test
  void figuresAreTheSameInEveryLocale() {
    Locale.setDefault(Locale.GERMANY);
    assertEquals("0.098", Figures.number(0.0979, 3));
    assertEquals("\u221213.8", Figures.signed(-13.84, 1));
    assertEquals("+0.5", Figures.signed(0.46, 1));
    assertEquals("0.0", Figures.signed(-0.04, 1));
    assertEquals("259\u202f562", Figures.count(259562));
    assertEquals("3146", Figures.count(3146));
    assertEquals("1\u202f234\u202f567.9", Figures.number(1234567.89, 1));
    assertEquals("0.00110", Figures.significant(0.0011, 3));
    assertEquals("396", Figures.significant(395.9, 3));
    assertEquals("–", Figures.number(Double.NaN, 2));
    assertEquals("–", Figures.range(Double.NaN, 1, 2));
    assertEquals("1 patient", Figures.count(1, "patient", "patients"));
  }

  @Test
  void aTableRefusesRowsOfAnotherLength() {
    HtmlTable table = new HtmlTable("t", "c").text("a").figures("b", "mV");
    assertThrows(IllegalArgumentException.class, () -> table.row("1"));
  }
}
