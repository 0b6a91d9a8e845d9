// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** A fault inside the native library itself. */
public final class InternalException extends PrecordiaException {
  InternalException(int status, String sentence) {
    super(status, sentence);
  }
}
