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
    while (!body.substring(at).isBlank()) {
      matcher.region(at, body.length());
      if (!matcher.lookingAt()) {
        throw new IllegalArgumentException(
            "\"" + body.substring(at).strip() + "\" is not 'CODE': likelihood");
      }
      try {
        codes.put(matcher.group(2), Double.valueOf(matcher.group(3)));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "likelihood \"" + matcher.group(3) + "\" is not a number", e);
      }
      at = matcher.end();
    }
    return codes;
  }
}
