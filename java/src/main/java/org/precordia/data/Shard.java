// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.precordia.signal.Preprocessing;

/**
 * A prepared data set, memory-mapped: filtered leads at one rate in 16-bit microvolts, an index,
 * and where it all came from. It is one file, or a folder of such files, each a shard by itself,
 * with a manifest; records and patients are numbered through all of them. Opening reads headers,
 * indices and provenance and verifies their checksums; {@link #verify} reads the samples too.
 *
 * <p>Only the eight independent leads are stored, in the order of {@link Lead#INDEPENDENT}; the
 * other limb leads follow from them ({@link LimbLeads}). A record lies lead after lead, {@code
 * [8][length]}, from a multiple of 64 bytes on.
 *
 * <p>What a record repeats stands in its file: a record of the file itself; or -2 - n, which is
 * record n of the data set and lies in an earlier file. The second of a file to repeat that one
 * names the first, so that a file alone has its own duplicates right.
 *
 * <p>Safe for concurrent reading. After {@link #close} nothing can be read any more ({@link
 * IllegalStateException}).
 */
public final class Shard implements AutoCloseable {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long KEPT_BYTES = 1L << 30;

  private final Path path;
  private final Arena arena;
  private final List<ShardPart> parts;
  private final boolean folder;
  private final String provenance;
  private final Map<String, Object> provenanceFields;

  /** First record of each part, and the number of all records. */
  private final int[] firstRecord;

  /** First sample of each part in int16 elements, and the number of all samples. */
  private final long[] firstSample;

  private final List<String> patients;

  /** For each part the patients' indices in the data set, by their indices in the part. */
  private final int[][] patientOf;

  private Shard(Path path, Arena arena, List<ShardPart> parts, boolean folder, String provenance)
      throws DataException {
    this.path = path;
    this.arena = arena;
    this.parts = List.copyOf(parts);
    this.folder = folder;
    this.provenance = provenance;
    provenanceFields = ShardProvenance.parse(path, provenance);
    firstRecord = new int[parts.size() + 1];
    firstSample = new long[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      firstRecord[i + 1] = Math.addExact(firstRecord[i], parts.get(i).index().size());
      firstSample[i + 1] = firstSample[i] + parts.get(i).samples().byteSize() / Short.BYTES;
    }
    patientOf = new int[parts.size()][];
    patients = numberPatients();
  }

  private List<String> numberPatients() {
    if (parts.size() == 1) {
      List<String> names = parts.getFirst().index().patients();
      patientOf[0] = IntStream.range(0, names.size()).toArray();
      return names;
    }
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      patientOf[i] =
          parts.get(i).index().patients().stream()
              .mapToInt(name -> numbers.computeIfAbsent(name, absent -> numbers.size()))
              .toArray();
    }
    return List.copyOf(numbers.keySet());
  }

  /**
   * Opens a data set.
   *
   * @param path a file, or a folder with a manifest
   * @throws DataException when a file is missing, no shard, of another version, cut short, damaged
   *     or not the one that the manifest names
   */
  public static Shard open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      return Files.isDirectory(path) ? openFolder(path, arena) : openFile(path, arena);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static Shard openFile(Path file, Arena arena) throws IOException {
    try {
      ShardPart part = ShardPart.open(file, arena);
      return new Shard(file, arena, List.of(part), false, part.provenance());
    } catch (NoSuchFileException e) {
      throw new DataException(
          file, 0, "there is no such file", "make a shard with precordia prepare --out FILE", e);
    }
  }

  private static Shard openFolder(Path folder, Arena arena) throws IOException {
    Manifest manifest = Manifest.read(folder);
    List<ShardPart> parts = new ArrayList<>();
    int records = 0;
    for (int i = 0; i < manifest.parts().size(); i++) {
      ShardPart part = manifest.open(folder, i, arena);
      ShardPart first = parts.isEmpty() ? part : parts.getFirst();
      if (part.header().rate() != first.header().rate()
          || part.header().preset() != first.header().preset()
          || !part.index().labels().equals(first.index().labels())
          || !part.index().superclasses().equals(first.index().superclasses())) {
        throw new DataException(
            part.file(),
            "has another rate, preprocessing or vocabulary than " + first.file().getFileName(),
            "write the data set again with precordia prepare");
      }
      if (part.index().lastRepeated() >= records) {
        throw new DataException(
            part.file(),
            "repeats record " + part.index().lastRepeated() + ", which is in no earlier file",
            "write the data set again with precordia prepare");
      }
      records = Math.addExact(records, part.index().size());
      parts.add(part);
    }
    return new Shard(folder, arena, parts, true, manifest.provenance());
  }

  /** The file, or the folder of several. */
  public Path file() {
    return path;
  }

  /** The file's name, or those of the parts. */
  public List<Path> files() {
    return parts.stream().map(ShardPart::file).toList();
  }

  /** Number of records. */
  public int records() {
    return firstRecord[parts.size()];
  }

  /** The index entry of a record, decoded anew by every call. */
  public ShardRecord record(int record) {
    int part = partOf(record);
    int local = record - firstRecord[part];
    ShardIndex index = parts.get(part).index();
    return index.record(
        local,
        record,
        firstSample[part] + index.offset(local),
        patientOf[part][index.patient(local)],
        duplicateOf(part, local));
  }

  /** Samples per lead of a record. */
  public int length(int record) {
    int part = partOf(record);
    return parts.get(part).index().length(record - firstRecord[part]);
  }

  /** Index of a record's patient. */
  public int patientOf(int record) {
    int part = partOf(record);
    return patientOf[part][parts.get(part).index().patient(record - firstRecord[part])];
  }

  /** Mask of a record's superclasses. */
  public int superclasses(int record) {
    int part = partOf(record);
    return parts.get(part).index().superclasses(record - firstRecord[part]);
  }

  /** First sample of a record, as {@link ShardRecord#offset}. */
  public long offset(int record) {
    int part = partOf(record);
    return firstSample[part] + parts.get(part).index().offset(record - firstRecord[part]);
  }

  /** The file that holds a record, by its number among {@link #files}. */
  public int partOf(int record) {
    Objects.checkIndex(record, records());
    if (parts.size() == 1) {
      return 0;
    }
    int found = Arrays.binarySearch(firstRecord, record);
    int part = found >= 0 ? found : -found - 2;
    // An empty part begins where the next one does.
    while (firstRecord[part + 1] == record) {
      part++;
    }
    return part;
  }

  private int duplicateOf(int part, int local) {
    ShardIndex index = parts.get(part).index();
    int of = index.duplicateOf(local);
    if (of >= 0 && index.duplicateOf(of) == ShardIndex.NO_DUPLICATE) {
      return firstRecord[part] + of;
    }
    int outside = of >= 0 ? index.duplicateOf(of) : of;
    if (folder && outside < ShardIndex.NO_DUPLICATE) {
      return ShardIndex.outside(outside);
    }
    return of >= 0 ? of : ShardIndex.NO_DUPLICATE;
  }

  /**
   * The records that satisfy a condition, for example {@code r -> r.fold() == 9 &&
   * !r.isDuplicate()}.
   *
   * @return their indices, ascending
   */
  public int[] select(Predicate<ShardRecord> condition) {
    return IntStream.range(0, records()).filter(i -> condition.test(record(i))).toArray();
  }

  /** Number of patients. */
  public int patients() {
    return patients.size();
  }

  /** A patient's identifier in the data set. */
  public String patient(int patient) {
    return patients.get(patient);
  }

  /** Label codes by bit, at most 128. */
  public List<String> labels() {
    return parts.getFirst().index().labels();
  }

  /** Superclass names by bit; the first five are NORM, MI, STTC, CD, HYP. */
  public List<String> superclasses() {
    return parts.getFirst().index().superclasses();
  }

  /** What was done to the signals. */
  public Preprocessing preset() {
    return parts.getFirst().header().preset();
  }

  /** Sampling rate in Hz. */
  public double rate() {
    return parts.getFirst().header().rate();
  }

  /** Bytes of all samples. */
  public long sampleBytes() {
    return firstSample[parts.size()] * Short.BYTES;
  }

  /**
   * All samples, file after file: int16, little endian, µV, −32768 where invalid; read-only,
   * page-aligned. Where a record lies is told by {@link ShardRecord#offset}, counted through all
   * files.
   */
  public List<MemorySegment> samples() {
    return parts.stream().map(ShardPart::samples).toList();
  }

  /**
   * A stretch of samples, for reading them ahead; records of one file.
   *
   * @param from first record
   * @param to record behind the last
   */
  MemorySegment samples(int from, int to) {
    int part = partOf(from);
    int last = to - 1;
    long begin = offset(from) - firstSample[part];
    long end = offset(last) - firstSample[part] + (long) ShardHeader.LEADS * length(last);
    return parts.get(part).samples().asSlice(begin * Short.BYTES, (end - begin) * Short.BYTES);
  }

  /**
   * Tells that records will not be read soon, so that a pass over a data set that exceeds {@value
   * #KEPT_BYTES} bytes does not keep all of it in memory.
   *
   * @param from first record
   * @param to record behind the last
   */
  void passed(int from, int to) {
    if (sampleBytes() <= KEPT_BYTES) {
      return;
    }
    int at = from;
    while (at < to) {
      int end = Math.min(to, firstRecord[partOf(at) + 1]);
      samples(at, end).unload();
      at = end;
    }
  }

  /**
   * Copies part of one stored lead.
   *
   * @param record index of the record
   * @param lead position in {@link Lead#INDEPENDENT}
   * @param from first sample
   * @param into receives {@code into.length} samples in µV, {@link QuantizedSignals#INVALID} where
   *     invalid
   * @throws IndexOutOfBoundsException when the samples are not all inside the record
   */
  public void copy(int record, int lead, int from, short[] into) {
    long at = place(record, lead, from, into.length);
    MemorySegment.copy(
        parts.get(partOf(record)).samples(), INT16, at * Short.BYTES, into, 0, into.length);
  }

  /**
   * Copies part of one stored lead.
   *
   * @param from first sample
   * @param count samples
   * @param into receives them as they are stored
   * @param at first byte in it
   * @throws IndexOutOfBoundsException when the samples are not all inside the record
   */
  public void copy(int record, int lead, int from, int count, MemorySegment into, long at) {
    MemorySegment.copy(
        parts.get(partOf(record)).samples(),
        place(record, lead, from, count) * Short.BYTES,
        into,
        at,
        (long) count * Short.BYTES);
  }

  /** First of some samples in int16 elements from the start of the record's part. */
  private long place(int record, int lead, int from, int count) {
    int part = partOf(record);
    ShardIndex index = parts.get(part).index();
    int length = index.length(record - firstRecord[part]);
    Objects.checkIndex(lead, ShardHeader.LEADS);
    Objects.checkFromIndexSize(from, count, length);
    return index.offset(record - firstRecord[part]) + (long) lead * length + from;
  }

  /**
   * A record's stored leads.
   *
   * @return {@code [8][length]} in mV in the order of {@link Lead#INDEPENDENT}, NaN where invalid
   */
  public float[][] millivolts(int record) {
    float[][] result = new float[ShardHeader.LEADS][];
    short[] row = new short[length(record)];
    for (int i = 0; i < result.length; i++) {
      copy(record, i, 0, row);
      result[i] = new float[row.length];
      for (int t = 0; t < row.length; t++) {
        result[i][t] = row[t] == QuantizedSignals.INVALID ? Float.NaN : row[t] / 1000f;
      }
    }
    return result;
  }

  /** Where the data come from, as JSON text. */
  public String provenanceJson() {
    return provenance;
  }

  /** Where the data come from: data set, command, filter, counts, date, version. */
  public Map<String, Object> provenance() {
    return provenanceFields;
  }

  /**
   * Checksums of samples and index in hexadecimal: equal for equal content, cut into files in the
   * same way.
   */
  public String fingerprint() {
    return Manifest.fingerprint(parts.stream().map(ShardPart::fingerprint).toList());
  }

  /**
   * Reads all samples and compares their checksums with the headers'.
   *
   * @throws DataException when they differ; it names the file
   */
  public void verify() throws DataException {
    for (ShardPart part : parts) {
      part.verify();
    }
  }

  /** Unmaps the files. Closing twice does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
