// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

/**
 * What every rank of a job must have been asked for alike.
 *
 * @param fingerprint equal exactly where the options are
 * @param sentence the options, for the message where they are not
 */
public record Configuration(String fingerprint, String sentence) {
  /** Options whose text is their own fingerprint. */
  public static Configuration of(String sentence) {
    return new Configuration(sentence, sentence);
  }

  /** The same with something more that must be alike. */
  public Configuration and(String more) {
    return new Configuration(fingerprint + ", " + more, sentence + ", " + more);
  }
}
