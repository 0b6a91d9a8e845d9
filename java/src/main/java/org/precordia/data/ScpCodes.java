// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses PTB-XL's {@code scp_codes}: a Python dictionary of statement code to likelihood in
 * percent, such as <code>{'NORM': 100.0, 'SR': 0.0}</code>.
 */
final class ScpCodes {
  private static final Pattern ENTRY =
      Pattern.compile("\\s*(['\"])([^'\"]+)\\1\\s*:\\s*([-+0-9.eE]+)\\s*(,|$)");

  private ScpCodes() {}

  /**
   * Parses a dictionary.
   *
   * @throws IllegalArgumentException when the text is none
   */
  static Map<String, Double> parse(String text) {
    String body = text.strip();
    if (!body.startsWith("{") || !body.endsWith("}")) {
      throw new IllegalArgumentException("\"" + text + "\" is not a dictionary in braces");
    }
    body = body.substring(1, body.length() - 1);
    Map<String, Double> codes = new LinkedHashMap<>();
    Matcher matcher = ENTRY.matcher(body);
    int at = 0;
    int end = body.stripTrailing().length();
    while (at < end) {
      matcher.region(at, body.length());
      if (!matcher.lookingAt()) {
        throw new IllegalArgumentException(
            "\"" + body.substring(at).strip() + "\" is not 'CODE': likelihood");
      }
      codes.put(matcher.group(2), likelihood(matcher.group(3)));
      at = matcher.end();
    }
    return codes;
  }

  private static double likelihood(String text) {
    double percent = Double.NaN;
    try {
      percent = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
      percent = Double.NaN;
    }
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException(
          "likelihood \"" + text + "\" is not a number from 0 to 100");
    }
    return percent;
  }
}
