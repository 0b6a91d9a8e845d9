// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.precordia.model.RidgeAnchor;
import org.precordia.model.Standardisation;
import org.precordia.runtime.Schedule;
import org.precordia.runtime.SupConTarget;
import org.precordia.signal.Preprocessing;
import org.precordia.train.StageConfig.Kind;
import org.precordia.train.StageConfig.Loss;
import org.precordia.train.StageConfig.Patience;
import org.precordia.train.StageConfig.Rate;
import org.precordia.train.StageConfig.Sampling;

/**
 * How a network is trained: every number of docs/training.md.
 *
 * @param name {@code joint}, {@code two-stage}, {@code paper}, {@code diagnosis}, or what a user
 *     calls theirs
 * @param preprocessing what the shard's signals must have gone through
 * @param normalisation what inputs are standardised by
 * @param anchor whether a ridge regression is fitted and added to the output
 * @param anchorPenalty λ of the ridge regression
 * @param labels which statements are labels
 * @param innerShare share of the training patients held out for choosing epochs
 * @param averageDecay decay of the weights' moving average, which is what is validated and saved;
 *     0: no average
 * @param beta1 β₁ of AdamW
 * @param beta2 β₂ of AdamW
 * @param epsilon ε of AdamW
 * @param stages stages in order
 */
public record Recipe(
    String name,
    Preprocessing preprocessing,
    Standardisation.Mode normalisation,
    boolean anchor,
    double anchorPenalty,
    Labels labels,
    double innerShare,
    double averageDecay,
    double beta1,
    double beta2,
    double epsilon,
    List<StageConfig> stages) {

  /** Which statements of a record are its labels. */
  public enum Labels {
    /** Diagnostic statements of sufficient or unknown likelihood. */
    DIAGNOSTIC,
    /** All statements of sufficient likelihood. */
    CERTAIN,
    /**
     * Those of {@link #DIAGNOSTIC}, each patient with another one's: a control, see {@link
     * LabelShuffle}.
     */
    SHUFFLED,
    /** The five diagnostic superclasses, of any likelihood. */
    SUPERCLASS
  }

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final double TEMPERATURE = 0.07;

  public Recipe {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("a recipe has at least one stage");
    }
    if (!(innerShare > 0 && innerShare < 1)) {
      throw new IllegalArgumentException("innerShare must lie in (0, 1), was " + innerShare);
    }
    if (!(averageDecay >= 0 && averageDecay < 1)) {
      throw new IllegalArgumentException("averageDecay must lie in [0, 1), was " + averageDecay);
    }
  }

  /** Everything at once: the default. */
  public static Recipe joint() {
    StageConfig stage =
        new StageConfig(
            "joint",
            Kind.JOINT,
            8,
            0,
            new Rate(Schedule.ONE_CYCLE, 1.5e-3, 0, 0.1),
            5e-2,
            1,
            new Loss(0, 1, 0.01, 0.01, SupConTarget.ANY, TEMPERATURE, false),
            Sampling.uniform(128),
            List.of(Augmentation.RECONSTRUCTION),
            Patience.NONE,
            false);
    return of("joint", List.of(stage));
  }

  /** The pathology branch on two views first; then, with it frozen, the rest. */
  public static Recipe twoStage() {
    StageConfig contrastive =
        new StageConfig(
            "contrastive",
            Kind.CONTRASTIVE,
            60,
            0,
            new Rate(Schedule.COSINE, 3e-4, 1e-6, 5),
            1e-5,
            1,
            new Loss(0, 1, 1, 1, SupConTarget.ANY, TEMPERATURE, false),
            Sampling.balanced(24, 10),
            List.of(Augmentation.FIRST_VIEW, Augmentation.SECOND_VIEW),
            Patience.NONE,
            false);
    return of("two-stage", List.of(contrastive, secondStage(0, 1)));
  }

  /** The procedure of the paper's authors, on this network. */
  public static Recipe paper() {
    StageConfig contrastive = twoStage().stages.getFirst();
    StageConfig first =
        new StageConfig(
            contrastive.name(),
            contrastive.kind(),
            contrastive.epochs(),
            0,
            contrastive.rate(),
            contrastive.weightDecay(),
            contrastive.clipNorm(),
            contrastive.loss(),
            new Sampling(true, 0, 12, 6, 0, true),
            contrastive.views(),
            Patience.NONE,
            false);
    return new Recipe(
        "paper",
        Preprocessing.PAPER,
        Standardisation.Mode.WINDOW,
        false,
        RidgeAnchor.DEFAULT_PENALTY,
        Labels.CERTAIN,
        0.1,
        0,
        0.9,
        0.999,
        1e-8,
        List.of(first, secondStage(0.8, 0.2)));
  }

  /**
   * The classifier of the five superclasses that an evaluation asks what of a diagnosis is left in
   * reconstructed leads; it reconstructs nothing.
   */
  public static Recipe diagnosis() {
    StageConfig stage =
        new StageConfig(
            "diagnosis",
            Kind.CLASSIFICATION,
            4,
            0,
            new Rate(Schedule.ONE_CYCLE, 1e-3, 0, 0.1),
            5e-2,
            1,
            new Loss(0, 0, 0, 1, SupConTarget.ANY, TEMPERATURE, false),
            Sampling.uniform(128),
            List.of(Augmentation.RECONSTRUCTION),
            Patience.NONE,
            false);
    return new Recipe(
        "diagnosis",
        Preprocessing.DEFAULT,
        Standardisation.Mode.SET,
        false,
        RidgeAnchor.DEFAULT_PENALTY,
        Labels.SUPERCLASS,
        0.1,
        0.995,
        0.9,
        0.999,
        1e-8,
        List.of(stage));
  }

  /** Whether a classifier is trained, and nothing reconstructed. */
  public boolean classifies() {
    return stages.stream().allMatch(stage -> stage.kind() == Kind.CLASSIFICATION);
  }

  private static StageConfig secondStage(double mse, double l1) {
    return new StageConfig(
        "reconstruction",
        Kind.RECONSTRUCTION,
        40,
        0,
        new Rate(Schedule.CONSTANT, 1e-4, 0, 0),
        1e-4,
        1,
        new Loss(mse, l1, 0, 0, SupConTarget.ANY, TEMPERATURE, false),
        Sampling.uniform(64),
        List.of(Augmentation.RECONSTRUCTION),
        new Patience(5, 12),
        false);
  }

  private static Recipe of(String name, List<StageConfig> stages) {
    return new Recipe(
        name,
        Preprocessing.DEFAULT,
        Standardisation.Mode.SET,
        true,
        RidgeAnchor.DEFAULT_PENALTY,
        Labels.DIAGNOSTIC,
        0.1,
        0.995,
        0.9,
        0.999,
        1e-8,
        stages);
  }

  /**
   * A recipe by its name.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public static Recipe of(String name) {
    return switch (name) {
      case "joint" -> joint();
      case "two-stage" -> twoStage();
      case "paper" -> paper();
      case "diagnosis" -> diagnosis();
      default ->
          throw new IllegalArgumentException(
              "no recipe \"" + name + "\": choose joint, two-stage, paper or diagnosis");
    };
  }

  /** The same recipe with another number of epochs in every stage. */
  public Recipe withEpochs(int epochs) {
    return withStages(stages.stream().map(stage -> stage.withEpochs(epochs)).toList());
  }

  /** The same recipe under another name. */
  public Recipe withName(String other) {
    return with("name", other);
  }

  /** The same recipe with other stages. */
  public Recipe withStages(List<StageConfig> other) {
    return new Recipe(
        name,
        preprocessing,
        normalisation,
        anchor,
        anchorPenalty,
        labels,
        innerShare,
        averageDecay,
        beta1,
        beta2,
        epsilon,
        other);
  }

  /**
   * The same recipe with one value changed.
   *
   * @param path names and positions from the outside in, for example {@code stages.0.rate.peak}
   * @param value the value as JSON, for example {@code 0.001} or {@code "OUT"}; text that is not
   *     JSON counts as a string
   * @throws IllegalArgumentException when there is no such value, or it makes no sense
   */
  public Recipe with(String path, String value) {
    JsonNode root = JSON.valueToTree(this);
    String[] steps = path.split("\\.");
    JsonNode parent = root;
    for (int i = 0; i < steps.length - 1; i++) {
      parent = child(parent, steps[i], path);
    }
    String last = steps[steps.length - 1];
    child(parent, last, path);
    JsonNode replacement = parse(value);
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(last), replacement);
    } else {
      ((ObjectNode) parent).set(last, replacement);
    }
    return ofJson(root.toString());
  }

  private static JsonNode parse(String value) {
    try {
      return JSON.readTree(value);
    } catch (JsonProcessingException text) {
      return JSON.getNodeFactory().textNode(value);
    }
  }

  private static JsonNode child(JsonNode parent, String step, String path) {
    JsonNode node =
        parent.isArray() && step.matches("\\d+")
            ? parent.get(Integer.parseInt(step))
            : parent.get(step);
    if (node == null) {
      throw new IllegalArgumentException(
          "a recipe has no value '%s': there is no '%s'%s"
              .formatted(
                  path,
                  step,
                  parent.isObject()
                      ? " among " + String.join(", ", (Iterable<String>) parent::fieldNames)
                      : ""));
    }
    return node;
  }

  /** The recipe as JSON text. */
  public String toJson() {
    return JSON.valueToTree(this).toString();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException when it is not a recipe; the message names the field
   */
  public static Recipe ofJson(String text) {
    try {
      return JSON.readValue(text, Recipe.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a recipe: " + e.getOriginalMessage(), e);
    }
  }
}
