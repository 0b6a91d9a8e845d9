// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.Gradients;
import org.precordia.model.Initialisation;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.Scratch;
import org.precordia.model.Weights;
import org.precordia.runtime.AdamWOp;
import org.precordia.runtime.Backend;
import org.precordia.runtime.ClassifierOp;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.DType;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.FilmOp;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.HeadOp;
import org.precordia.runtime.MetricsOp;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.PoolProjectOp;
import org.precordia.runtime.ReconstructionLossOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Schedule;
import org.precordia.runtime.StemOp;
import org.precordia.runtime.StepBeginOp;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.SupConOp;
import org.precordia.runtime.SupConTarget;
import org.precordia.runtime.Tensor;

/**
 * A training step of the recipe {@code joint} and the reconstruction of windows, as lists of calls
 * that can be timed one by one or together: the Java counterpart of {@code
 * bench/native/network_step}, over synthetic data.
 */
public final class JointStep implements AutoCloseable {
  private static final int RECORDS = 64;
  private static final int RECORD_LENGTH = 1000;
  private static final int STORED_LEADS = Lead.INDEPENDENT.size();
  private static final int LABELS = 44;
  private static final int STEPS = 1 << 14;

  /** One call of an op. */
  public record Call(String name, Runnable run) {}

  private final Resources resources = new Resources();
  private final Arena arena = resources.add(Arena.ofShared());
  private final Scratch scratch = new Scratch();
  private final List<Call> training = new ArrayList<>();
  private final List<Call> inference = new ArrayList<>();
  private final int batch;
  private final NetworkConfig config;
  private final Stream stream;
  private final Weights weights;
  private final Gradients gradients;
  private final Tensor state;
  private final Tensor inputs;
  private final Tensor targets;
  private final Tensor labels;
  private final Tensor output;

  /**
   * Prepares a step on the CPU.
   *
   * @param width channels of every activation
   * @param batch windows of a batch
   * @param threads CPU threads; 0 for all
   */
  public JointStep(int width, int batch, int threads) {
    this.batch = batch;
    config =
        new NetworkConfig(
            width,
            NetworkConfig.DEFAULT_INPUTS,
            NetworkConfig.DEFAULT_TARGETS,
            NetworkConfig.DEFAULT_WINDOW,
            NetworkConfig.DEFAULT_EMBEDDING,
            IntStream.range(0, LABELS).mapToObj(i -> "label " + i).toList(),
            Architecture.DILATED,
            Conditioning.EMBEDDING,
            true);
    ContextOptions options = ContextOptions.DEFAULT.withThreads(threads);
    Context context = resources.add(Context.open(Backend.CPU.select(), options));
    stream = resources.add(context.stream());
    weights = resources.add(new Weights(stream, config, DType.F32));
    weights.upload(Initialisation.draw(weights.layout(), 1));
    gradients = new Gradients(weights.layout(), floats(weights.layout().trainableCount()), false);
    state = resources.allocate(stream, DType.U8, StepState.BYTES);
    inputs = floats(batch, config.window(), config.inputs().size());
    targets = floats(batch, config.window(), config.targets().size());
    labels = resources.allocate(stream, DType.U64, batch, 1);
    output = floats(batch, config.window(), config.targets().size());
    build();
    scratch.allocate(stream, resources);
    // Everything once, so that each call meets what it meets in a step.
    rewind();
    training.forEach(call -> call.run().run());
    rewind();
  }

  /** Where the calls go. */
  public Stream stream() {
    return stream;
  }

  /** The calls of a training step, in order. */
  public List<Call> training() {
    return training;
  }

  /** The calls of a reconstruction, in order. */
  public List<Call> inference() {
    return inference;
  }

  /** Shapes of the network. */
  public NetworkConfig config() {
    return config;
  }

  /** Names and places of the parameters. */
  public ParameterLayout layout() {
    return weights.layout();
  }

  /** Sets all parameters, in the layout's order. */
  public void parameters(float[] flat) {
    weights.upload(flat);
  }

  /** Gradient of the trained parameters in the last step, before it was clipped. */
  public float[] gradient() {
    return gradients.flat().floats(stream);
  }

  /** Windows that the last step gathered. */
  public float[] windows() {
    return inputs.floats(stream);
  }

  /** What they were to become. */
  public float[] wanted() {
    return targets.floats(stream);
  }

  /** Their labels, a word each. */
  public long[] labelWords() {
    return labels.longs(stream);
  }

  /** What became of the windows. */
  public float[] reconstruction() {
    return output.floats(stream);
  }

  /** Lets the epoch begin again. */
  public void rewind() {
    StepState.initial(1).weights(1, 0.01f, 0.01f).beginEpoch(0, batch).upload(stream, state);
  }

  private Tensor floats(long... shape) {
    return resources.allocate(stream, DType.F32, shape);
  }

  private Tensor activations() {
    return floats(batch, config.window(), config.width());
  }

  private Tensor bytes(long count) {
    return resources.bytes(stream, count);
  }

  private void build() {
    Context context = stream.context();
    Tensor h = floats(batch, config.width());
    Tensor z = floats(batch, config.embedding());
    Tensor hGrad = floats(batch, config.width());
    Tensor zGrad = floats(batch, config.embedding());
    Tensor pathologyGrad = activations();
    Tensor waveformGrad = activations();

    Tensor pathologyIn = activations();
    Tensor waveformIn = activations();
    StemOp pathologyStem = stem(ParameterGroup.PATHOLOGY_STEM, pathologyIn, pathologyGrad);
    StemOp waveformStem = stem(ParameterGroup.WAVEFORM_STEM, waveformIn, waveformGrad);
    Tensor pathologyOut = activations();
    Tensor waveformOut = activations();
    Tensor modulated = activations();
    Tensor decoded = activations();
    Stack pathology =
        new Stack(
            ParameterGroup.PATHOLOGY_BLOCKS,
            config.pathologyDilations(),
            pathologyIn,
            pathologyOut,
            pathologyGrad);
    Stack waveform =
        new Stack(
            ParameterGroup.WAVEFORM_BLOCKS,
            config.waveformDilations(),
            waveformIn,
            waveformOut,
            waveformGrad);
    Stack decoder =
        new Stack(
            ParameterGroup.DECODER_BLOCKS,
            config.decoderDilations(),
            modulated,
            decoded,
            waveformGrad);

    PoolProjectOp pool =
        pool(pathologyOut, h, z)
            .hGrad(hGrad)
            .zGrad(zGrad)
            .inputGrad(pathologyGrad)
            .parameterGrad(gradients.of(ParameterGroup.POOL_PROJECT));
    pool.saved(bytes(pool.savedSize(context)));
    scratch.need(pool.workspaceSize(context), pool::workspace);
    PoolProjectOp quickPool = pool(pathologyOut, h, z).inference(true);
    scratch.need(quickPool.workspaceSize(context), quickPool::workspace);

    FilmOp film =
        film(waveformOut, h, modulated)
            .outputGrad(waveformGrad)
            .inputGrad(waveformGrad)
            .hGrad(hGrad)
            .accumulateInput(true)
            .parameterGrad(gradients.of(ParameterGroup.FILM));
    film.saved(bytes(film.savedSize(context)));
    scratch.need(film.workspaceSize(context), film::workspace);
    FilmOp quickFilm = film(waveformOut, h, modulated).inference(true);
    scratch.need(quickFilm.workspaceSize(context), quickFilm::workspace);

    Tensor outputGrad = floats(batch, config.window(), config.targets().size());
    HeadOp head =
        head(decoded, output)
            .outputGrad(outputGrad)
            .inputGrad(waveformGrad)
            .parameterGrad(gradients.of(ParameterGroup.HEAD));
    head.saved(bytes(head.savedSize(context)));
    scratch.need(head.workspaceSize(context), head::workspace);
    HeadOp quickHead = head(decoded, output).inference(true);
    scratch.need(quickHead.workspaceSize(context), quickHead::workspace);

    Tensor lossValues = floats(3);
    Tensor contrastValues = floats(3);
    Tensor classifierValue = floats(1);
    ReconstructionLossOp loss =
        new ReconstructionLossOp(arena)
            .mseWeight(0.8f)
            .l1Weight(0.2f)
            .gradientScale(1)
            .prediction(output)
            .target(targets)
            .state(state)
            .loss(lossValues)
            .predictionGrad(outputGrad);
    scratch.need(loss.workspaceSize(context), loss::workspace);
    SupConOp contrast =
        new SupConOp(arena)
            .target(SupConTarget.ANY)
            .temperature(0.07f)
            .rowBegin(0)
            .rowEnd(batch)
            .z(z)
            .labels(labels)
            .state(state)
            .statistics(floats(batch, 4))
            .loss(contrastValues)
            .zGrad(zGrad);
    scratch.need(contrast.workspaceSize(context), contrast::workspace);
    ClassifierOp classifier =
        new ClassifierOp(arena)
            .gradientScale(1)
            .h(h)
            .labels(labels)
            .parameters(weights.values(ParameterGroup.CLASSIFIER))
            .packed(weights.packed(ParameterGroup.CLASSIFIER))
            .state(state)
            .logits(floats(batch, LABELS))
            .loss(classifierValue)
            .hGrad(hGrad)
            .parameterGrad(gradients.of(ParameterGroup.CLASSIFIER));
    scratch.need(classifier.workspaceSize(context), classifier::workspace);

    StepBeginOp begin =
        new StepBeginOp(arena)
            .schedule(Schedule.CONSTANT)
            .peak(1e-4f)
            .total(STEPS)
            .batch(batch)
            .beta1(0.9)
            .beta2(0.999)
            .state(state);
    GatherAugmentOp gather = gather();
    AdamWOp update = update();
    PackOp pack = weights.packOp(arena, weights.layout().groups());
    MetricsOp metrics =
        new MetricsOp(arena)
            .state(state)
            .reconstruction(lossValues)
            .contrastive(contrastValues)
            .classifier(classifierValue)
            .ring(resources.allocate(stream, DType.U8, 64, MetricsRow.BYTES));

    step("step_begin", () -> begin.run(stream));
    step("gather_augment", () -> gather.run(stream));
    step("pathology stem forward", () -> pathologyStem.forward(stream));
    step("pathology stack forward", () -> pathology.kept.forward(stream));
    step("pool_project forward", () -> pool.forward(stream));
    step("supcon forward", () -> contrast.forward(stream));
    step("supcon backward", () -> contrast.backward(stream));
    step("classifier forward", () -> classifier.forward(stream));
    step("classifier backward", () -> classifier.backward(stream));
    step("waveform stem forward", () -> waveformStem.forward(stream));
    step("waveform stack forward", () -> waveform.kept.forward(stream));
    step("film forward", () -> film.forward(stream));
    step("decoder stack forward", () -> decoder.kept.forward(stream));
    step("head forward", () -> head.forward(stream));
    step("reconstruction_loss", () -> loss.run(stream));
    step("head backward", () -> head.backward(stream));
    step("decoder stack backward", () -> decoder.kept.backward(stream));
    step("film backward", () -> film.backward(stream));
    step("waveform stack backward", () -> waveform.kept.backward(stream));
    step("waveform stem backward", () -> waveformStem.backward(stream));
    step("pool_project backward", () -> pool.backward(stream));
    step("pathology stack backward", () -> pathology.kept.backward(stream));
    step("pathology stem backward", () -> pathologyStem.backward(stream));
    step("adamw", () -> update.run(stream));
    step("pack", () -> pack.run(stream));
    step("metrics", () -> metrics.run(stream));

    infer("pathology stem", () -> pathologyStem.forward(stream));
    infer("pathology stack", () -> pathology.quick.forward(stream));
    infer("pool_project", () -> quickPool.forward(stream));
    infer("waveform stem", () -> waveformStem.forward(stream));
    infer("waveform stack", () -> waveform.quick.forward(stream));
    infer("film", () -> quickFilm.forward(stream));
    infer("decoder stack", () -> decoder.quick.forward(stream));
    infer("head", () -> quickHead.forward(stream));
  }

  private void step(String name, Runnable run) {
    training.add(new Call(name, run));
  }

  private void infer(String name, Runnable run) {
    inference.add(new Call(name, run));
  }

  private StemOp stem(ParameterGroup group, Tensor output, Tensor gradient) {
    StemOp op =
        new StemOp(arena)
            .input(inputs)
            .parameters(weights.values(group))
            .packed(weights.packed(group))
            .output(output)
            .outputGrad(gradient)
            .parameterGrad(gradients.of(group));
    scratch.need(op.workspaceSize(stream.context()), op::workspace);
    return op;
  }

  private PoolProjectOp pool(Tensor input, Tensor h, Tensor z) {
    return new PoolProjectOp(arena)
        .input(input)
        .parameters(weights.values(ParameterGroup.POOL_PROJECT))
        .packed(weights.packed(ParameterGroup.POOL_PROJECT))
        .h(h)
        .z(z);
  }

  private FilmOp film(Tensor input, Tensor h, Tensor output) {
    return new FilmOp(arena)
        .input(input)
        .h(h)
        .parameters(weights.values(ParameterGroup.FILM))
        .packed(weights.packed(ParameterGroup.FILM))
        .output(output);
  }

  private HeadOp head(Tensor input, Tensor output) {
    return new HeadOp(arena)
        .input(input)
        .parameters(weights.values(ParameterGroup.HEAD))
        .packed(weights.packed(ParameterGroup.HEAD))
        .signal(inputs)
        .anchor(weights.values(ParameterGroup.ANCHOR))
        .output(output);
  }

  /** One stack of blocks, keeping what backward needs and not. */
  private final class Stack {
    private final DilatedStackOp kept;
    private final DilatedStackOp quick;

    Stack(ParameterGroup group, int[] dilations, Tensor input, Tensor output, Tensor gradient) {
      kept = op(group, dilations, input, output);
      kept.outputGrad(gradient).inputGrad(gradient).parameterGrad(gradients.of(group));
      kept.saved(bytes(kept.savedSize(stream.context())));
      scratch.need(kept.workspaceSize(stream.context()), kept::workspace);
      quick = op(group, dilations, input, output).inference(true);
      scratch.need(quick.workspaceSize(stream.context()), quick::workspace);
    }

    private DilatedStackOp op(ParameterGroup group, int[] dilations, Tensor input, Tensor output) {
      return new DilatedStackOp(arena)
          .dilations(dilations)
          .parameters(weights.values(group))
          .packed(weights.packed(group))
          .input(input)
          .output(output);
    }
  }

  private AdamWOp update() {
    long trained = weights.layout().trainableCount();
    Tensor segments = resources.allocate(stream, DType.I64, 2);
    segments.upload(stream, new long[] {0, trained});
    AdamWOp op =
        new AdamWOp(arena)
            .beta1(0.9f)
            .beta2(0.999f)
            .epsilon(1e-8f)
            .weightDecay(0.05f)
            .clipNorm(1)
            .averageDecay(0.995f)
            .parameters(weights.values(weights.layout().trainable()))
            .gradients(gradients.flat())
            .firstMoment(filled(trained, 0))
            .secondMoment(filled(trained, 0))
            .average(filled(trained, 0))
            .segments(segments)
            .decay(filled(1, 0))
            .state(state);
    scratch.need(op.workspaceSize(stream.context()), op::workspace);
    return op;
  }

  private Tensor filled(long count, float value) {
    float[] values = new float[Math.toIntExact(count)];
    Arrays.fill(values, value);
    Tensor tensor = floats(count);
    tensor.upload(stream, values);
    return tensor;
  }

  /** A gather from {@value #RECORDS} records of one sine each, with labels. */
  private GatherAugmentOp gather() {
    int record = STORED_LEADS * RECORD_LENGTH;
    MemorySegment wave = arena.allocate(ValueLayout.JAVA_SHORT, (long) RECORDS * record);
    long[] table = new long[2 * RECORDS];
    long[] masks = new long[RECORDS];
    for (int i = 0; i < RECORDS; i++) {
      for (int t = 0; t < record; t++) {
        short value = (short) Math.round(400 * Math.sin(0.07 * (t % RECORD_LENGTH)));
        wave.setAtIndex(ValueLayout.JAVA_SHORT, (long) i * record + t, value);
      }
      table[2 * i] = (long) i * record;
      table[2 * i + 1] = RECORD_LENGTH;
      masks[i] = 1L << i % 12;
    }
    int[] order = new int[2 * STEPS * batch];
    for (int i = 0; i < STEPS * batch; i++) {
      order[2 * i] = i * 7 % RECORDS;
    }
    Tensor records = resources.allocate(stream, DType.I64, RECORDS, 2);
    records.upload(stream, table);
    Tensor recordLabels = resources.allocate(stream, DType.U64, RECORDS, 1);
    recordLabels.upload(stream, masks);
    Tensor index = resources.allocate(stream, DType.I32, (long) STEPS * batch, 2);
    index.upload(stream, order);
    int leads = config.inputs().size();
    return new GatherAugmentOp(arena)
        .freeCrop(true)
        .gainSd(0.12f)
        .stretchProbability(0.5f)
        .stretchSd(0.08f)
        .noiseSd(0.02f)
        .microvoltPerCount(1)
        .state(state)
        .samples(resources.add(stream.context().wrap(wave)).tensor(DType.I16, RECORDS * record))
        .records(records)
        .recordLabels(recordLabels)
        .index(index)
        .inputMix(mix(config.inputs()))
        .targetMix(mix(config.targets()))
        .mean(filled(leads, 0))
        .deviation(filled(leads, 0.2f))
        .inputs(inputs)
        .targets(targets)
        .labels(labels);
  }

  /** How leads are mixed from the stored ones. */
  private Tensor mix(List<Lead> leads) {
    Tensor tensor = floats(leads.size(), STORED_LEADS);
    tensor.upload(stream, NetworkConfig.mix(leads));
    return tensor;
  }

  @Override
  public void close() {
    resources.close();
  }
}
