// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** A valid request that this backend or precision cannot carry out. */
public final class UnsupportedException extends PrecordiaException {
  UnsupportedException(int status, String sentence) {
    super(status, sentence);
  }
}
