// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.io.IOException;
import java.nio.file.Path;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.signal.Preprocessing;
import org.precordia.synth.SyntheticCohort;

/** A small synthetic data set for tests. */
final class TrainingShard {
  private TrainingShard() {}

  /** Prepares a cohort into a folder and opens it. */
  static Shard prepare(Path folder, int patients) throws IOException {
    return prepare(folder, patients, Preprocessing.DEFAULT);
  }

  /** Prepares a cohort with another preset. */
  static Shard prepare(Path folder, int patients, Preprocessing preset) throws IOException {
    Path file = folder.resolve("cohort-" + patients + "-" + preset.id() + ".shard");
    Preparation.run(
        new SyntheticCohort(patients, 11),
        file,
        PreparationSettings.defaults().with(preset),
        (done, total, rate) -> {});
    return Shard.open(file);
  }

  /** Prepares a cohort into a folder of files of so many bytes. */
  static Shard prepareParts(Path folder, int patients, long bytes) throws IOException {
    Path parts = folder.resolve("cohort-" + patients + "-parts");
    Preparation.run(
        new SyntheticCohort(patients, 11),
        parts,
        PreparationSettings.defaults().withPartBytes(bytes),
        (done, total, rate) -> {});
    return Shard.open(parts);
  }

  /** A recipe that does little: few windows a step, few steps an epoch. */
  static Recipe small(Recipe recipe, int windows, int stepsPerEpoch, int epochs) {
    Recipe result = recipe.withEpochs(epochs);
    for (int i = 0; i < recipe.stages().size(); i++) {
      String stage = "stages." + i + ".";
      result = result.with(stage + "stepsPerEpoch", Integer.toString(stepsPerEpoch));
      if (recipe.stages().get(i).sampler().balanced()) {
        result =
            result
                .with(stage + "sampler.codes", "4")
                .with(stage + "sampler.windowsPerCode", Integer.toString(windows / 4));
      } else {
        result = result.with(stage + "sampler.windows", Integer.toString(windows));
      }
    }
    return result;
  }

  /** Options of a narrow network. */
  static TrainingOptions.Builder narrow() {
    return TrainingOptions.builder().width(16).seed(5);
  }
}
