// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import java.util.List;
import java.util.Set;
import org.precordia.data.Lead;
import org.precordia.data.Recording;

/**
 * A reconstructed recording and how each of its leads came about.
 *
 * @param recording up to twelve leads at the rate of the input; NaN where nothing could be
 *     reconstructed
 * @param measured leads that are the input's own samples
 * @param derived limb leads computed from two measured ones
 * @param reconstructed leads that the network made, and limb leads computed from one that it made
 * @param warnings sentences a reader of the recording should see, each naming the lead it is about
 */
public record Reconstruction(
    Recording recording,
    Set<Lead> measured,
    Set<Lead> derived,
    Set<Lead> reconstructed,
    List<String> warnings) {

  public Reconstruction {
    measured = Set.copyOf(measured);
    derived = Set.copyOf(derived);
    reconstructed = Set.copyOf(reconstructed);
    warnings = List.copyOf(warnings);
  }
}
