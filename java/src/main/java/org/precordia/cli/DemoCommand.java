// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.precordia.ReconstructionOptions;
import org.precordia.Reconstructor;
import org.precordia.data.AtomicFile;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Recordings;
import org.precordia.data.Shard;
import org.precordia.eval.Evaluation;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.synth.SyntheticCohort;
import org.precordia.train.Recipe;
import org.precordia.train.TrainingOptions;
import org.precordia.train.TrainingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia demo}: the whole way on synthetic patients, in a few minutes, without data. */
@Command(
    name = "demo",
    description = {
      "The whole way on synthetic patients: prepares them, trains, compares with the baselines on",
      "patients that were not seen in training, and draws some of those."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int FINAL_FOLD = 10;
  private static final String REPORT = "report.html";

  @Mixin ComputeOptions compute;

  @Option(
      names = "--out",
      defaultValue = "precordia-demo",
      paramLabel = "DIR",
      description =
          "Folder for everything; an earlier demo in it is replaced. Default: ${DEFAULT-VALUE}")
  Path out;

  @Option(
      names = "--patients",
      defaultValue = "800",
      paramLabel = "N",
      description = "Synthetic patients. Default: 800")
  int patients;

  @Option(names = "--epochs", defaultValue = "6", paramLabel = "N", description = "Default: 6")
  int epochs;

  @Option(
      names = "--pictures",
      defaultValue = "3",
      paramLabel = "N",
      description = "Unseen patients that are drawn. Default: 3")
  int pictures;

  @Option(names = "--seed", defaultValue = "1", paramLabel = "N", description = "Default: 1")
  long seed;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    Output output = new Output(false);
    Path run = out.resolve("run");
    clear(run);
    SyntheticCohort cohort = new SyntheticCohort(patients, seed);
    Path data = out.resolve("synthetic.shard");
    output.line("1 of 4  %d synthetic patients -> %s".formatted(patients, data));
    PrepareCommand.run(
        output, cohort, data, PreparationSettings.defaults().withCommand("precordia demo"));
    try (Shard shard = Shard.open(data);
        Context context = compute.open(output);
        Communicator ranks = Communicator.single(context)) {
      output.line("2 of 4  train I, II, V2 -> V1, V3-V6, and the control without pathology branch");
      TrainingOptions options = TrainingOptions.builder().seed(seed).build();
      TrainingResult result =
          new TrainingRun(output, context, ranks, shard, DataPlacement.AUTO, run)
              .start(Recipe.joint().withEpochs(epochs), options, true);
      if (!result.completed()) {
        return ExitCode.STOPPED;
      }
      output.line(
          "3 of 4  compare on fold %d, patients not seen in training".formatted(FINAL_FOLD));
      Evaluation evaluation =
          EvaluateCommand.evaluate(
              output,
              context,
              ranks,
              shard,
              DataPlacement.AUTO,
              Precision.FP32,
              run,
              List.of(),
              Integer.toString(FINAL_FOLD),
              out.resolve(REPORT),
              null);
      output.result(EvaluationText.of(evaluation));
      AtomicFile.write(out.resolve("evaluation.json"), evaluation.toJson().toPrettyString() + "\n");
    }
    output.line("4 of 4  reconstruct and draw %d of them".formatted(pictures));
    draw(output, cohort, run);
    output.result(
        "%s  done in %s; pictures, records, model and figures lie there"
            .formatted(out, Meter.span((System.nanoTime() - start) / 1e9)));
    output.result(
        "%s  everything on one page: open it in a browser".formatted(out.resolve(REPORT)));
    return ExitCode.OK;
  }

  private void draw(Output output, SyntheticCohort cohort, Path run) throws IOException {
    ModelFile model = ModelFile.read(run.resolve("model.safetensors"));
    Backend.Selection device = Backend.of(compute.backend).select(compute.device);
    try (Reconstructor reconstructor = Reconstructor.load(model, device, compute.options())) {
      RecordWriter writer =
          new RecordWriter(
              reconstructor,
              out.resolve("reconstructed"),
              new ReconstructionOptions(false, true),
              true);
      int[] unseen =
          IntStream.range(0, cohort.size())
              .filter(i -> cohort.subject(i).fold() == FINAL_FOLD)
              .limit(pictures)
              .toArray();
      for (int i : unseen) {
        RecordWriter.Written written =
            writer.complete(cohort.read(i), Recordings.Storage.MICROVOLT);
        output.result("%s  %s".formatted(written.picture(), cohort.subject(i).codes().keySet()));
      }
    }
  }

  /** Removes what an earlier demo left in its run folder, and nothing else. */
  private static void clear(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      return;
    }
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
