// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

/**
 * Which rank this process is cannot be told, or the ranks do not come together. The message names
 * the variable, the address or the ranks, and the remedy.
 */
public final class RanksException extends RuntimeException {
  RanksException(String sentence) {
    super(sentence);
  }

  RanksException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
