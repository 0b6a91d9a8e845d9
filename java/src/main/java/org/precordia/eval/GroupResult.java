// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.List;

/**
 * The rows of an evaluation on the records of one group. A record that belongs to several of a kind
 * counts in each of them.
 *
 * @param kind what its records have in common
 * @param name the superclass, sex or age band
 * @param patients number of patients; with fewer than 30 there are no intervals and no claim
 * @param windows number of windows
 * @param rows the rows, in the order of the evaluation; empty without windows
 */
public record GroupResult(
    GroupKind kind, String name, int patients, int windows, List<RowResult> rows) {
  public GroupResult {
    rows = List.copyOf(rows);
  }

  /** Whether there are patients enough for a claim. */
  public boolean claimable() {
    return patients >= PatientBootstrap.FEWEST_PATIENTS;
  }
}
