// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds XHTML-conformant markup, HTML and SVG alike. Text and attributes can only be added
 * escaped, and elements only closed in order, so that what a user named a record or a label cannot
 * become markup. A template library would escape as well, but most of a report is drawn by code
 * (charts), and a second language for the rest would gain nothing.
 *
 * <p>Not thread-safe.
 */
public final class Markup {
  private final StringBuilder out = new StringBuilder(1 << 12);
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values in turn; one whose value is null is left out
   */
  public Markup open(String tag, String... attributes) {
    start(tag, attributes);
    out.append('>');
    open.push(tag);
    return this;
  }

  /** Closes the element opened last. */
  public Markup close() {
    out.append("</").append(open.pop()).append(">\n");
    return this;
  }

  /** Closes the element opened last, without a blank after it. */
  public Markup closeInline() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element with text and nothing else, followed by no blank. */
  public Markup element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).closeInline();
  }

  /** An element without content: one of HTML's void elements, or one of SVG. */
  public Markup empty(String tag, String... attributes) {
    start(tag, attributes);
    out.append("/>");
    return this;
  }

  /** Text. */
  public Markup text(String text) {
    out.append(escape(text));
    return this;
  }

  /** Appends markup that is complete in itself. */
  public Markup add(Markup other) {
    if (!other.open.isEmpty()) {
      throw new IllegalStateException("element " + other.open.peek() + " is still open");
    }
    out.append(other.out);
    return this;
  }

  /** A paragraph. */
  public Markup paragraph(String text, String... attributes) {
    return open("p", attributes).text(text).close();
  }

  /** Style sheets and scripts of ours: HTML reads them raw, XML as CDATA; both see the same. */
  Markup raw(String text) {
    out.append(text);
    return this;
  }

  private void start(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        out.append(' ').append(attributes[i]).append("=\"");
        out.append(escape(attributes[i + 1])).append('"');
      }
    }
  }

  /**
   * Escapes markup; characters that XML 1.0 does not allow (control characters, lone surrogates)
   * become U+FFFD.
   */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isAllowed(point) ? point : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  private static boolean isAllowed(int point) {
    return point == '\t'
        || point == '\n'
        || point == '\r'
        || (point >= 0x20 && point <= 0xD7FF)
        || (point >= 0xE000 && point <= 0xFFFD)
        || point >= 0x10000;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
