// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.precordia.data.AtomicFile;
import org.precordia.data.Shard;
import org.precordia.distributed.Job;
import org.precordia.eval.Baselines;
import org.precordia.eval.DiagnosisClassifier;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Evaluator;
import org.precordia.eval.Provenance;
import org.precordia.eval.RecordTrace;
import org.precordia.eval.embedding.EmbeddingEvaluator;
import org.precordia.eval.interpretation.Interpretation;
import org.precordia.eval.interpretation.Interpreter;
import org.precordia.model.DataPlacement;
import org.precordia.model.Ensemble;
import org.precordia.model.ModelFile;
import org.precordia.model.Precision;
import org.precordia.report.evaluation.EvaluationReport;
import org.precordia.report.evaluation.Exemplar;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.train.RunHistory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia evaluate}: a table of how well a run reconstructs patients it has not seen. */
@Command(
    name = "evaluate",
    description = "Compares a run with its baselines on patients it has not seen.")
final class EvaluateCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final int DEFAULT_FOLD = 9;

  /** Windows of an ensemble that run at once. */
  private static final int ENSEMBLE_BATCH = 64;

  private static final String FINAL_FOLD = "10";

  @Mixin ComputeOptions compute;
  @Mixin RankOptions ranks;
  @Mixin PlacementOption dataOn;
  @Mixin PrecisionOption precision;
  @Mixin ProfileOption profile;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "RUN",
      description = "Folder of the run, as precordia train left it.")
  Path run;

  @Option(
      names = "--member",
      paramLabel = "RUN",
      description =
          "Another run, for example of another seed: row ensemble is the mean of what --run and all"
              + " of these reconstruct. Repeatable.")
  List<Path> members = List.of();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "What precordia prepare wrote; of another data set for a zero-shot test.")
  Path data;

  @Option(
      names = "--fold",
      paramLabel = "9|10|all",
      description =
          "9 to compare and choose, 10 for the final figure, all for another data set. Default: 9,"
              + " or all where there is no fold 9")
  String fold;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the evaluation there too, as JSON.")
  Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Write the evaluation there as one HTML page, with charts, drawn records and provenance.")
  Path report;

  @Option(
      names = "--classifier",
      paramLabel = "MODEL",
      description =
          "Model, or folder of a run, of precordia train --recipe diagnosis: tells how much of the"
              + " diagnosis is left in leads completed by each row.")
  Path classifier;

  @Override
  public Integer call() throws IOException {
    Output output = ranks.output();
    try (ProfileOption.Trace _ = profile.ofRank(ranks.ranks().rank()).open(output);
        Shard shard = Shard.open(data);
        Context context = ranks.open(compute, output);
        Job job = ranks.join(context, ranks.configuration(), output)) {
      return job.run(() -> evaluate(output, context, job.communicator(), shard));
    }
  }

  private int evaluate(Output output, Context context, Communicator communicator, Shard shard)
      throws IOException {
    Evaluation evaluation =
        evaluate(
            output,
            context,
            communicator,
            shard,
            dataOn.placement,
            precision.on(context.device(), output),
            run,
            members,
            chosenFold(shard),
            report,
            classifier);
    if (communicator.rank() > 0) {
      return ExitCode.OK;
    }
    output.result(EvaluationText.of(evaluation));
    if (json != null) {
      AtomicFile.write(json, evaluation.toJson().toPrettyString() + "\n");
      output.line("written  " + json);
    }
    if (report != null) {
      output.line("written  " + report);
    }
    return ExitCode.OK;
  }

  private String chosenFold(Shard shard) {
    if (fold != null) {
      return fold;
    }
    boolean has =
        IntStream.range(0, shard.records()).anyMatch(i -> shard.record(i).fold() == DEFAULT_FOLD);
    return has ? Integer.toString(DEFAULT_FOLD) : ALL;
  }

  /**
   * Evaluates a run and its baselines, and keeps the result in the run's evaluations.jsonl. Ranks
   * share the windows of all rows; the first one alone does what belongs to no row, and writes.
   *
   * @param ranks all of which call this
   * @param members other runs, whose mean with this one is a row too
   * @param report where an HTML page is written, or null
   * @param classifier of superclasses, or null
   */
  static Evaluation evaluate(
      Output output,
      Context context,
      Communicator ranks,
      Shard shard,
      DataPlacement placement,
      Precision precision,
      Path run,
      List<Path> members,
      String fold,
      Path report,
      Path classifier)
      throws IOException {
    ModelFile model = ModelFile.read(run.resolve("model.safetensors"));
    List<EvaluationRow> rows = new ArrayList<>(new Baselines(run).read());
    if (rows.stream().noneMatch(row -> row.name().equals(EvaluationRow.NO_H))) {
      output.line("row no-h is left out: precordia train --no-h trains it");
    }
    Evaluation evaluation;
    try (Stream stream = context.stream();
        Resources resources = new Resources();
        RowMeter meter = new RowMeter(output)) {
      if (!members.isEmpty()) {
        rows.add(ensemble(resources, stream, model, members, precision));
      }
      rows.add(EvaluationRow.trained(EvaluationRow.MODEL, model));
      Evaluator evaluator = new Evaluator(stream, shard, placement, precision, meter).across(ranks);
      diagnose(evaluator, classifier, fold);
      evaluation =
          evaluator.evaluate(
              String.valueOf(shard.provenance().getOrDefault("dataset", shard.file())),
              fold,
              selection(fold),
              rows,
              provenance(context, model, shard, precision));
      if (ranks.rank() > 0) {
        return evaluation;
      }
      evaluator.across(null);
      evaluation =
          evaluation.withEmbedding(
              new EmbeddingEvaluator(stream, shard, placement, precision)
                  .evaluate(
                      model,
                      selection(fold),
                      (done, total) -> meter.windows("embedding", done, total)));
      append(run.resolve("evaluations.jsonl"), evaluation.summaryJson());
      if (report != null) {
        List<Exemplar.Choice> choices = Exemplar.choose(evaluation);
        try (Interpreter interpreter = new Interpreter(stream, shard, model, precision)) {
          evaluation = evaluation.withInterpretations(interpret(interpreter, evaluation, choices));
        }
        writeReport(report, evaluation, choices, evaluator, rows.getLast(), shard, run);
      }
    }
    return evaluation;
  }

  private static EvaluationRow ensemble(
      Resources resources, Stream stream, ModelFile model, List<Path> others, Precision precision)
      throws IOException {
    List<ModelFile> models = new ArrayList<>(List.of(model));
    for (Path run : others) {
      models.add(ModelFile.read(run.resolve("model.safetensors")));
    }
    return EvaluationRow.ensemble(
        models, resources.add(new Ensemble(stream, models, ENSEMBLE_BATCH, precision)));
  }

  /**
   * Has an evaluation of a fold ask a classifier; thresholds for fold 10 are chosen on fold 9.
   *
   * @param classifier where it lies, or null
   */
  static void diagnose(Evaluator evaluator, Path classifier, String fold) throws IOException {
    if (classifier != null) {
      boolean last = fold.equals(FINAL_FOLD);
      evaluator.diagnose(
          DiagnosisClassifier.read(classifier), value -> last && value == DEFAULT_FOLD);
    }
  }

  /** Of a network without pathology branch there is nothing to say. */
  private static List<Interpretation> interpret(
      Interpreter interpreter, Evaluation evaluation, List<Exemplar.Choice> choices) {
    return evaluation.embedding().stream()
        .flatMap(
            embedding ->
                choices.stream()
                    .flatMap(
                        choice ->
                            interpreter
                                .interpret(choice.record().index(), embedding.classMeans())
                                .stream()))
        .toList();
  }

  private static void writeReport(
      Path file,
      Evaluation evaluation,
      List<Exemplar.Choice> choices,
      Evaluator evaluator,
      EvaluationRow model,
      Shard shard,
      Path run)
      throws IOException {
    List<RecordTrace> traces =
        evaluator.traces(
            new EvaluationRow("drawings", model.model(), model.parameters()),
            choices.stream().map(choice -> choice.record().index()).toList());
    List<Exemplar> exemplars = new ArrayList<>();
    for (int i = 0; i < traces.size(); i++) {
      exemplars.add(Exemplar.of(choices.get(i), traces.get(i), evaluation, shard));
    }
    Path control = run.resolve(EvaluationRow.NO_H);
    Optional<RunHistory> history =
        Files.isDirectory(control) ? Optional.of(RunHistory.read(control)) : Optional.empty();
    EvaluationReport report =
        new EvaluationReport(evaluation, exemplars, RunHistory.read(run), history);
    AtomicFile.write(file, report.render());
  }

  static IntPredicate selection(String fold) {
    if (fold.equals(ALL)) {
      return any -> true;
    }
    try {
      int wanted = Integer.parseInt(fold);
      return value -> value == wanted;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--fold takes a number from 1 to 10, or all: " + fold);
    }
  }

  private static Map<String, String> provenance(
      Context context, ModelFile model, Shard shard, Precision precision) {
    Map<String, String> provenance = Provenance.of(context, shard, precision);
    provenance.put("model", model.hash());
    provenance.put("recipe", model.metadata().recipe());
    provenance.put("version", model.metadata().version());
    return provenance;
  }

  /** Every evaluation is kept: how often fold 10 was looked at is part of its result. */
  private static void append(Path log, ObjectNode evaluation) throws IOException {
    Files.writeString(
        log,
        evaluation + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND,
        StandardOpenOption.SYNC);
  }
}
