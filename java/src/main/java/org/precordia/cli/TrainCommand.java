// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.distributed.Job;
import org.precordia.model.Architecture;
import org.precordia.model.LeadSets;
import org.precordia.model.Size;
import org.precordia.profile.StepRange;
import org.precordia.runtime.Context;
import org.precordia.runtime.DeviceInfo;
import org.precordia.train.ReadingOrder;
import org.precordia.train.Recipe;
import org.precordia.train.StopOnShutdown;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingOptions;
import org.precordia.train.TrainingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code precordia train}: a shard to a model. */
@Command(
    name = "train",
    description = "Trains the network; Ctrl-C stops it in order, --resume goes on.")
final class TrainCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ComputeOptions compute;
  @Mixin RankOptions ranks;
  @Mixin PlacementOption dataOn;
  @Mixin PrecisionOption precision;
  @Mixin JsonOption json;
  @Mixin ProfileOption profile;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "What precordia prepare wrote; with --resume it may be left out.")
  Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "RUN",
      description = "Folder of the run; it must not hold one, unless --resume.")
  Path out;

  @Option(
      names = "--size",
      defaultValue = "small",
      paramLabel = "small|base|large",
      description = "Width of the network: 64, 128 or 256 channels. Default: small")
  Size size;

  @Option(
      names = "--architecture",
      defaultValue = "dilated",
      converter = ArchitectureConverter.class,
      paramLabel = "dilated|unet|lstm-unet",
      description = "The model, or a network to compare it with (docs/model.md). Default: dilated")
  Architecture architecture;

  @Option(
      names = "--recipe",
      defaultValue = "joint",
      paramLabel = "joint|two-stage|paper|diagnosis",
      description =
          "How it is trained; docs/training.md. diagnosis: the classifier of superclasses that"
              + " evaluate --classifier takes. Default: joint")
  String recipe;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description =
          "Changes a number of the recipe, for example stages.0.rate.peak=0.001. Repeatable.")
  Map<String, String> changes = new LinkedHashMap<>();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Epochs of every stage, instead of the recipe's.")
  Integer epochs;

  @Option(
      names = "--max-steps",
      defaultValue = "0",
      paramLabel = "N",
      description = "Most steps of a stage; 0: no limit. Default: 0")
  int maxSteps;

  @Option(
      names = "--inputs",
      converter = LeadList.Converter.class,
      paramLabel = "LEADS",
      description = "Recorded leads, of the twelve. Default: I,II,V2")
  LeadList inputs;

  @Option(
      names = "--targets",
      converter = LeadList.Converter.class,
      paramLabel = "LEADS",
      description =
          "Leads to learn, of I,II,V1-V6. Default: all that neither are inputs nor follow from two"
              + " limb leads")
  LeadList targets;

  @Option(
      names = "--no-h",
      description = "Train the control without pathology branch too, for the row no-h.")
  boolean control;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Key of all random numbers. Default: 1")
  long seed;

  @Option(
      names = "--accumulate",
      defaultValue = "1",
      paramLabel = "K",
      description = "Cut every batch into K chunks to save memory; same result. Default: 1")
  int accumulate;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "200",
      paramLabel = "N",
      description = "Steps between checkpoints, beside those at epochs' ends. Default: 200")
  int checkpointEvery;

  @Option(
      names = "--order",
      defaultValue = "auto",
      paramLabel = "auto|records|blocks",
      description =
          "How records are shuffled. blocks: contiguous blocks of the disk, several mixed at a"
              + " time, so that little of the data is in memory; auto: blocks when the samples"
              + " exceed half of this machine's memory. Default: auto")
  ReadingOrder order;

  @Option(
      names = "--log-mlperf",
      paramLabel = "FILE",
      description =
          "Write the run's MLPerf-style lines to the end of this file (docs/benchmark-rules.md);"
              + " not with --resume.")
  Path mlperf;

  @Option(names = "--resume", description = "Go on with the run in --out from its checkpoint.")
  boolean resume;

  @Option(
      names = "--profile-steps",
      paramLabel = "FROM:TO",
      description =
          "With --profile: only these steps of the run, and what comes after one of them before the"
              + " next.")
  String profiledSteps;

  @Override
  public Integer call() throws IOException {
    Output output = ranks.output(json);
    if (data == null && !resume) {
      throw new ParameterException(
          spec.commandLine(),
          "Missing required option: '--data=FILE' (precordia prepare makes it)");
    }
    if (mlperf != null && resume) {
      throw new ParameterException(
          spec.commandLine(),
          "--log-mlperf is of a whole run: a log that begins in its middle says nothing");
    }
    Path file = data == null ? Trainer.dataOf(out) : data;
    try (ProfileOption.Trace _ =
            profile
                .ofRank(ranks.ranks().rank())
                .open(output, range(), StopOnShutdown.PATIENCE_SECONDS);
        Shard shard = Shard.open(file);
        Context context = ranks.open(compute, output);
        Job job = ranks.join(context, ranks.configuration(), output)) {
      TrainingRun run =
          new TrainingRun(output, context, job.communicator(), shard, dataOn.placement, out)
              .logMlperf(mlperf);
      TrainingResult result =
          job.run(() -> resume ? run.resume(control) : start(run, context.device(), output));
      output.result(toJson(result));
      if (!result.completed()) {
        output.result(
            "stopped after %d steps; go on with: precordia train --resume --out %s"
                .formatted(result.steps(), out));
        return ExitCode.STOPPED;
      }
      output.result(
          "%s  %d steps in %s, best %s %.5f on held-out training patients"
              .formatted(
                  result.model(),
                  result.steps(),
                  Meter.span(result.seconds()),
                  result.score(),
                  result.best()));
      return ExitCode.OK;
    }
  }

  private TrainingResult start(TrainingRun run, DeviceInfo device, Output output)
      throws IOException {
    Recipe chosen = chosenRecipe();
    if (chosen.classifies() && (control || targets != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "Recipe %s trains a classifier, which reconstructs nothing: leave out --targets and --no-h"
              .formatted(chosen.name()));
    }
    return run.start(chosen, options(chosen, device, output), control);
  }

  private StepRange range() {
    return profiledSteps == null ? StepRange.ALL : StepRange.parse(profiledSteps);
  }

  private Recipe chosenRecipe() {
    Recipe chosen = Recipe.of(recipe.toLowerCase(Locale.ROOT));
    if (epochs != null) {
      chosen = chosen.withEpochs(epochs);
    }
    for (Map.Entry<String, String> change : changes.entrySet()) {
      chosen = chosen.with(change.getKey(), change.getValue());
    }
    return chosen;
  }

  private TrainingOptions options(Recipe chosen, DeviceInfo device, Output output) {
    if (control && architecture != Architecture.DILATED) {
      throw new ParameterException(
          spec.commandLine(),
          "--no-h trains the model without its h; %s has none: leave --no-h out"
              .formatted(architecture));
    }
    TrainingOptions.Builder builder =
        TrainingOptions.builder()
            .width(size.width())
            .architecture(architecture)
            .seed(seed)
            .maxSteps(maxSteps)
            .accumulate(accumulate)
            .precision(precision.on(device, output))
            .checkpointEvery(checkpointEvery)
            .order(order);
    if (chosen.classifies()) {
      return builder.leads(inputs == null ? Lead.INDEPENDENT : inputs.leads(), List.of()).build();
    }
    LeadSets leads = leads();
    return builder.leads(leads.inputs(), leads.targets()).build();
  }

  /** Recorded leads and leads to reconstruct, completed where one or both were not given. */
  private LeadSets leads() {
    List<Lead> recorded = inputs == null ? LeadSets.DEFAULT.inputs() : inputs.leads();
    try {
      return targets == null ? LeadSets.of(recorded) : new LeadSets(recorded, targets.leads());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private ObjectNode toJson(TrainingResult result) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("model", result.model().toString()).put("completed", result.completed());
    root.put("steps", result.steps()).put("seconds", result.seconds());
    root.put("score", result.score()).put("best", result.best());
    return root;
  }
}
