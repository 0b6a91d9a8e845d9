// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Console;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command speaks: sentences to standard error, results to standard output. With {@code
 * --json} the one thing on standard output is a JSON document. Of many ranks the first speaks; the
 * others say nothing but what went wrong.
 */
final class Output {
  private final boolean json;
  private final boolean first;
  private final String prefix;
  private final PrintStream out;
  private final PrintStream err;

  Output(boolean json) {
    this(json, true, "", System.out, System.err);
  }

  private Output(boolean json, boolean first, String prefix, PrintStream out, PrintStream err) {
    this.json = json;
    this.first = first;
    this.prefix = prefix;
    this.out = out;
    this.err = err;
  }

  /**
   * The voice of a rank other than the first.
   *
   * @param prefix begins each of its lines, to tell whose it is
   */
  static Output ofOtherRank(String prefix) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Output(false, false, prefix, nowhere, System.err);
  }

  /** Whether a person watches standard error as it happens. */
  boolean terminal() {
    Console console = System.console();
    return first && console != null && console.isTerminal();
  }

  /** Whether results are wanted as JSON. */
  boolean json() {
    return json;
  }

  /** What is going on. */
  void line(String text) {
    if (first) {
      err.println(text);
    }
  }

  /** What is or may go wrong; every rank says it. */
  void error(String text) {
    err.println(prefix + text);
  }

  /** A result for people; with JSON it moves out of the way. */
  void result(String text) {
    if (json) {
      line(text);
    } else {
      out.println(text);
    }
  }

  /** The result for machines. */
  void result(JsonNode document) {
    if (json) {
      out.println(document.toPrettyString());
    }
  }
}
