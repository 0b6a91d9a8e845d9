// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;
import org.precordia.signal.Preprocessing;

/**
 * Writes a {@link Shard} record by record. Only the index is held in memory. Nothing appears at the
 * target until {@link #finish}; closed before that, everything written is removed.
 */
public final class ShardWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final AtomicFile file;
  private final double rate;
  private final Preprocessing preset;

  /** Collects small pieces; there is none while a data set's later files are being written. */
  private ByteBuffer buffer = buffer();

  private final CRC32C samplesCrc = new CRC32C();
  private final ShardIndexWriter index;
  private long sampleBytes;

  /**
   * Begins a shard.
   *
   * @param file where, from {@link AtomicFile#create}; closed with this writer
   * @param rate sampling rate in Hz
   * @param preset what was done to the signals
   * @param vocabulary bits of labels and superclasses
   * @throws DataException when the file cannot be written
   */
  public ShardWriter(AtomicFile file, double rate, Preprocessing preset, Vocabulary vocabulary)
      throws IOException {
    this.file = file;
    this.rate = rate;
    this.preset = preset;
    this.index = new ShardIndexWriter(vocabulary);
    try {
      file.position(ShardHeader.SAMPLES_OFFSET);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Records added so far. */
  public int size() {
    return index.size();
  }

  /**
   * Appends a record.
   *
   * @param id identifier in the data set
   * @param subject patient, fold and labels
   * @param signals the {@link Lead#INDEPENDENT} leads
   * @param rPeaks sample indices of R peaks, ascending
   * @return the record's index
   * @throws DataException when the medium is full or fails
   */
  public int add(String id, Subject subject, QuantizedSignals signals, int[] rPeaks)
      throws IOException {
    int record = index.size();
    index.add(id, subject, signals, rPeaks, sampleBytes / Short.BYTES);
    for (short[] lead : signals.microvolts()) {
      putSamples(lead);
    }
    int beyond = (int) (sampleBytes % ShardHeader.RECORD_ALIGNMENT);
    if (beyond > 0) {
      putSamples(new short[(ShardHeader.RECORD_ALIGNMENT - beyond) / Short.BYTES]);
    }
    return record;
  }

  /** Bytes of the samples so far. */
  long sampleBytes() {
    return sampleBytes;
  }

  /** Notes that a record repeats an earlier one. */
  public void markDuplicate(int record, int of) {
    index.markDuplicate(record, of);
  }

  /**
   * Lets the samples reach the medium, when no more will come.
   *
   * @throws DataException when the medium is full or fails
   */
  void endSamples() throws IOException {
    flush();
    file.force();
    buffer = null;
  }

  /**
   * Writes index, provenance and header and puts the shard in place.
   *
   * @param provenance where the data come from; values that JSON can hold
   * @throws DataException when the medium is full or fails; nothing is left behind
   */
  public void finish(Map<String, Object> provenance) throws IOException {
    write(provenance);
  }

  /** As {@link #finish}; returns what it wrote at the file's beginning. */
  ShardHeader write(Map<String, Object> provenance) throws IOException {
    if (buffer == null) {
      buffer = buffer();
    }
    flush();
    ShardHeader.Section samples =
        new ShardHeader.Section(
            ShardHeader.SAMPLES_OFFSET, sampleBytes, (int) samplesCrc.getValue());
    ShardHeader.Section entries = section(samples.offset() + samples.bytes(), index::write);
    byte[] json = json(provenance);
    ShardHeader.Section text =
        section(entries.offset() + entries.bytes(), target -> target.write(ByteBuffer.wrap(json)));
    file.position(0);
    ShardHeader header = new ShardHeader(rate, preset, index.size(), samples, entries, text);
    file.write(header.encode());
    file.commit();
    buffer = null;
    return header;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  @FunctionalInterface
  private interface Content {
    void write(ShardIndexWriter.Target target) throws IOException;
  }

  private ShardHeader.Section section(long offset, Content content) throws IOException {
    CRC32C crc = new CRC32C();
    content.write(
        piece -> {
          crc.update(piece.duplicate());
          putBytes(piece);
        });
    flushBytes();
    return new ShardHeader.Section(offset, file.position() - offset, (int) crc.getValue());
  }

  private void putBytes(ByteBuffer piece) throws IOException {
    if (piece.remaining() > buffer.remaining()) {
      flushBytes();
    }
    if (piece.remaining() > buffer.remaining()) {
      file.write(piece);
    } else {
      buffer.put(piece);
    }
  }

  private void putSamples(short[] samples) throws IOException {
    int done = 0;
    while (done < samples.length) {
      if (buffer.remaining() < Short.BYTES) {
        flush();
      }
      int count = Math.min(samples.length - done, buffer.remaining() / Short.BYTES);
      buffer.asShortBuffer().put(samples, done, count);
      buffer.position(buffer.position() + count * Short.BYTES);
      done += count;
    }
    sampleBytes += (long) samples.length * Short.BYTES;
  }

  private void flush() throws IOException {
    samplesCrc.update(buffer.duplicate().flip());
    flushBytes();
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void flushBytes() throws IOException {
    file.write(buffer.flip());
    buffer.clear();
  }

  private static byte[] json(Map<String, Object> provenance) {
    try {
      return new ObjectMapper()
          .writerWithDefaultPrettyPrinter()
          .writeValueAsString(provenance)
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("provenance cannot be written as JSON", e);
    }
  }
}
