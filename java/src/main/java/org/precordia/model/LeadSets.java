// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;

/**
 * The leads that are recorded and those that a network learns to reconstruct (docs/model.md,
 * Leads). Two limb leads determine the other four, so inputs and targets together have at most two
 * that are independent: what follows is computed, never learned.
 *
 * @param inputs recorded leads, in the order of the input channels
 * @param targets leads to reconstruct, in the order of the output channels
 */
public record LeadSets(List<Lead> inputs, List<Lead> targets) {
  /** What a portable device records, and what it lacks. */
  public static final LeadSets DEFAULT = of(List.of(Lead.I, Lead.II, Lead.V2));

  /**
   * @throws IllegalArgumentException when there is nothing to reconstruct, or a lead cannot be what
   *     it is to be; the message names {@code --inputs} or {@code --targets} and the remedy
   */
  public LeadSets {
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    requireInputs(inputs);
    requireSome("--targets", targets);
    for (Lead lead : targets) {
      requireTarget(lead, inputs);
    }
    List<Lead> recorded = inputs.stream().filter(LimbLeads::isLimb).toList();
    List<Lead> learned = targets.stream().filter(LimbLeads::isLimb).toList();
    if (!learned.isEmpty() && recorded.size() >= 2) {
      throw new IllegalArgumentException(
          "%s follows from the inputs %s: it is computed, never learned; leave it out of --targets"
              .formatted(learned.getFirst(), Lead.names(recorded)));
    }
    if (learned.size() == 2 && recorded.size() == 1) {
      throw new IllegalArgumentException(
          "with input %s one of I and II determines the other: leave one of them out of --targets"
              .formatted(recorded.getFirst()));
    }
  }

  /**
   * All that inputs leave to learn: the chest leads that are not recorded, and as many of I and II
   * as the recorded limb leads lack to determine the others.
   *
   * @throws IllegalArgumentException as the constructor does
   */
  public static LeadSets of(List<Lead> inputs) {
    requireInputs(inputs);
    List<Lead> targets = new ArrayList<>(limbTargets(inputs));
    Lead.INDEPENDENT.stream()
        .filter(lead -> !LimbLeads.isLimb(lead) && !inputs.contains(lead))
        .forEach(targets::add);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing is left to reconstruct: all twelve leads follow from --inputs "
              + Lead.names(inputs));
    }
    return new LeadSets(inputs, targets);
  }

  private static List<Lead> limbTargets(List<Lead> inputs) {
    List<Lead> recorded = inputs.stream().filter(LimbLeads::isLimb).toList();
    return switch (recorded.size()) {
      case 0 -> List.of(Lead.I, Lead.II);
      case 1 -> List.of(LimbLeads.partner(recorded.getFirst()));
      default -> List.of();
    };
  }

  /**
   * Recorded leads of a network that reconstructs nothing, which may be any of the twelve.
   *
   * @throws IllegalArgumentException when there is none, or one is no standard lead or named twice
   */
  static void requireInputs(List<Lead> inputs) {
    requireSome("--inputs", inputs);
    for (Lead lead : inputs) {
      if (!Lead.TWELVE.contains(lead)) {
        throw new IllegalArgumentException(
            "--inputs: %s is none of the twelve standard leads; choose among %s"
                .formatted(lead, Lead.names(Lead.TWELVE)));
      }
    }
  }

  private static void requireTarget(Lead lead, List<Lead> inputs) {
    if (inputs.contains(lead)) {
      throw new IllegalArgumentException(
          lead + " is both an input and a target; take it out of --inputs or of --targets");
    }
    if (LimbLeads.isLimb(lead) && !Lead.INDEPENDENT.contains(lead)) {
      throw new IllegalArgumentException(
          "--targets: %s is computed from I and II, never learned; name %s instead"
              .formatted(lead, inputs.contains(Lead.I) ? "II" : "I, II or both"));
    }
    if (!Lead.INDEPENDENT.contains(lead)) {
      throw new IllegalArgumentException(
          "--targets: %s is no standard lead; choose among %s"
              .formatted(lead, Lead.names(Lead.INDEPENDENT)));
    }
  }

  private static void requireSome(String option, List<Lead> leads) {
    if (leads.isEmpty()) {
      throw new IllegalArgumentException(option + " names no lead");
    }
    if (Set.copyOf(leads).size() != leads.size()) {
      throw new IllegalArgumentException("%s names a lead twice: %s".formatted(option, leads));
    }
  }
}
