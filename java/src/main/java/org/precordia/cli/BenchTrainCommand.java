// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.precordia.benchmark.BenchmarkCohort;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.Goal;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.StepBenchmark;
import org.precordia.benchmark.StepPoint;
import org.precordia.benchmark.TimeToAccuracy;
import org.precordia.model.NetworkConfig;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.train.Recipe;
import org.precordia.train.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia bench train}: how fast training steps are, or how long to an accuracy. */
@Command(
    name = "train",
    description = {
      "Times training steps on synthetic patients, as the trainer runs them, and where their time",
      "goes; with --until, how long training takes to an accuracy on patients it has not seen",
      "(docs/benchmark-rules.md)."
    })
final class BenchTrainCommand implements Callable<Integer> {
  @Mixin BenchPointOptions options;
  @Mixin BenchOutput results;
  @Mixin ProfileOption profile;
  @Mixin RankOptions ranks;

  @Option(
      names = "--recipe",
      defaultValue = "joint",
      paramLabel = "joint|two-stage|paper",
      description = "How it is trained; docs/training.md. Default: joint")
  String recipe;

  @Option(
      names = "--stage",
      defaultValue = "0",
      paramLabel = "N",
      description = "Stage of the recipe whose steps are timed, from 0. Default: 0")
  int stage;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Windows of a step, of one view. Default: the recipe's")
  Integer batch;

  @Option(
      names = "--patients",
      paramLabel = "N",
      description = "Synthetic patients. Default: 200; with --until 800, which the rules ask for")
  Integer patients;

  @Option(
      names = "--until",
      paramLabel = "pearson=R|rmse=MV",
      description = "Train until this accuracy on fold 9 and report the time.")
  String until;

  @Option(
      names = "--seeds",
      defaultValue = "3",
      paramLabel = "N",
      description = "Runs with --until, from --seed on; the median counts. Default: 3")
  int seeds;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Most epochs of every stage with --until. Default: the recipe's")
  Integer epochs;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Keep the runs of --until and their logs there. Default: they are removed")
  Path runs;

  private Output output;

  @Override
  public Integer call() throws IOException {
    output = ranks.output(results.json);
    Recipe chosen = Recipe.of(recipe.toLowerCase(Locale.ROOT));
    if (stage < 0 || stage >= chosen.stages().size()) {
      throw new IllegalArgumentException(
          "recipe %s has the stages 0 to %d, not %d"
              .formatted(chosen.name(), chosen.stages().size() - 1, stage));
    }
    Goal goal = until == null ? null : Goal.parse(until);
    if (options.series != null && options.series.ofRanks()) {
      return new BenchRanks(this, chosen, output).call();
    }
    if (ranks.ranks().many()) {
      throw new IllegalArgumentException(
          "one process measures a step; for the ranks of this job add --scaling strong or weak");
    }
    StepBenchmark.Device device = options.device(output);
    Environment environment =
        results.environment(device.selection().device(), options.compute.threads);
    int windows = batch != null ? batch : chosen.stages().get(stage).sampler().batch();
    List<StepPoint> points = options.points(device, windows);
    int longest = points.stream().mapToInt(StepPoint::length).max().orElseThrow();
    int cohortSize = patients != null ? patients : goal == null ? 200 : 800;
    List<Measurement> measurements;
    try (ProfileOption.Trace _ = profile.open(output);
        BenchmarkCohort cohort =
            new BenchmarkCohort(cohortSize, results.seed, chosen.preprocessing(), longest)) {
      measurements =
          goal == null
              ? steps(device, cohort, chosen, points)
              : accuracy(device, cohort, chosen, goal, points.getFirst(), cohortSize);
    }
    output.result(BenchStepText.of(measurements));
    results.write(output, environment, measurements);
    return ExitCode.OK;
  }

  private List<Measurement> steps(
      StepBenchmark.Device device, BenchmarkCohort cohort, Recipe chosen, List<StepPoint> points) {
    StepBenchmark benchmark =
        new StepBenchmark(
            device,
            StepBenchmark.training(cohort, chosen, stage, results.seed),
            points,
            options.seconds);
    try (TurnMeter meter = new TurnMeter(output)) {
      return benchmark.run(meter);
    }
  }

  private List<Measurement> accuracy(
      StepBenchmark.Device device,
      BenchmarkCohort cohort,
      Recipe chosen,
      Goal goal,
      StepPoint point,
      int cohortSize)
      throws IOException {
    if (options.series != null) {
      throw new IllegalArgumentException("--until is measured at one point: leave --scaling out");
    }
    if (point.length() != NetworkConfig.DEFAULT_WINDOW) {
      throw new IllegalArgumentException(
          "--until trains windows of %d samples: leave --length out"
              .formatted(NetworkConfig.DEFAULT_WINDOW));
    }
    Recipe run = epochs == null ? chosen : chosen.withEpochs(epochs);
    if (batch != null) {
      run = run.with("stages.%d.sampler.windows".formatted(stage), String.valueOf(batch));
    }
    Path folder = runs != null ? runs : Files.createTempDirectory("precordia-runs");
    List<TimeToAccuracy.Run> done = new ArrayList<>();
    int threads =
        device.selection().backend() == Backend.CPU
            ? BenchOutput.threads(device.selection().device(), options.compute.threads)
            : 0;
    try (Context context =
        Context.open(device.selection(), device.options().withThreads(options.compute.threads))) {
      TimeToAccuracy benchmark = new TimeToAccuracy(context, cohort.shard(), run, goal, folder);
      for (TrainingOptions training : TimeToAccuracy.seeds(point, results.seed, seeds)) {
        done.add(benchmark.run(training, this::judged));
      }
      for (TimeToAccuracy.Run each : done) {
        output.result(
            String.format(
                Locale.ROOT,
                "seed %d: %s %s after %d epochs, %.2f s",
                each.seed(),
                goal,
                each.reached() ? "reached" : "not reached",
                each.epochs(),
                each.seconds()));
      }
      return List.of(benchmark.measurement(done, point, cohortSize, threads));
    } finally {
      if (runs == null) {
        remove(folder);
      }
    }
  }

  private void judged(long seed, int epoch, double figure, double seconds) {
    output.line(
        String.format(
            Locale.ROOT, "seed %d  epoch %d: %.5f after %.1f s", seed, epoch, figure, seconds));
  }

  private static void remove(Path folder) throws IOException {
    List<Path> all;
    try (var files = Files.walk(folder)) {
      all = new ArrayList<>(files.toList());
    }
    for (Path path : all.reversed()) {
      Files.delete(path);
    }
  }
}
