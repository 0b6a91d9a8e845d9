// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.precordia.signal.Preprocessing;

/**
 * A prepared data set in one memory-mapped file: filtered leads at one rate in 16-bit microvolts,
 * an index, and where it all came from. Opening reads header, index and provenance and verifies
 * their checksums; {@link #verify} reads the samples too.
 *
 * <p>Only the eight independent leads are stored, in the order of {@link Lead#INDEPENDENT}; the
 * other limb leads follow from them ({@link LimbLeads}). A record lies lead after lead, {@code
 * [8][length]}, from a multiple of 64 bytes on.
 *
 * <p>Safe for concurrent reading. After {@link #close} the samples can no longer be read ({@link
 * IllegalStateException}).
 */
public final class Shard implements AutoCloseable {
  private static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHECK_BYTES = 1 << 24;
  private static final String PREPARE = "write it again with precordia prepare";

  private final Path file;
  private final ShardHeader header;
  private final ShardIndex index;
  private final String provenance;
  private final Map<String, Object> provenanceFields;
  private final Arena arena;
  private final MemorySegment samples;

  private Shard(
      Path file,
      ShardHeader header,
      ShardIndex index,
      String provenance,
      Map<String, Object> provenanceFields,
      Arena arena,
      MemorySegment samples) {
    this.file = file;
    this.header = header;
    this.index = index;
    this.provenance = provenance;
    this.provenanceFields = provenanceFields;
    this.arena = arena;
    this.samples = samples;
  }

  /**
   * Opens a shard.
   *
   * @throws DataException when the file is missing, no shard, of another version, cut short or
   *     damaged
   */
  public static Shard open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer first = ByteBuffer.allocate(ShardHeader.BYTES);
      readFully(channel, first, 0);
      ShardHeader header = ShardHeader.decode(file, first.flip(), channel.size());
      ShardIndex index = decodeIndex(file, section(file, channel, header.index(), "index"), header);
      ByteBuffer text = section(file, channel, header.provenance(), "provenance");
      MemorySegment samples =
          channel
              .map(
                  FileChannel.MapMode.READ_ONLY,
                  header.samples().offset(),
                  header.samples().bytes(),
                  arena)
              .asReadOnly();
      String provenance = StandardCharsets.UTF_8.decode(text).toString();
      Map<String, Object> fields = ShardProvenance.parse(file, provenance);
      return new Shard(file, header, index, provenance, fields, arena, samples);
    } catch (NoSuchFileException e) {
      arena.close();
      throw new DataException(
          file, 0, "there is no such file", "make a shard with precordia prepare --out FILE", e);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** Number of records. */
  public int records() {
    return index.records().size();
  }

  /** The index entry of a record. */
  public ShardRecord record(int record) {
    return index.records().get(record);
  }

  /**
   * The records that satisfy a condition, for example {@code r -> r.fold() == 9 &&
   * !r.isDuplicate()}.
   *
   * @return their indices, ascending
   */
  public int[] select(Predicate<ShardRecord> condition) {
    return index.records().stream().filter(condition).mapToInt(ShardRecord::index).toArray();
  }

  /** Number of patients. */
  public int patients() {
    return index.patients().size();
  }

  /** A patient's identifier in the data set. */
  public String patient(int patient) {
    return index.patients().get(patient);
  }

  /** Label codes by bit, at most 128. */
  public List<String> labels() {
    return index.labels();
  }

  /** Superclass names by bit; the first five are NORM, MI, STTC, CD, HYP. */
  public List<String> superclasses() {
    return index.superclasses();
  }

  /** What was done to the signals. */
  public Preprocessing preset() {
    return header.preset();
  }

  /** Sampling rate in Hz. */
  public double rate() {
    return header.rate();
  }

  /**
   * All samples: int16, little endian, µV, −32768 where invalid; read-only, page-aligned. Where a
   * record lies is told by {@link ShardRecord#offset}.
   */
  public MemorySegment samples() {
    return samples;
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
    ShardRecord r = record(record);
    Objects.checkIndex(lead, ShardHeader.LEADS);
    Objects.checkFromIndexSize(from, into.length, r.length());
    long at = r.offset() + (long) lead * r.length() + from;
    MemorySegment.copy(samples, INT16, at * Short.BYTES, into, 0, into.length);
  }

  /**
   * A record's stored leads.
   *
   * @return {@code [8][length]} in mV in the order of {@link Lead#INDEPENDENT}, NaN where invalid
   */
  public float[][] millivolts(int record) {
    float[][] result = new float[ShardHeader.LEADS][];
    short[] row = new short[record(record).length()];
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

  /** Checksums of samples and index in hexadecimal: equal for equal content. */
  public String fingerprint() {
    return String.format("%08x%08x", header.samples().crc(), header.index().crc());
  }

  /**
   * Reads all samples and compares their checksum with the header's.
   *
   * @throws DataException when they differ
   */
  public void verify() throws DataException {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < samples.byteSize(); at += CHECK_BYTES) {
      long count = Math.min(CHECK_BYTES, samples.byteSize() - at);
      crc.update(samples.asSlice(at, count).asByteBuffer());
    }
    compare(file, "samples", header.samples(), crc);
  }

  /** Unmaps the file. Closing twice does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static ByteBuffer section(
      Path file, FileChannel channel, ShardHeader.Section section, String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(section.bytes()));
    readFully(channel, bytes, section.offset());
    CRC32C crc = new CRC32C();
    crc.update(bytes.flip());
    compare(file, name, section, crc);
    return bytes.rewind();
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long offset)
      throws IOException {
    while (into.hasRemaining() && channel.read(into, offset + into.position()) >= 0) {
      continue;
    }
  }

  private static void compare(Path file, String name, ShardHeader.Section section, CRC32C crc)
      throws DataException {
    if ((int) crc.getValue() != section.crc()) {
      throw new DataException(
          file, "its " + name + " section is damaged (checksum mismatch)", PREPARE);
    }
  }

  private static ShardIndex decodeIndex(Path file, ByteBuffer bytes, ShardHeader header)
      throws DataException {
    try {
      ShardIndex index = ShardIndex.decode(bytes, header.records());
      for (ShardRecord r : index.records()) {
        long held = header.samples().bytes() / Short.BYTES;
        // A length is below 2^31, so that only the offset could make a sum overflow.
        if (r.offset() < 0
            || r.offset() > held
            || r.length() < 0
            || r.offset() + (long) ShardHeader.LEADS * r.length() > held) {
          throw new IllegalArgumentException("record " + r.id() + " lies outside the samples");
        }
      }
      return index;
    } catch (RuntimeException e) {
      throw new DataException(
          file, 0, "the index makes no sense (" + e.getMessage() + ")", PREPARE, e);
    }
  }
}
