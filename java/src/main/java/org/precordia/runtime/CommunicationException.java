// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** A collective between ranks failed. */
public final class CommunicationException extends PrecordiaException {
  CommunicationException(int status, String sentence) {
    super(status, sentence);
  }
}
