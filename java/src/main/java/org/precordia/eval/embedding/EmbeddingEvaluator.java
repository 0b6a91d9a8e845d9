// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;
import org.precordia.eval.PatientBootstrap;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.NearestNeighbours;
import org.precordia.model.Precision;
import org.precordia.runtime.Stream;

/**
 * Measures what the embedding of a network's pathology branch holds (docs/evaluation.md): records
 * of the evaluated fold against those of folds 1–8.
 */
public final class EmbeddingEvaluator {
  private static final int LAST_GALLERY_FOLD = 8;
  private static final long SEED = 20260317;

  /** Windows of records of the gallery at most; of more, every k-th record. */
  private static final int MOST_GALLERY = 1 << 18;

  /** Records that are compared in pairs at most. */
  private static final int MOST_PAIRED = 5000;

  private final Shard shard;
  private final RecordEmbedder embedder;

  /**
   * @param shard the data; must stay open meanwhile
   * @param placement where the shard's samples lie meanwhile
   * @param precision storage of activations
   */
  public EmbeddingEvaluator(
      Stream stream, Shard shard, DataPlacement placement, Precision precision) {
    this.shard = shard;
    this.embedder = new RecordEmbedder(stream, shard, placement, precision);
  }

  /** Hears how far it is. */
  public interface Progress {
    /** {@code done} of {@code total} windows are embedded. */
    void windows(int done, int total);
  }

  /**
   * Measures a network.
   *
   * @param evaluated which folds are evaluated
   * @return nothing where the network has no pathology branch, or fewer than two records are left
   */
  public Optional<EmbeddingResult> evaluate(
      ModelFile model, IntPredicate evaluated, Progress progress) {
    if (!model.metadata().network().pathology()) {
      return Optional.empty();
    }
    Windows.Selection ofGallery =
        select(fold -> fold >= 1 && fold <= LAST_GALLERY_FOLD && !evaluated.test(fold))
            .thinned(MOST_GALLERY);
    Windows.Selection ofQueries = select(evaluated);
    int total = ofGallery.size() + ofQueries.size();
    IntConsumer galleryDone = done -> progress.windows(done, total);
    List<EmbeddedRecord> gallery = embedder.embed(model, ofGallery, galleryDone);
    List<EmbeddedRecord> queries =
        embedder.embed(model, ofQueries, done -> progress.windows(ofGallery.size() + done, total));
    return queries.size() < 2
        ? Optional.empty()
        : Optional.of(result(model.metadata(), gallery, queries));
  }

  private Windows.Selection select(IntPredicate fold) {
    return Windows.forEvaluation(
        shard, shard.select(record -> fold.test(record.fold()) && !record.isDuplicate()));
  }

  private EmbeddingResult result(
      ModelMetadata model, List<EmbeddedRecord> gallery, List<EmbeddedRecord> queries) {
    int[] patients = EmbeddedRecord.patients(queries);
    PatientBootstrap bootstrap =
        new PatientBootstrap(count(patients), PatientBootstrap.RESAMPLES, SEED);
    InputFeatures features = new InputFeatures(shard, model.network().inputs());
    return new EmbeddingResult(
        gallery.size(),
        queries.size(),
        count(patients),
        neighbours(gallery, queries, features),
        gaps(queries),
        bounds(model, queries, patients, bootstrap),
        identity(gallery, queries, features),
        map(gallery, queries),
        classMeans(gallery));
  }

  private static int count(int[] numbers) {
    return 1 + Arrays.stream(numbers).max().orElse(-1);
  }

  private static Map<String, SuperclassNeighbours> neighbours(
      List<EmbeddedRecord> gallery, List<EmbeddedRecord> queries, InputFeatures features) {
    List<EmbeddedRecord> known = single(gallery);
    List<EmbeddedRecord> asked = single(queries);
    if (known.size() < NearestNeighbours.NEIGHBOURS || asked.isEmpty()) {
      return Map.of();
    }
    float[][] knownRms = logRms(known, features);
    float[][] askedRms = logRms(asked, features);
    InputFeatures.standardise(knownRms, askedRms, knownRms);
    int[] patients = EmbeddedRecord.patients(asked);
    PatientBootstrap bootstrap =
        new PatientBootstrap(count(patients), PatientBootstrap.RESAMPLES, SEED);
    Map<String, SuperclassNeighbours> scores = new LinkedHashMap<>();
    scores.put(
        EmbeddingResult.H,
        SuperclassNeighbours.of(rows(known, unitH(known)), rows(asked, unitH(asked)), bootstrap));
    scores.put(
        EmbeddingResult.LOG_RMS,
        SuperclassNeighbours.of(rows(known, knownRms), rows(asked, askedRms), bootstrap));
    return scores;
  }

  private static List<EmbeddedRecord> single(List<EmbeddedRecord> records) {
    return records.stream().filter(record -> record.onlySuperclass() >= 0).toList();
  }

  private static SuperclassNeighbours.Rows rows(List<EmbeddedRecord> records, float[][] values) {
    return new SuperclassNeighbours.Rows(
        values,
        records.stream().mapToInt(EmbeddedRecord::onlySuperclass).toArray(),
        EmbeddedRecord.patients(records));
  }

  private static float[][] unitH(List<EmbeddedRecord> records) {
    return records.stream().map(EmbeddedRecord::unitH).toArray(float[][]::new);
  }

  private static float[][] logRms(List<EmbeddedRecord> records, InputFeatures features) {
    return records.stream().map(r -> features.logRms(r.record())).toArray(float[][]::new);
  }

  /** Among records that have a superclass, or a label, each. */
  private static Map<String, CosineGap> gaps(List<EmbeddedRecord> queries) {
    List<EmbeddedRecord> classed =
        thinned(queries.stream().filter(q -> q.record().superclasses() != 0).toList());
    List<EmbeddedRecord> labelled =
        thinned(
            queries.stream()
                .filter(q -> Arrays.stream(q.record().labels()).anyMatch(word -> word != 0))
                .toList());
    Map<String, CosineGap> gaps = new LinkedHashMap<>();
    for (String of : List.of("h", "z")) {
      gaps.put(
          of + " superclass",
          gap(of, classed, (a, b) -> (a.superclasses() & b.superclasses()) != 0));
      gaps.put(of + " label", gap(of, labelled, EmbeddingEvaluator::shareLabel));
    }
    return gaps;
  }

  private static boolean shareLabel(ShardRecord a, ShardRecord b) {
    return IntStream.range(0, a.labels().length)
        .anyMatch(word -> (a.labels()[word] & b.labels()[word]) != 0);
  }

  private interface RecordSharing {
    boolean shared(ShardRecord a, ShardRecord b);
  }

  private static CosineGap gap(String of, List<EmbeddedRecord> records, RecordSharing sharing) {
    float[][] rows =
        records.stream()
            .map(r -> of.equals(EmbeddingResult.H) ? r.unitH() : r.unitZ())
            .toArray(float[][]::new);
    return CosineGap.of(
        rows,
        EmbeddedRecord.patients(records),
        (i, j) -> sharing.shared(records.get(i).record(), records.get(j).record()));
  }

  /**
   * Every k-th patient's records, where there are too many records to be held against each other.
   */
  private static List<EmbeddedRecord> thinned(List<EmbeddedRecord> records) {
    int step = Math.ceilDiv(records.size(), MOST_PAIRED);
    int[] patients = EmbeddedRecord.patients(records);
    return IntStream.range(0, records.size())
        .filter(i -> patients[i] % Math.max(1, step) == 0)
        .mapToObj(records::get)
        .toList();
  }

  private List<InformationBound> bounds(
      ModelMetadata model,
      List<EmbeddedRecord> queries,
      int[] patients,
      PatientBootstrap bootstrap) {
    List<InformationBound> bounds = new ArrayList<>();
    if (!model.network().classifier()) {
      return bounds;
    }
    boolean certain = certainLabels(model.recipe());
    List<String> labels = model.network().labels();
    for (int k = 0; k < labels.size(); k++) {
      int bit = shard.labels().indexOf(labels.get(k));
      int column = k;
      if (bit >= 0) {
        boolean[] has = new boolean[queries.size()];
        for (int i = 0; i < has.length; i++) {
          ShardRecord record = queries.get(i).record();
          long[] mask = certain ? record.certainLabels() : record.labels();
          has[i] = (mask[bit >> 6] >>> (bit & 63) & 1) != 0;
        }
        double[] logits = queries.stream().mapToDouble(q -> q.logits()[column]).toArray();
        bounds.add(InformationBound.of(labels.get(k), has, logits, patients, bootstrap));
      }
    }
    return bounds;
  }

  /** Whether the classifier was trained on all statements of sufficient likelihood. */
  private static boolean certainLabels(String recipe) {
    try {
      return new ObjectMapper().readTree(recipe).path("labels").asText().equals("CERTAIN");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the model's recipe is no JSON: " + recipe, e);
    }
  }

  private static Map<String, IdentityProbe> identity(
      List<EmbeddedRecord> gallery, List<EmbeddedRecord> queries, InputFeatures features) {
    List<EmbeddedRecord> all = new ArrayList<>(gallery);
    all.addAll(queries);
    List<EmbeddedRecord> records = thinned(all);
    int[] patients = EmbeddedRecord.patients(records);
    int[] masks = records.stream().mapToInt(r -> r.record().superclasses()).toArray();
    if (count(patients) == records.size()) {
      return Map.of();
    }
    float[][] rms = logRms(records, features);
    InputFeatures.standardise(rms, rms);
    float[][] beats =
        records.stream().map(r -> features.meanBeat(r.record())).toArray(float[][]::new);
    Map<String, IdentityProbe> probes = new LinkedHashMap<>();
    probes.put(EmbeddingResult.H, IdentityProbe.of(unitH(records), patients, masks, SEED));
    probes.put(EmbeddingResult.LOG_RMS, IdentityProbe.of(rms, patients, masks, SEED));
    probes.put(EmbeddingResult.INPUT_BEAT, IdentityProbe.of(beats, patients, masks, SEED));
    return probes;
  }

  private EmbeddingMap map(List<EmbeddedRecord> gallery, List<EmbeddedRecord> queries) {
    boolean fitted = gallery.size() > 1;
    List<EmbeddedRecord> reference = fitted ? gallery : queries;
    PrincipalComponents components =
        new PrincipalComponents(reference.stream().map(EmbeddedRecord::h).toArray(float[][]::new));
    List<EmbeddingMap.Point> points = new ArrayList<>();
    gallery.forEach(record -> points.add(point(components, record, false)));
    queries.forEach(record -> points.add(point(components, record, true)));
    return new EmbeddingMap(components.explained(), fitted, points);
  }

  private EmbeddingMap.Point point(
      PrincipalComponents components, EmbeddedRecord record, boolean query) {
    double[] place = components.project(record.h());
    int only = record.onlySuperclass();
    String name = only < 0 ? "" : shard.superclasses().get(only);
    return new EmbeddingMap.Point(record.record().id(), name, query, place[0], place[1]);
  }

  private List<EmbeddingResult.ClassMean> classMeans(List<EmbeddedRecord> gallery) {
    List<EmbeddingResult.ClassMean> means = new ArrayList<>();
    for (int c = 0; c < shard.superclasses().size(); c++) {
      int superclass = c;
      List<float[]> rows =
          gallery.stream()
              .filter(record -> record.onlySuperclass() == superclass)
              .map(EmbeddedRecord::h)
              .toList();
      if (!rows.isEmpty()) {
        means.add(
            new EmbeddingResult.ClassMean(
                shard.superclasses().get(superclass), rows.size(), mean(rows)));
      }
    }
    return means;
  }

  private static float[] mean(List<float[]> rows) {
    float[] mean = new float[rows.getFirst().length];
    for (int c = 0; c < mean.length; c++) {
      int column = c;
      mean[c] = (float) rows.stream().mapToDouble(row -> row[column]).average().orElseThrow();
    }
    return mean;
  }
}
