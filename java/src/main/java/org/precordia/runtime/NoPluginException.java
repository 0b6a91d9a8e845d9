// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** The backend's library is not beside the core library, or belongs to another build. */
public final class NoPluginException extends PrecordiaException {
  NoPluginException(int status, String sentence) {
    super(status, sentence);
  }
}
