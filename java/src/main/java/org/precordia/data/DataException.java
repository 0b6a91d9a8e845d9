// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Data that cannot be used: a file that is missing, damaged or says something impossible. The
 * message reads {@code file:line: what is wrong; remedy}.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Path file;
  private final int line;
  private final String problem;
  private final String remedy;

  /**
   * A problem at a line of a text file.
   *
   * @param file the file
   * @param line line number counted from 1, or 0 when the problem has none
   * @param problem what is wrong, without file or line
   * @param remedy what to do about it
   */
  public DataException(Path file, int line, String problem, String remedy) {
    this(file, line, problem, remedy, null);
  }

  /** A problem of a whole file. */
  public DataException(Path file, String problem, String remedy) {
    this(file, 0, problem, remedy, null);
  }

  /** A problem with the exception that revealed it. */
  public DataException(Path file, int line, String problem, String remedy, Throwable cause) {
    super(file + (line > 0 ? ":" + line : "") + ": " + problem + "; " + remedy, cause);
    this.file = file;
    this.line = line;
    this.problem = problem;
    this.remedy = remedy;
  }

  /** The file at fault. */
  public Path file() {
    return file;
  }

  /** Line number counted from 1, or 0 when the problem has none. */
  public int line() {
    return line;
  }

  /** What is wrong. */
  public String problem() {
    return problem;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
