// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Console;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Where a command speaks: sentences to standard error, results to standard output. With {@code
 * --json} the one thing on standard output is a JSON document.
 */
final class Output {
  private final boolean json;
  private final PrintStream out;
  private final PrintStream err;

  Output(boolean json) {
    this(json, System.out, System.err);
  }

  private Output(boolean json, PrintStream out, PrintStream err) {
    this.json = json;
    this.out = out;
    this.err = err;
  }

  /** Says nothing, for ranks whose first one speaks. */
  static Output silent() {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return new Output(false, nowhere, nowhere);
  }

  /** Whether a person watches standard error as it happens. */
  static boolean terminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Whether results are wanted as JSON. */
  boolean json() {
    return json;
  }

  /** What is going on. */
  void line(String text) {
    err.println(text);
  }

  /** A result for people; with JSON it moves out of the way. */
  void result(String text) {
    (json ? err : out).println(text);
  }

  /** The result for machines. */
  void result(JsonNode document) {
    if (json) {
      out.println(document.toPrettyString());
    }
  }
}
