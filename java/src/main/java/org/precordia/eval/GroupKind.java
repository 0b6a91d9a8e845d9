// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/** What the records of a group have in common. */
public enum GroupKind {
  /** A diagnostic superclass of any likelihood; a record may have several. */
  SUPERCLASS("superclass"),
  /** The patient's sex as recorded. */
  SEX("sex"),
  /** The patient's age at the recording, in years. */
  AGE("age");

  private final String key;

  GroupKind(String key) {
    this.key = key;
  }

  /** Name in JSON. */
  public String key() {
    return key;
  }
}
