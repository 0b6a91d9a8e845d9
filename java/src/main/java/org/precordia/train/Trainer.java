// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterLayout;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;

/**
 * Trains a network on a shard by a recipe, into a folder.
 *
 * <pre>{@code
 * try (Shard shard = Shard.open(file);
 *     Context context = Context.open(Backend.AUTO.select())) {
 *   TrainingOptions options = TrainingOptions.builder().seed(1).build();
 *   Trainer.create(context, shard, Recipe.joint(), options, folder, listener).run();
 * }
 * }</pre>
 *
 * <p>A run can be stopped at any step and resumed: the result is the same, bit for bit, as if it
 * had never stopped, and for any number of threads.
 *
 * <p>Several ranks, a process each, train one network together (docs/training.md): all of them make
 * a trainer with the same arguments and a communicator of their own, and run it. Each step's batch
 * is divided among them, and every number is one rank's but for the order in which sums are
 * rounded. The first rank alone writes files and tells its listener; its recipe, options and
 * checkpoint are those of all. A rank that ends with an exception must end its process, or see to
 * it that the others' communicators are aborted, because they may be waiting for it.
 */
public final class Trainer {
  private final Context context;
  private final TrainingRanks ranks;
  private final Shard shard;
  private final RunConfig config;
  private final Path folder;
  private final TrainingListener listener;
  private final boolean resume;
  private DataPlacement placement = DataPlacement.AUTO;
  private int metricsInterval;
  private volatile boolean stop;

  private Trainer(
      Context context,
      TrainingRanks ranks,
      Shard shard,
      RunConfig config,
      Path folder,
      TrainingListener listener,
      boolean resume) {
    this.context = context;
    this.ranks = ranks;
    this.shard = shard;
    this.config = config;
    this.folder = folder;
    this.listener = ranks.first() ? listener : TrainingListener.SILENT;
    this.resume = resume;
    this.metricsInterval = MetricsReader.interval(context);
  }

  /**
   * A new run.
   *
   * @param folder where everything goes; made if need be, must not hold a run
   */
  public static Trainer create(
      Context context,
      Shard shard,
      Recipe recipe,
      TrainingOptions options,
      Path folder,
      TrainingListener listener) {
    return create(context, shard, recipe, options, folder, listener, null);
  }

  /**
   * A new run of several ranks.
   *
   * @param communicator the ranks, of this context; null: one
   */
  public static Trainer create(
      Context context,
      Shard shard,
      Recipe recipe,
      TrainingOptions options,
      Path folder,
      TrainingListener listener,
      Communicator communicator) {
    TrainingRanks ranks = TrainingRanks.of(communicator);
    RunConfig config =
        agree(context, ranks, shard, folder, () -> RunConfig.of(recipe, options, shard));
    return new Trainer(context, ranks, shard, config, folder, listener, false);
  }

  /**
   * Goes on with a run from its last checkpoint, or from its start if there is none yet. Recipe and
   * options are those that it was created with.
   *
   * @param shard the data that it was started with, wherever they lie now
   * @throws TrainingException if the folder holds no run, or the data are others
   */
  public static Trainer resume(Context context, Shard shard, Path folder, TrainingListener listener)
      throws IOException {
    return resume(context, shard, folder, listener, null);
  }

  /**
   * Goes on with a run as several ranks, whatever their number was.
   *
   * @param folder the run's on the first rank; on the others it need not exist
   * @param communicator the ranks, of this context; null: one
   */
  public static Trainer resume(
      Context context,
      Shard shard,
      Path folder,
      TrainingListener listener,
      Communicator communicator)
      throws IOException {
    TrainingRanks ranks = TrainingRanks.of(communicator);
    RunConfig config =
        agree(
            context, ranks, shard, folder, () -> RunConfig.ofJson(RunDirectory.readConfig(folder)));
    return new Trainer(context, ranks, shard, config, folder, listener, true);
  }

  /** The first rank's configuration, on all ranks, which must all have its data. */
  private static <E extends Exception> RunConfig agree(
      Context context,
      TrainingRanks ranks,
      Shard shard,
      Path folder,
      TrainingRanks.Task<RunConfig, E> first)
      throws E {
    try (Stream stream = context.stream()) {
      RunConfig own = ranks.together(stream, () -> ranks.first() ? first.run() : null);
      byte[] json = own == null ? new byte[0] : own.toJson().getBytes(StandardCharsets.UTF_8);
      RunConfig config = RunConfig.ofJson(ranks.broadcast(stream, json));
      return ranks.together(
          stream,
          () -> {
            if (!config.fingerprint().equals(shard.fingerprint())) {
              throw new TrainingException(
                  "%s has other content (%s) than the data that the run in %s was started with (%s,"
                      + " %s)",
                  shard.file(), shard.fingerprint(), folder, config.data(), config.fingerprint());
            }
            return config;
          });
    }
  }

  /** Where the data of a run lay when it was created. */
  public static Path dataOf(Path folder) throws IOException {
    return Path.of(RunConfig.ofJson(RunDirectory.readConfig(folder)).data());
  }

  /** The first rank's word, on all ranks, which must all ask. */
  public boolean ofFirst(boolean word) {
    try (Stream stream = context.stream()) {
      return ranks.broadcast(stream, new byte[] {(byte) (word ? 1 : 0)})[0] != 0;
    }
  }

  /** How the run is trained. */
  public Recipe recipe() {
    return config.recipe();
  }

  /** What the run trains. */
  public TrainingOptions options() {
    return config.options();
  }

  /** The records that the run draws on, those of the patients held out included. */
  public int[] records() {
    return PatientSplit.of(shard, config.recipe(), config.options()).all();
  }

  /** Records of the training patients that are held out for choosing epochs, ascending. */
  public int[] heldOut() {
    return PatientSplit.of(shard, config.recipe(), config.options()).inner();
  }

  /**
   * Sets where the data lie; a run may go on with another placement, its result is the same.
   *
   * @return this
   */
  public Trainer place(DataPlacement data) {
    placement = data;
    return this;
  }

  /**
   * Lets steps be told as late on the CPU as on a device.
   *
   * @return this
   */
  Trainer readMetricsEvery(int steps) {
    metricsInterval = steps;
    return this;
  }

  /**
   * Lets the run write a checkpoint after the steps that were launched, and end: on the CPU that is
   * the step in progress, on a GPU at most 32. From any thread.
   */
  public void requestStop() {
    stop = true;
  }

  /**
   * Trains to the end, or until a stop is requested.
   *
   * @throws TrainingException when training cannot begin or go on
   * @throws IOException when the run's files cannot be written
   */
  public TrainingResult run() throws IOException {
    try (Stream stream = context.stream()) {
      TrainingData data =
          ranks.together(
              stream,
              () -> {
                try (PhaseSpan _ = new PhaseSpan("choose windows", shard.file())) {
                  return new TrainingData(shard, config.recipe(), config.options());
                }
              });
      NetworkConfig network =
          config.options().network(data.labels().vocabulary(), config.recipe().anchor());
      Checkpoint checkpoint = checkpoint(stream, new ParameterLayout(network));
      long done = checkpoint == null ? 0 : checkpoint.progress().step();
      RunSession.Setup setup =
          new RunSession.Setup(
              shard, config, ranks, placement, listener, metricsInterval, () -> stop);
      try (RunDirectory run = ranks.together(stream, () -> open(done));
          RunSession session = new RunSession(setup, stream, run, data, network)) {
        return session.train(checkpoint);
      }
    }
  }

  /** What the run goes on from, or null at its start; the first rank's file, on all ranks. */
  private Checkpoint checkpoint(Stream stream, ParameterLayout layout) throws IOException {
    Path file = RunDirectory.checkpointOf(folder);
    byte[] content =
        ranks.together(
            stream,
            () ->
                resume && ranks.first() && Files.exists(file)
                    ? Files.readAllBytes(file)
                    : new byte[0]);
    byte[] shared = ranks.broadcast(stream, content);
    return shared.length == 0
        ? null
        : Checkpoint.of(file, shared, layout.size(), layout.trainableCount(), config.hash());
  }

  private RunDirectory open(long done) throws IOException {
    if (!ranks.first()) {
      return RunDirectory.ofOther(folder);
    }
    RunDirectory run =
        resume ? RunDirectory.reopen(folder, done) : RunDirectory.create(folder, config.toJson());
    return run.ranks(ranks.count());
  }
}
