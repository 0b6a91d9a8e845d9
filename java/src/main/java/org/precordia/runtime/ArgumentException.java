// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/**
 * A value that the native library does not accept: a missing view, a negative size, an unknown
 * flag.
 */
public final class ArgumentException extends PrecordiaException {
  ArgumentException(int status, String sentence) {
    super(status, sentence);
  }
}
