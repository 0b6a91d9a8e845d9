// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.precordia.eval.EvaluationRow;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.train.Recipe;
import org.precordia.train.TrainingOptions;

/** The rows of a study, in the order of its table (docs/evaluation.md, Study). */
public enum StudyRow {
  /** Mean of each lead. */
  MEAN(EvaluationRow.MEAN, "the training windows' mean of each target lead"),
  /** Ridge regression. */
  RIDGE(EvaluationRow.RIDGE, "ridge regression on the inputs, sample by sample"),
  /** Ridge regression on more. */
  RIDGE_LAGS(
      EvaluationRow.RIDGE_LAGS,
      "ridge regression on the inputs within 160 ms and their log-RMS over the window"),
  /** A U-Net without the anchor. */
  UNET_NO_ANCHOR(
      "unet-no-anchor",
      "a U-Net without anchor",
      recipes -> StudyRecipes.withoutAnchor(recipes.joint()),
      options -> options.architecture(Architecture.UNET)),
  /** A U-Net. */
  UNET(
      "unet",
      "a U-Net with anchor",
      StudyRecipes::joint,
      options -> options.architecture(Architecture.UNET)),
  /** An LSTM–U-Net without the anchor. */
  LSTM_UNET_NO_ANCHOR(
      "lstm-unet-no-anchor",
      "an LSTM–U-Net without anchor",
      recipes -> StudyRecipes.withoutAnchor(recipes.joint()),
      options -> options.architecture(Architecture.LSTM_UNET)),
  /** An LSTM–U-Net. */
  LSTM_UNET(
      "lstm-unet",
      "an LSTM–U-Net with anchor",
      StudyRecipes::joint,
      options -> options.architecture(Architecture.LSTM_UNET)),
  /** No pathology branch, jointly. */
  NO_H(
      EvaluationRow.NO_H,
      "the network without pathology branch",
      StudyRecipes::joint,
      options -> options.conditioning(Conditioning.NONE)),
  /** Trained on the reconstruction alone. */
  RECONSTRUCTION_ONLY(
      "h-by-reconstruction",
      "h trained by the reconstruction loss alone (λ = 0)",
      StudyRecipes::jointWithoutLabels),
  /** Without the anchor. */
  MODEL_NO_ANCHOR(
      "model-no-anchor",
      "the model without anchor",
      recipes -> StudyRecipes.withoutAnchor(recipes.joint())),
  /** The procedure of the paper's authors. */
  PAPER(
      "paper",
      "the paper's recipe on this network, on signals without its running median",
      StudyRecipes::paper),
  /** Frozen: no pathology branch. */
  FROZEN_NO_H(
      "frozen-no-h",
      "no pathology branch, by the second stage of two-stage",
      StudyRecipes::lastStage,
      options -> options.conditioning(Conditioning.NONE)),
  /** Frozen: as drawn. */
  FROZEN_RANDOM("frozen-random", "h from a random encoder, never trained", StudyRecipes::lastStage),
  /** Amplitudes in the place of h. */
  FROZEN_AMPLITUDE(
      "frozen-amplitude",
      "the inputs' log-RMS in the place of h",
      StudyRecipes::lastStage,
      options -> options.conditioning(Conditioning.AMPLITUDE)),
  /** Frozen: trained on the reconstruction alone. */
  FROZEN_RECONSTRUCTION(
      "frozen-reconstruction",
      "h trained by the reconstruction loss alone, then frozen",
      StudyRecipes::reconstructionThenFrozen),
  /** Frozen: positives are views. */
  FROZEN_VIEWS(
      "frozen-views",
      "h self-supervised: a window's other view is its only positive",
      StudyRecipes::selfSupervised),
  /** Frozen: labels of other patients. */
  FROZEN_SHUFFLED("frozen-shuffled", "h from the labels of other patients", StudyRecipes::shuffled),
  /** Frozen: the patient's labels. */
  TWO_STAGE("two-stage", "h from the patients' labels, then frozen", StudyRecipes::twoStage),
  /** The model. */
  MODEL(EvaluationRow.MODEL, "the model: everything at once", StudyRecipes::joint),
  /** All seeds of the model at once. */
  ENSEMBLE(EvaluationRow.ENSEMBLE, "mean of what the model's seeds reconstruct");

  private final String id;
  private final String what;
  private final Function<StudyRecipes, Recipe> recipe;
  private final UnaryOperator<TrainingOptions.Builder> options;

  StudyRow(String id, String what) {
    this(id, what, null);
  }

  StudyRow(String id, String what, Function<StudyRecipes, Recipe> recipe) {
    this(id, what, recipe, UnaryOperator.identity());
  }

  StudyRow(
      String id,
      String what,
      Function<StudyRecipes, Recipe> recipe,
      UnaryOperator<TrainingOptions.Builder> options) {
    this.id = id;
    this.what = what;
    this.recipe = recipe;
    this.options = options;
  }

  /** Name in tables, options and folders. */
  public String id() {
    return id;
  }

  /** What it is. */
  public String what() {
    return what;
  }

  /** Whether it is trained, with a seed; the others are fitted or put together once. */
  public boolean trained() {
    return recipe != null;
  }

  /** What it is trained by. */
  Recipe recipe(StudyRecipes recipes) {
    return recipe.apply(recipes);
  }

  /** What is trained. */
  TrainingOptions options(TrainingOptions.Builder common) {
    return options.apply(common).build();
  }

  /**
   * Rows that have the same recipe and stages with an h that knows no labels, or none: a claim that
   * labels help this row's h stands only if it beats all of them.
   */
  public List<StudyRow> controls() {
    return switch (this) {
      case TWO_STAGE ->
          List.of(
              FROZEN_SHUFFLED,
              FROZEN_VIEWS,
              FROZEN_RECONSTRUCTION,
              FROZEN_RANDOM,
              FROZEN_AMPLITUDE,
              FROZEN_NO_H);
      case MODEL -> List.of(NO_H, RECONSTRUCTION_ONLY);
      default -> List.of();
    };
  }

  /** Rows without h that this one is held against besides: what it must beat to be of use. */
  public List<StudyRow> rivals() {
    return switch (this) {
      case MODEL -> List.of(RIDGE, RIDGE_LAGS, UNET, LSTM_UNET);
      case TWO_STAGE, ENSEMBLE -> List.of(RIDGE, RIDGE_LAGS, UNET, LSTM_UNET, NO_H);
      default -> List.of();
    };
  }

  /**
   * The row of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static StudyRow of(String name) {
    return Arrays.stream(values())
        .filter(row -> row.id.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a study has no row \"%s\": choose all, or some of %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(StudyRow::id)
                                .collect(Collectors.joining(", ")))));
  }
}
