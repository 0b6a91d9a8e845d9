// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.precordia.data.DataException;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Recording;
import org.precordia.model.Ensemble;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.OverlapAdd;
import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.signal.Preprocessor;

/**
 * Reconstructs the leads that a recording lacks.
 *
 * <pre>{@code
 * try (Reconstructor model = Reconstructor.load()) {
 *   Recording twelve = model.reconstruct(Wfdb.read(Path.of("record")));
 *   Wfdb.write(twelve, Path.of("out"));
 * }
 * }</pre>
 *
 * <p>Safe for concurrent use: calls take turns, since one network runs on all cores. The result is
 * not for diagnosis.
 */
public final class Reconstructor implements AutoCloseable {
  private static final String DEFAULT_MODEL = "default-model.safetensors";
  private static final int LARGEST_BATCH = 64;
  private static final int CHUNK = 4 * LARGEST_BATCH;

  private final Resources resources;
  private final Ensemble ensemble;
  private final List<String> hashes;
  private final Object turn = new Object();

  private Reconstructor(
      List<ModelFile> models,
      Backend.Selection device,
      ContextOptions options,
      Precision precision) {
    resources = new Resources();
    boolean complete = false;
    try {
      Context context = resources.add(Context.open(device, options));
      Stream stream = resources.add(context.stream());
      ensemble = resources.add(new Ensemble(stream, models, LARGEST_BATCH, precision));
      hashes = models.stream().map(ModelFile::hash).toList();
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** Loads the model that comes with Precordia: leads I, II and V2 to V1 and V3 to V6. */
  public static Reconstructor load() throws IOException {
    return load(defaultModel(), Backend.AUTO.select(), ContextOptions.DEFAULT);
  }

  /** Loads a trained model, {@code RUN/model.safetensors}. */
  public static Reconstructor load(Path model) throws IOException {
    return load(ModelFile.read(model), Backend.AUTO.select(), ContextOptions.DEFAULT);
  }

  /** Loads a model on a chosen device. */
  public static Reconstructor load(
      ModelFile model, Backend.Selection device, ContextOptions options) {
    return load(model, device, options, Precision.FP32);
  }

  /** Loads a model on a chosen device, with a chosen storage of activations. */
  public static Reconstructor load(
      ModelFile model, Backend.Selection device, ContextOptions options, Precision precision) {
    return load(List.of(model), device, options, precision);
  }

  /**
   * Loads several models, for example of several seeds, whose reconstructions are averaged. They
   * take as much time as they are many.
   *
   * @throws IllegalArgumentException if one reconstructs nothing, or they do not reconstruct the
   *     same leads from the same ones
   */
  public static Reconstructor load(
      List<ModelFile> models,
      Backend.Selection device,
      ContextOptions options,
      Precision precision) {
    for (ModelFile model : models) {
      if (!model.metadata().network().reconstructs()) {
        throw new IllegalArgumentException(
            "the model is a classifier, which reconstructs nothing: take one that precordia train"
                + " made without --recipe diagnosis");
      }
    }
    return new Reconstructor(models, device, options, precision);
  }

  /** The model that comes with Precordia; docs/model-card.md says what it was trained on. */
  public static ModelFile defaultModel() throws IOException {
    Path copy = Files.createTempFile("precordia", ".safetensors");
    try (InputStream resource = Reconstructor.class.getResourceAsStream(DEFAULT_MODEL)) {
      if (resource == null) {
        throw new IOException(
            "this build of Precordia comes without its default model; name one you trained");
      }
      Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
      return ModelFile.read(copy);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /** What the model is; of several, the first one. */
  public ModelMetadata model() {
    return ensemble.metadata();
  }

  /** SHA-256 of the model; of several, of the first one. */
  public String modelHash() {
    return hashes.getFirst();
  }

  /**
   * Completes a recording: measured leads untouched, the model's targets reconstructed, missing
   * limb leads computed from two that are measured or reconstructed. All at the recording's rate.
   *
   * @param recording any rate and length, with the model's input leads
   * @throws DataException when the recording lacks an input lead
   */
  public Recording reconstruct(Recording recording) throws DataException {
    return reconstruct(recording, ReconstructionOptions.DEFAULT).recording();
  }

  /**
   * Completes a recording and says how.
   *
   * @throws DataException when the recording lacks an input lead
   */
  public Reconstruction reconstruct(Recording recording, ReconstructionOptions options)
      throws DataException {
    Recording source = options.inputsOnly() ? inputsOf(recording) : recording;
    InputLeads inputs = new InputLeads(source, model());
    OverlapAdd joined = predict(inputs);
    BandSignal band = new BandSignal(model().rate(), source.rate(), source.length());
    List<String> warnings = new ArrayList<>(inputs.warnings());
    Preprocessor filter =
        options.filtered()
            ? new Preprocessor(model().preprocessing(), source.rate(), model().rate())
            : null;

    Map<Lead, float[]> rows = new EnumMap<>(Lead.class);
    Set<Lead> measured = EnumSet.noneOf(Lead.class);
    Set<Lead> derived = EnumSet.noneOf(Lead.class);
    Set<Lead> reconstructed = EnumSet.noneOf(Lead.class);
    for (Lead lead : Lead.TWELVE) {
      if (LimbLeads.available(source, lead)) {
        (source.has(lead) ? measured : derived).add(lead);
        float[] signal = LimbLeads.signal(source, lead);
        rows.put(lead, filter == null ? signal : band.toRecordRate(filter.apply(signal)));
      }
    }
    for (Lead lead : wanted(source)) {
      reconstructed.add(lead);
      int target = model().network().targets().indexOf(lead);
      double[] signal = Arrays.copyOf(joined.lead(target), inputs.length());
      rows.put(lead, band.toRecordRate(signal));
    }
    Set<Lead> following = addFollowing(rows);
    reconstructed.addAll(following);
    for (Lead lead : Lead.TWELVE) {
      if (!rows.containsKey(lead)) {
        warnings.add(
            "lead %s is missing: it was not recorded and this model does not reconstruct it"
                .formatted(lead));
      }
    }
    Recording result =
        new Recording(
            source.name(),
            source.rate(),
            List.copyOf(rows.keySet()),
            rows.values().toArray(new float[0][]),
            comments(recording, reconstructed, following, warnings),
            source.origin());
    return new Reconstruction(result, measured, derived, reconstructed, warnings);
  }

  /**
   * The targets that are neither measured nor derivable. Beside one measured limb lead a model of I
   * and II gives one of the two, since a second would contradict the first.
   */
  private List<Lead> wanted(Recording source) {
    List<Lead> lacking =
        model().network().targets().stream()
            .filter(lead -> !LimbLeads.available(source, lead))
            .toList();
    List<Lead> limb = LimbLeads.measured(source);
    boolean tooMany = limb.size() == 1 && lacking.containsAll(List.of(Lead.I, Lead.II));
    return tooMany
        ? lacking.stream()
            .filter(lead -> !LimbLeads.isLimb(lead) || lead == LimbLeads.partner(limb.getFirst()))
            .toList()
        : lacking;
  }

  /** Computes the limb leads that follow from two others of which the network made one or both. */
  private static Set<Lead> addFollowing(Map<Lead, float[]> rows) {
    Set<Lead> following = EnumSet.noneOf(Lead.class);
    List<Lead> sources = rows.keySet().stream().filter(LimbLeads::isLimb).toList();
    if (sources.size() != 2) {
      return following;
    }
    for (Lead lead : Lead.TWELVE) {
      if (LimbLeads.isLimb(lead) && !rows.containsKey(lead)) {
        following.add(lead);
        rows.put(
            lead,
            LimbLeads.derive(
                lead,
                sources.get(0),
                rows.get(sources.get(0)),
                sources.get(1),
                rows.get(sources.get(1))));
      }
    }
    return following;
  }

  private OverlapAdd predict(InputLeads inputs) {
    int window = model().network().window();
    int leads = model().network().inputs().size();
    int targets = model().network().targets().size();
    OverlapAdd joined = new OverlapAdd(inputs.extendedLength(), targets, window);
    int[] starts = inputs.starts();
    for (int first = 0; first < starts.length; first += CHUNK) {
      int count = Math.min(CHUNK, starts.length - first);
      float[] chunk = new float[count * window * leads];
      for (int i = 0; i < count; i++) {
        inputs.copy(starts[first + i], chunk, i * window * leads);
      }
      float[] output;
      synchronized (turn) {
        output = ensemble.predict(chunk);
      }
      for (int i = 0; i < count; i++) {
        joined.add(starts[first + i], output, i * window * targets);
      }
    }
    return joined;
  }

  private Recording inputsOf(Recording recording) throws DataException {
    List<Lead> inputs = model().network().inputs();
    float[][] rows = new float[inputs.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = LimbLeads.signal(recording, inputs.get(i));
    }
    return recording.withLeads(inputs, rows);
  }

  private List<String> comments(
      Recording recording, Set<Lead> reconstructed, Set<Lead> following, List<String> warnings) {
    List<String> comments = new ArrayList<>(recording.comments());
    comments.add(
        "Reconstructed, not for diagnosis: leads %s from %s by Precordia %s"
            .formatted(
                Lead.names(reconstructed),
                Lead.names(model().network().inputs()),
                model().version()));
    comments.add(
        "Reconstructed leads are limited to %s-%s Hz; measured leads are as recorded"
            .formatted(Preprocessor.LOW_HZ, Preprocessor.HIGH_HZ));
    if (!following.isEmpty()) {
      comments.add(
          "Leads %s are computed from two limb leads of which one or both are reconstructed, in the band of those two"
              .formatted(Lead.names(following)));
    }
    hashes.forEach(hash -> comments.add("Precordia model SHA-256 " + hash));
    warnings.forEach(warning -> comments.add("Warning: " + warning));
    return comments;
  }

  @Override
  public void close() {
    synchronized (turn) {
      resources.close();
    }
  }
}
