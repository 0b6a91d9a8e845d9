// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.precordia.bench.JointStep;
import org.precordia.benchmark.BenchmarkCase;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ResultFile;
import org.precordia.model.Initialisation;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.PrecordiaException;
import org.precordia.runtime.Resources;

/**
 * Precordia beside libtorch, and oneDNN in it, in one process: same weights, numbers, threads and
 * fp32, results compared before anything is timed, contestants in turns. Options: {@link
 * PeerOptions}.
 *
 * <p>A peer that is not there is named as absent, and Precordia measured alone.
 */
public final class LibtorchPeers {
  private static final int DILATION = 4;
  private static final int EMBEDDING = 128;

  private final PeerOptions options;
  private final List<Measurement> lines = new ArrayList<>();
  private final Peer peer;
  private final String absence;
  private double share;

  private LibtorchPeers(PeerOptions options) {
    this.options = options;
    Peer found = null;
    String why = "";
    try {
      found = Peer.libtorch(options.threads());
    } catch (Peer.AbsentException e) {
      why = e.getMessage();
    }
    peer = found;
    absence = why;
  }

  /** A task that can be chosen by name. */
  private record Choice(String name, Runnable run) {}

  /** Measures. */
  public static void main(String[] arguments) throws IOException {
    PeerOptions options = PeerOptions.parse(arguments);
    Environment environment =
        Environment.collect(
            Backend.CPU.select().device(),
            options.threads(),
            1,
            "bench/libtorch " + String.join(" ", arguments));
    LibtorchPeers bench = new LibtorchPeers(options);
    bench.run();
    if (options.out() != null) {
      ResultFile.of(environment, bench.lines).write(options.out());
      System.out.println("written  " + options.out());
    }
  }

  private void run() {
    int batch = options.quick() ? 4 : 128;
    int width = options.quick() ? 16 : 64;
    List<Choice> choices = new ArrayList<>();
    choices.add(new Choice("block forward", () -> block(batch, width, false)));
    choices.add(new Choice("block backward", () -> block(batch, width, true)));
    choices.add(new Choice("convolution forward", () -> convolution(batch, width)));
    for (int n : options.quick() ? new int[] {64} : new int[] {256, 1024, 4096}) {
      choices.add(new Choice("supcon " + n, () -> contrast(n)));
    }
    choices.add(new Choice("training step", () -> training(batch, width)));
    for (int windows : options.quick() ? new int[] {1} : new int[] {64, 1}) {
      choices.add(new Choice("inference " + windows, () -> inference(windows, width)));
    }
    choices.removeIf(choice -> !options.only().matcher(choice.name).find());
    if (choices.isEmpty()) {
      throw new IllegalArgumentException("--only leaves no task: " + options.only());
    }
    share = options.seconds() / choices.size();
    choices.forEach(choice -> choice.run.run());
  }

  private Context context() {
    return Context.open(
        Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(options.threads()));
  }

  private PeerTask.Rival rival(Resources resources, Function<Peer, Work> work) {
    return peer == null
        ? new PeerTask.Rival("libtorch", null, absence)
        : new PeerTask.Rival(peer.name(), resources.add(work.apply(peer)), "");
  }

  private void measure(PeerTask task) {
    PeerTask.Outcome outcome = task.run(options.rounds(), share);
    lines.addAll(outcome.lines());
    outcome.sentences().forEach(System.out::println);
  }

  private void block(int batch, int width, boolean backward) {
    Problem.Block problem = Problem.Block.draw(batch, length(), width, DILATION);
    BiFunction<Peer, Problem.Block, Work> theirs =
        backward ? Peer::blockBackward : Peer::blockInference;
    try (Resources resources = new Resources()) {
      Context context = resources.add(context());
      Work own = resources.add(new OwnBlock(context, problem, backward));
      measure(
          new PeerTask(
              backward ? "block backward" : "block forward",
              BenchmarkCase.OURS,
              blockSizes(problem),
              own,
              List.of(rival(resources, p -> theirs.apply(p, problem))),
              ms -> 1e6 * ms / (batch * length()),
              "ns/row"));
    }
  }

  private SortedMap<String, String> blockSizes(Problem.Block problem) {
    return PeerTask.sizes(
        "batch",
        problem.batch(),
        "length",
        problem.length(),
        "width",
        problem.width(),
        "dilation",
        problem.dilation(),
        "threads",
        options.threads());
  }

  private int length() {
    return options.quick() ? 64 : 256;
  }

  private void convolution(int batch, int width) {
    Problem.Block problem = Problem.Block.draw(batch, length(), width, DILATION);
    try (Resources resources = new Resources()) {
      Work own = resources.add(new OwnBlock(resources.add(context()), problem, false));
      List<PeerTask.Rival> rivals = new ArrayList<>();
      if (peer == null) {
        rivals.add(
            new PeerTask.Rival("oneDNN convolution", null, "libtorch brings it: " + absence));
      } else {
        rivals.add(
            new PeerTask.Rival(
                peer.convolver() + " convolution",
                resources.add(peer.convolution(problem, false)),
                "plain layout: what it reorders is in the time"));
        rivals.add(
            new PeerTask.Rival(
                peer.convolver() + " convolution, layout kept",
                resources.add(peer.convolution(problem, true)),
                "input and weights in its own layout: nothing is reordered"));
      }
      rivals.add(new PeerTask.Rival("cuDNN convolution", null, cudnn()));
      measure(
          new PeerTask(
              "convolution forward",
              "precordia, whole block",
              blockSizes(problem),
              own,
              rivals,
              ms -> 1e6 * ms / (batch * length()),
              "ns/row"));
    }
  }

  private static String cudnn() {
    try {
      return Backend.CUDA.select().device().name()
          + " is here, and cuDNN is timed on it by org.precordia.bench.cudnn.CudnnBlocks";
    } catch (PrecordiaException e) {
      return "no CUDA device: " + e.getMessage();
    }
  }

  private void contrast(int entries) {
    Problem.Contrast problem = Problem.Contrast.draw(entries, EMBEDDING);
    try (Resources resources = new Resources()) {
      Work own = resources.add(new OwnContrast(resources.add(context()), problem));
      measure(
          new PeerTask(
              "supcon forward + backward",
              "precordia any",
              PeerTask.sizes("n", entries, "dimensions", EMBEDDING, "threads", options.threads()),
              own,
              List.of(rival(resources, p -> p.contrast(problem))),
              ms -> 1e3 / ms,
              "passes/s"));
    }
  }

  private void training(int batch, int width) {
    network("training step", batch, width, true, Peer::training);
  }

  private void inference(int batch, int width) {
    network("inference", batch, width, false, Peer::inference);
  }

  private void network(
      String subject,
      int batch,
      int width,
      boolean training,
      BiFunction<Peer, Problem.Network, Work> theirs) {
    try (Resources resources = new Resources()) {
      JointStep step = resources.add(new JointStep(width, batch, options.threads()));
      float[] parameters = Initialisation.draw(step.layout(), 1);
      // What begins at zero would let errors pass: the head and the modulation.
      float[] more = Problem.normal(new SplittableRandom(3), parameters.length, 0.02);
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += more[i];
      }
      step.parameters(parameters);
      step.rewind();
      Work own = resources.add(new OwnStep(step, training));
      own.run();
      float[] reference = own.result();
      Problem.Network problem =
          new Problem.Network(
              step.config(),
              batch,
              step.layout().tensors(),
              parameters,
              step.windows(),
              step.wanted(),
              step.labelWords());
      PeerTask.Rival rival = rival(resources, p -> theirs.apply(p, problem));
      measure(
          new PeerTask(
              subject,
              BenchmarkCase.OURS,
              PeerTask.sizes(
                  "width",
                  width,
                  "batch",
                  batch,
                  "length",
                  step.config().window(),
                  "threads",
                  options.threads()),
              new Replayed(own, reference),
              List.of(rival),
              ms -> 1e3 * batch / ms,
              "windows/s"));
    }
  }

  /** Work whose result is that of its first pass: later ones have other parameters. */
  private record Replayed(Work work, float[] first) implements Work {
    @Override
    public void run() {
      work.run();
    }

    @Override
    public float[] result() {
      return first;
    }

    @Override
    public void close() {
      work.close();
    }
  }
}
