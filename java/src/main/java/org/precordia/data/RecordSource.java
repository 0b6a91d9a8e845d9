// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.util.List;

/**
 * A data set of recordings that can be read in any order and by several threads at once. PTB-XL,
 * PTB Diagnostic, Challenge folders, a user's own table and the synthetic cohort are such sources.
 */
public interface RecordSource {

  /** Name of the data set as it is kept in a shard's provenance, for example {@code ptb-xl}. */
  String name();

  /** Number of recordings. */
  int size();

  /** Identifier of a recording, unique in the data set. */
  String id(int index);

  /** Patient, fold and labels of a recording. */
  Subject subject(int index);

  /**
   * Reads one recording. Safe for concurrent calls.
   *
   * @throws IOException when the recording cannot be read; the message names file and remedy
   */
  Recording read(int index) throws IOException;

  /**
   * Whether a code is a diagnostic statement, as opposed to one about the form of a wave or the
   * rhythm.
   */
  default boolean isDiagnostic(String code) {
    return true;
  }

  /** What a reader of the shard should know about the source, a sentence each. */
  default List<String> notes() {
    return List.of();
  }
}
