// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.io.IOException;
import java.nio.file.Path;

/** A file of tensors that cannot be used; the message names file and tensor, and what to do. */
public final class TensorFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final String REMEDY = "give a file that precordia train wrote, fetched whole";

  TensorFileException(Path file, String problem, Object... arguments) {
    super(file + ": " + problem.formatted(arguments) + "; " + REMEDY);
  }
}
