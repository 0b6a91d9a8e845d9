// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.RecordSource;
import org.precordia.data.Recording;
import org.precordia.data.Subject;
import org.precordia.signal.Philox;

/**
 * A data set of synthetic 12-lead ECGs, computed as they are read: any number of patients, each
 * with a heart (a dipole of Gaussians changed by the patient's pathologies), a torso of its own, a
 * rhythm and noise. See {@code docs/synthetic-cohort.md}.
 *
 * <p>A recording depends on nothing but the options' seed, noise, rate and duration and its own
 * index; it is the same on every machine, in whatever order and by however many threads the cohort
 * is read, and adding patients leaves the earlier ones as they were.
 *
 * <p>Recordings hold the twelve standard leads at 1 µV resolution. Limb leads are formed from I and
 * II after noise and rounding, so {@code III == II - I} and the augmented leads' equations hold
 * exactly in float arithmetic.
 */
public final class SyntheticCohort implements RecordSource {
  private static final String NORMAL = "NORM";
  private static final double MICROVOLTS = 1000;
  private static final int LARGEST = Short.MAX_VALUE;
  private static final int FOLDS = 10;

  /** Third counter word of the random streams: what a stream is drawn for. */
  private static final int PATIENT = 0;

  private static final int HEART = 1;
  private static final int ANATOMY = 2;
  private static final int PLACEMENT = 3;
  private static final int RHYTHM = 4;
  private static final int NOISE = 5;
  private static final int FOLD = 6;

  private final Options options;

  /** A cohort with one recording a patient and the default options. */
  public SyntheticCohort(int patients, long seed) {
    this(Options.of(patients, seed));
  }

  public SyntheticCohort(Options options) {
    this.options = Objects.requireNonNull(options, "options");
  }

  /**
   * What a cohort is made of.
   *
   * @param patients number of patients, at least 1
   * @param recordsPerPatient recordings of each patient, at least 1; heart, torso and diagnosis
   *     stay, electrode placement, rhythm and noise change
   * @param rate sampling rate in Hz, 50 to 10,000
   * @param seconds duration of each recording, at least 1
   * @param noise factor on noise and baseline wander; 0 is a clean recording
   * @param seed seed of everything random
   */
  public record Options(
      int patients, int recordsPerPatient, double rate, double seconds, double noise, long seed) {
    public Options {
      require(patients >= 1, "patients must be at least 1, was " + patients);
      require(
          recordsPerPatient >= 1,
          "records per patient must be at least 1, was " + recordsPerPatient);
      require(
          (long) patients * recordsPerPatient <= Integer.MAX_VALUE,
          "patients times records per patient must stay below 2^31");
      require(rate >= 50 && rate <= 10_000, "rate must lie in 50..10000 Hz, was " + rate);
      require(
          seconds >= 1 && seconds * rate < Integer.MAX_VALUE / 2,
          "seconds must be at least 1 (and the recording fit an array), was " + seconds);
      require(noise >= 0 && noise <= 100, "noise must lie in 0..100, was " + noise);
    }

    /** One recording of 10 s at 100 Hz a patient, with noise. */
    public static Options of(int patients, long seed) {
      return new Options(patients, 1, 100, 10, 1, seed);
    }

    /** The same with another number of recordings a patient. */
    public Options withRecordsPerPatient(int records) {
      return new Options(patients, records, rate, seconds, noise, seed);
    }

    /** The same at another sampling rate in Hz. */
    public Options withRate(double hertz) {
      return new Options(patients, recordsPerPatient, hertz, seconds, noise, seed);
    }

    /** The same with another duration in seconds. */
    public Options withSeconds(double duration) {
      return new Options(patients, recordsPerPatient, rate, duration, noise, seed);
    }

    /** The same with noise and baseline wander scaled. */
    public Options withNoise(double factor) {
      return new Options(patients, recordsPerPatient, rate, seconds, factor, seed);
    }

    private static void require(boolean condition, String message) {
      if (!condition) {
        throw new IllegalArgumentException("synthetic cohort: " + message);
      }
    }
  }

  public Options options() {
    return options;
  }

  @Override
  public String name() {
    return "synthetic";
  }

  @Override
  public int size() {
    return options.patients * options.recordsPerPatient;
  }

  /** Patient and recording, both from 1, for example {@code s000042_1}. */
  @Override
  public String id(int index) {
    return patientId(patient(index)) + "_" + (recording(index) + 1);
  }

  @Override
  public Subject subject(int index) {
    int patient = patient(index);
    Person person = person(patient);
    Map<String, Double> codes = new HashMap<>();
    Set<String> superclasses = new HashSet<>();
    for (Pathology pathology : person.pathologies) {
      codes.put(pathology.code(), 100.0);
      superclasses.add(pathology.superclass());
    }
    if (codes.isEmpty()) {
      codes.put(NORMAL, 100.0);
      superclasses.add(NORMAL);
    }
    return new Subject(
        patientId(patient), fold(patient), person.age, person.sex, codes, superclasses, true);
  }

  @Override
  public List<String> notes() {
    return List.of(
        "synthetic cohort, no human ECG: "
            + options.patients
            + " patients with "
            + options.recordsPerPatient
            + " recordings each, "
            + options.seconds
            + " s at "
            + options.rate
            + " Hz, noise factor "
            + options.noise
            + ", seed "
            + options.seed);
  }

  /** What the patient of a recording has; empty is a normal heart. */
  public Set<Pathology> pathologies(int index) {
    return person(patient(index)).pathologies;
  }

  @Override
  public Recording read(int index) {
    Rhythm rhythm = rhythm(index);
    int length = (int) StrictMath.round(options.seconds * options.rate);
    double[][] leads = new double[Torso.LEADS][length];
    beats(index).draw(rhythm, options.rate, leads);
    ElectrodeNoise.add(leads, options.rate, rhythm, options.noise, stream(index, NOISE));
    return new Recording(id(index), options.rate, Lead.TWELVE, twelve(leads), comments(index));
  }

  /** The true positions of the waves of a recording, in its independent leads together. */
  public Fiducials fiducials(int index) {
    return beats(index)
        .fiducials(rhythm(index), options.seconds, IntStream.range(0, Torso.LEADS).toArray());
  }

  /**
   * The true positions of the waves in one lead.
   *
   * @param lead one of {@link Lead#INDEPENDENT}
   */
  public Fiducials fiducials(int index, Lead lead) {
    int number = Lead.INDEPENDENT.indexOf(lead);
    if (number < 0) {
      throw new IllegalArgumentException("fiducials of " + lead.label() + " are not computed");
    }
    return beats(index).fiducials(rhythm(index), options.seconds, new int[] {number});
  }

  private BeatModel beats(int index) {
    int patient = patient(index);
    Person person = person(patient);
    Heart heart = new Heart(person.pathologies, person.voltage, patientStream(patient, HEART));
    Torso torso = new Torso(patientStream(patient, ANATOMY), stream(index, PLACEMENT));
    return new BeatModel(heart, torso);
  }

  private Rhythm rhythm(int index) {
    Philox random = stream(index, RHYTHM);
    double usual = person(patient(index)).heartRate;
    double rate = StrictMath.max(45, StrictMath.min(125, usual + random.normal(0, 4)));
    return new Rhythm(rate, options.seconds, random);
  }

  /** Rounds to 1 µV, as a recorder's converter does, and forms the other limb leads. */
  private static float[][] twelve(double[][] independent) {
    float[][] rounded = new float[Torso.LEADS][];
    for (int lead = 0; lead < Torso.LEADS; lead++) {
      float[] row = new float[independent[lead].length];
      for (int t = 0; t < row.length; t++) {
        double microvolts = StrictMath.rint(independent[lead][t] * MICROVOLTS);
        double clipped = StrictMath.max(-LARGEST, StrictMath.min(LARGEST, microvolts));
        row[t] = (float) (clipped / MICROVOLTS);
      }
      rounded[lead] = row;
    }
    float[] one = rounded[Lead.INDEPENDENT.indexOf(Lead.I)];
    float[] two = rounded[Lead.INDEPENDENT.indexOf(Lead.II)];
    return Lead.TWELVE.stream()
        .map(
            lead ->
                Lead.INDEPENDENT.contains(lead)
                    ? rounded[Lead.INDEPENDENT.indexOf(lead)]
                    : LimbLeads.derive(lead, one, two))
        .toArray(float[][]::new);
  }

  private List<String> comments(int index) {
    Person person = person(patient(index));
    List<String> comments = new ArrayList<>();
    comments.add("synthetic, seed " + options.seed + ", not a human ECG");
    comments.add("age: " + (int) person.age);
    comments.add("sex: " + person.sex.name().toLowerCase(Locale.ROOT));
    comments.add(
        "diagnosis: "
            + (person.pathologies.isEmpty()
                ? "normal"
                : person.pathologies.stream()
                    .sorted()
                    .map(Pathology::description)
                    .collect(Collectors.joining(", "))));
    return comments;
  }

  /** What does not change from one recording of a patient to the next. */
  private record Person(
      double age, Subject.Sex sex, Set<Pathology> pathologies, double heartRate, double voltage) {}

  private Person person(int patient) {
    Philox random = patientStream(patient, PATIENT);
    Subject.Sex sex = random.nextDouble() < 0.48 ? Subject.Sex.FEMALE : Subject.Sex.MALE;
    Set<Pathology> pathologies = Diagnosis.at(random.nextDouble()).pathologies();
    double usualAge = pathologies.isEmpty() ? 52 : 66;
    double age =
        StrictMath.rint(StrictMath.max(18, StrictMath.min(94, random.normal(usualAge, 14))));
    double heartRate = random.normal(pathologies.contains(Pathology.AMI) ? 78 : 71, 11);
    double voltage =
        (sex == Subject.Sex.FEMALE ? 0.92 : 1.04) * (1 - 0.0025 * (age - 55)) * random.factor(0.08);
    return new Person(age, sex, pathologies, heartRate, voltage);
  }

  /** Each ten successive patients take the ten folds in an order of their own. */
  private int fold(int patient) {
    Philox random = new Philox(options.seed, patient / FOLDS, 0, FOLD);
    int[] order = new int[FOLDS];
    for (int i = 0; i < FOLDS; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i + 1;
    }
    return order[patient % FOLDS];
  }

  private Philox patientStream(int patient, int purpose) {
    return new Philox(options.seed, patient, 0, purpose);
  }

  private Philox stream(int index, int purpose) {
    return new Philox(options.seed, patient(index), recording(index), purpose);
  }

  private int patient(int index) {
    return Objects.checkIndex(index, size()) / options.recordsPerPatient;
  }

  private int recording(int index) {
    return Objects.checkIndex(index, size()) % options.recordsPerPatient;
  }

  private static String patientId(int patient) {
    return String.format(Locale.ROOT, "s%06d", patient + 1);
  }
}
