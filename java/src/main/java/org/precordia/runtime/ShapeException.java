// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** Shapes or element types of tensors that do not fit together. */
public final class ShapeException extends PrecordiaException {
  ShapeException(int status, String sentence) {
    super(status, sentence);
  }
}
