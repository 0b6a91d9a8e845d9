// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

/**
 * The native library could not be loaded. The message lists every place that was tried, in order,
 * and why each one failed, with the linker's own words.
 */
public final class NativeLibraryException extends RuntimeException {
  NativeLibraryException(String message) {
    super(message);
  }
}
