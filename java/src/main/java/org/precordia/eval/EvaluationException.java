// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/** Data and models that cannot be evaluated together, or a selection without data. */
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  EvaluationException(String message) {
    super(message);
  }
}
