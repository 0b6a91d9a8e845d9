// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.regex.Pattern;

/** A name that a WFDB record may have, made from any file's. */
final class RecordName {
  private static final Pattern OTHERS = Pattern.compile("[^A-Za-z0-9_-]");

  private RecordName() {}

  /** The name with an underscore for every character that a record name must not have. */
  static String of(String name) {
    return OTHERS.matcher(name).replaceAll("_");
  }
}
