// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.model.NetworkConfig;

/**
 * Recorded leads and leads to reconstruct, each set completed from the other where it was not
 * given.
 *
 * @param inputs recorded leads
 * @param targets leads to reconstruct
 */
record LeadSets(List<Lead> inputs, List<Lead> targets) {
  /** Fills in what is null. */
  static LeadSets of(LeadList inputs, LeadList targets) {
    List<Lead> recorded = inputs == null ? NetworkConfig.DEFAULT_INPUTS : inputs.leads();
    return new LeadSets(recorded, targets == null ? missing(recorded) : targets.leads());
  }

  /** The independent leads that are neither recorded nor follow from two recorded limb leads. */
  private static List<Lead> missing(List<Lead> recorded) {
    boolean limbsFollow = recorded.stream().filter(LimbLeads::isLimb).count() >= 2;
    return Lead.INDEPENDENT.stream()
        .filter(lead -> !recorded.contains(lead) && !(limbsFollow && LimbLeads.isLimb(lead)))
        .toList();
  }
}
