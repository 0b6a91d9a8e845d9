// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.precordia.data.AtomicFile;
import org.precordia.data.Shard;
import org.precordia.eval.Evaluator;
import org.precordia.eval.embedding.EmbeddingEvaluator;
import org.precordia.model.Precision;
import org.precordia.model.Size;
import org.precordia.report.study.StudyReport;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.study.Study;
import org.precordia.study.StudyEvaluation;
import org.precordia.study.StudyJson;
import org.precordia.study.StudyOptions;
import org.precordia.study.StudyRecipes;
import org.precordia.study.StudyResult;
import org.precordia.study.StudyRow;
import org.precordia.train.StopOnShutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia study}: the model, its controls and its rivals, with several seeds. */
@Command(
    name = "study",
    description =
        "Trains the model, its controls and its rivals with several seeds, and compares all of them"
            + " on one fold. Ctrl-C stops it in order; the same command goes on.")
final class StudyCommand implements Callable<Integer> {
  private static final String ALL = "all";

  @Mixin ComputeOptions compute;
  @Mixin PlacementOption dataOn;
  @Mixin PrecisionOption precision;
  @Mixin JsonOption json;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "What precordia prepare wrote.")
  Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the study; what is complete there is not trained again.")
  Path out;

  @Option(
      names = "--rows",
      defaultValue = ALL,
      split = ",",
      paramLabel = "all|NAME,…",
      description = "Rows of the table; docs/evaluation.md, Study. Default: all")
  List<String> rows;

  @Option(
      names = "--seeds",
      defaultValue = "3",
      paramLabel = "N",
      description = "Each row is trained with the seeds 1 to N. Default: 3")
  int seeds;

  @Option(
      names = "--curve",
      defaultValue = "",
      split = ",",
      paramLabel = "PERCENT,…",
      description =
          "Train the model on these percentages of the training patients too, for example"
              + " 25,50,100.")
  List<String> curve;

  @Option(
      names = "--recipes",
      defaultValue = "quick",
      paramLabel = "quick|full",
      description =
          "quick: fewer epochs for the rows of two stages; full: all of docs/training.md. Default:"
              + " quick")
  String recipes;

  @Option(
      names = "--size",
      defaultValue = "small",
      paramLabel = "small|base|large",
      description = "Width of the networks: 64, 128 or 256 channels. Default: small")
  Size size;

  @Option(
      names = "--fold",
      defaultValue = "9",
      paramLabel = "9|10|all",
      description = "9 to compare and choose, 10 for the final figures. Default: 9")
  String fold;

  @Option(
      names = "--no-train",
      description = "Train nothing: compare what is complete, for example while others train.")
  boolean noTraining;

  @Option(
      names = "--classifier",
      paramLabel = "MODEL",
      description =
          "Model, or folder of a run, of precordia train --recipe diagnosis: tells how much of the"
              + " diagnosis is left in leads completed by each row.")
  Path classifier;

  @Option(
      names = "--embedding",
      description = "Measure too what the h of each row holds, on folds 1 to 8 and the fold.")
  boolean embedding;

  @Option(
      names = "--max-steps",
      defaultValue = "0",
      paramLabel = "N",
      description = "Most steps of a stage; 0: no limit. Default: 0")
  int maxSteps;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    try (Shard shard = Shard.open(data);
        Context context = compute.open(output)) {
      StudyOptions options =
          new StudyOptions(
              chosenRows(),
              seeds,
              percentages(),
              StudyRecipes.of(recipes),
              size.width(),
              precision.on(context.device(), output),
              maxSteps);
      Study study = new Study(context, shard, out, options, dataOn.placement);
      if (!noTraining && !train(study, output)) {
        output.result("stopped; the same command goes on");
        return ExitCode.STOPPED;
      }
      StudyResult result = evaluate(study, context, shard, options.precision(), output);
      ObjectNode document = StudyJson.of(result);
      Path file = out.resolve("fold-" + fold).resolve("study.json");
      Files.createDirectories(file.getParent());
      AtomicFile.write(file, document.toPrettyString() + "\n");
      output.result(document);
      output.result(StudyText.of(result));
      Path report = file.resolveSibling("report.html");
      AtomicFile.write(report, new StudyReport(result).render());
      output.line("written  " + file);
      output.line("written  " + report);
      return ExitCode.OK;
    }
  }

  private static boolean train(Study study, Output output) throws IOException {
    try (StudyProgress progress = new StudyProgress(output);
        StopOnShutdown _ = new StopOnShutdown(study::requestStop)) {
      return study.train(progress);
    }
  }

  private StudyResult evaluate(
      Study study, Context context, Shard shard, Precision storage, Output output)
      throws IOException {
    try (Stream stream = context.stream();
        RowMeter meter = new RowMeter(output)) {
      Evaluator evaluator = new Evaluator(stream, shard, dataOn.placement, storage, meter);
      EvaluateCommand.diagnose(evaluator, classifier, fold);
      StudyEvaluation evaluation = new StudyEvaluation(study, context, shard);
      if (embedding) {
        evaluation.embed(new EmbeddingEvaluator(stream, shard, dataOn.placement, storage), meter);
      }
      return evaluation.evaluate(evaluator, fold, EvaluateCommand.selection(fold));
    }
  }

  private List<StudyRow> chosenRows() {
    return rows.equals(List.of(ALL))
        ? Arrays.asList(StudyRow.values())
        : rows.stream().map(StudyRow::of).toList();
  }

  private List<Integer> percentages() {
    return curve.stream().filter(text -> !text.isBlank()).map(StudyCommand::percentage).toList();
  }

  private static int percentage(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--curve takes whole percentages, for example 25,50,100, not \"" + text + "\"", e);
    }
  }
}
