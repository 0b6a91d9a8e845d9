// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.precordia.signal.Preprocessing;

/**
 * The first {@value #BYTES} bytes of a shard, little endian:
 *
 * <pre>
 *   0  magic "PCDSHARD"          48  index: offset, bytes (2 x int64)
 *   8  version, header bytes     64  provenance: offset, bytes (2 x int64)
 *  16  rate in Hz (float64)      80  CRC-32C of samples, index, provenance (3 x int32)
 *  24  records, leads (int32)    92  preprocessing preset (int32)
 *  32  samples: offset, bytes   124  CRC-32C of bytes 0 to 123
 * </pre>
 *
 * @param rate sampling rate in Hz
 * @param preset what was done to the signals
 * @param records number of recordings
 * @param samples where the int16 samples lie
 * @param index where the index lies
 * @param provenance where the JSON text lies
 */
record ShardHeader(
    double rate,
    Preprocessing preset,
    int records,
    Section samples,
    Section index,
    Section provenance) {
  static final int BYTES = 128;
  static final int VERSION = 1;
  static final int LEADS = Lead.INDEPENDENT.size();

  /** Samples begin on a page of their own. */
  static final long SAMPLES_OFFSET = 4096;

  /** A record's samples begin on a cache line: 64 bytes. */
  static final int RECORD_ALIGNMENT = 64;

  /** More than any file has, and so little that two of them can be added. */
  private static final long MOST_BYTES = Long.MAX_VALUE / 2;

  private static final byte[] MAGIC = "PCDSHARD".getBytes(StandardCharsets.US_ASCII);
  private static final String PREPARE = "write it again with precordia prepare";

  /** A stretch of the file in bytes, and the CRC-32C of it. */
  record Section(long offset, long bytes, int crc) {}

  /** Checksums of samples and index in hexadecimal. */
  String fingerprint() {
    return String.format("%08x%08x", samples.crc(), index.crc());
  }

  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).putInt(VERSION).putInt(BYTES).putDouble(rate).putInt(records).putInt(LEADS);
    for (Section section : new Section[] {samples, index, provenance}) {
      out.putLong(section.offset()).putLong(section.bytes());
    }
    out.putInt(samples.crc()).putInt(index.crc()).putInt(provenance.crc());
    out.putInt(preset.ordinal());
    out.putInt(BYTES - 4, crc(out.array()));
    return out.clear();
  }

  /**
   * Reads a header and checks that the file is whole.
   *
   * @param in the file's first bytes, fewer than {@value #BYTES} when it is shorter
   * @param fileBytes length of the file
   */
  static ShardHeader decode(Path file, ByteBuffer in, long fileBytes) throws DataException {
    in.order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    if (in.remaining() >= magic.length) {
      in.get(magic);
    }
    if (!Arrays.equals(magic, MAGIC)) {
      throw new DataException(
          file, "is not a Precordia shard", "make one with precordia prepare --out FILE");
    }
    if (fileBytes < BYTES) {
      throw new DataException(
          file, "is cut short: " + fileBytes + " bytes, a header alone has " + BYTES, PREPARE);
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new DataException(
          file,
          "is a shard of version " + version + ", this program reads version " + VERSION,
          PREPARE);
    }
    if (in.getInt() != BYTES || in.getInt(BYTES - 4) != crc(in.array())) {
      throw new DataException(file, "has a damaged header (checksum mismatch)", PREPARE);
    }
    double rate = in.getDouble();
    int records = in.getInt();
    int leads = in.getInt();
    long[] at = new long[6];
    for (int i = 0; i < at.length; i++) {
      at[i] = in.getLong();
    }
    Section samples = new Section(at[0], at[1], in.getInt());
    Section index = new Section(at[2], at[3], in.getInt());
    Section provenance = new Section(at[4], at[5], in.getInt());
    int preset = in.getInt();
    long end = 0;
    for (Section section : new Section[] {samples, index, provenance}) {
      if (section.offset() < 0 || section.bytes() < 0 || section.offset() > MOST_BYTES) {
        throw new DataException(
            file,
            "has a section of %d bytes at %d".formatted(section.bytes(), section.offset()),
            PREPARE);
      }
      // No sum of the two can overflow.
      end = Math.max(end, section.offset() + Math.min(section.bytes(), MOST_BYTES));
    }
    if (samples.offset() % RECORD_ALIGNMENT != 0) {
      throw new DataException(
          file,
          "has samples from byte %d on, no multiple of %d"
              .formatted(samples.offset(), RECORD_ALIGNMENT),
          PREPARE);
    }
    if (fileBytes < end) {
      throw new DataException(
          file, "is cut short: " + fileBytes + " of " + end + " bytes", PREPARE);
    }
    if (leads != LEADS || preset < 0 || preset >= Preprocessing.values().length) {
      throw new DataException(
          file, "has " + leads + " leads and preset " + preset + ", which is not known", PREPARE);
    }
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new DataException(file, "has a rate of " + rate + " Hz", PREPARE);
    }
    // Each record has an entry, so the index bounds what a number of records can claim.
    if (records < 0 || records > index.bytes() / Integer.BYTES) {
      throw new DataException(
          file,
          "has %d records in an index of %d bytes".formatted(records, index.bytes()),
          PREPARE);
    }
    if (Math.max(index.bytes(), provenance.bytes()) > Integer.MAX_VALUE - 8) {
      throw new DataException(
          file, "has an index or provenance of more than 2 GiB", "prepare it in smaller parts");
    }
    return new ShardHeader(
        rate, Preprocessing.values()[preset], records, samples, index, provenance);
  }

  private static int crc(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, BYTES - 4);
    return (int) crc.getValue();
  }
}
