// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

/** Writes the members of a JSON object, in ASCII. */
public final class Arguments {
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int FIRST_BEYOND_ASCII = 0x7f;

  private final StringBuilder text;
  private boolean empty = true;

  Arguments(StringBuilder text) {
    this.text = text;
  }

  /** Adds text. */
  public Arguments put(String name, String value) {
    key(name);
    quote(text, value);
    return this;
  }

  /** Adds a whole number. */
  public Arguments put(String name, long value) {
    key(name);
    text.append(value);
    return this;
  }

  /** Adds a number; one that is not finite, which JSON has not, becomes text. */
  public Arguments put(String name, double value) {
    if (!Double.isFinite(value)) {
      return put(name, Double.toString(value));
    }
    key(name);
    text.append(value);
    return this;
  }

  /** Adds true or false. */
  public Arguments put(String name, boolean value) {
    key(name);
    text.append(value);
    return this;
  }

  private void key(String name) {
    if (!empty) {
      text.append(',');
    }
    empty = false;
    quote(text, name);
    text.append(':');
  }

  /** Appends a string of JSON. */
  static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < FIRST_PRINTABLE || c >= FIRST_BEYOND_ASCII) {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
