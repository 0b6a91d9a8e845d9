// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
  private final Vocabulary vocabulary;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C samplesCrc = new CRC32C();
  private final Map<String, Integer> patients = new LinkedHashMap<>();
  private final List<ShardRecord> records = new ArrayList<>();
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
    this.vocabulary = vocabulary;
    try {
      file.position(ShardHeader.SAMPLES_OFFSET);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Records added so far. */
  public int size() {
    return records.size();
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
    int length = signals.length();
    int patient = patients.computeIfAbsent(subject.patient(), name -> patients.size());
    int index = records.size();
    records.add(
        new ShardRecord(
            index,
            id,
            patient,
            subject.patient(),
            subject.fold(),
            length,
            sampleBytes / Short.BYTES,
            vocabulary.labelMask(subject),
            vocabulary.certainMask(subject),
            vocabulary.superclassMask(subject),
            subject.labelsVerbatim(),
            subject.age(),
            subject.sex(),
            signals.clipped(),
            -1,
            rPeaks));
    for (short[] lead : signals.microvolts()) {
      putSamples(lead);
    }
    int beyond = (int) (sampleBytes % ShardHeader.RECORD_ALIGNMENT);
    if (beyond > 0) {
      putSamples(new short[(ShardHeader.RECORD_ALIGNMENT - beyond) / Short.BYTES]);
    }
    return index;
  }

  /** Notes that a record repeats an earlier one. */
  public void markDuplicate(int record, int of) {
    ShardRecord r = records.get(record);
    records.set(
        record,
        new ShardRecord(
            r.index(),
            r.id(),
            r.patient(),
            r.patientName(),
            r.fold(),
            r.length(),
            r.offset(),
            r.labels(),
            r.certainLabels(),
            r.superclasses(),
            r.labelsVerbatim(),
            r.age(),
            r.sex(),
            r.clipped(),
            of,
            r.rPeaks()));
  }

  /**
   * Writes index, provenance and header and puts the shard in place.
   *
   * @param provenance where the data come from; values that JSON can hold
   * @throws DataException when the medium is full or fails; nothing is left behind
   */
  public void finish(Map<String, Object> provenance) throws IOException {
    flush();
    ShardHeader.Section samples =
        new ShardHeader.Section(
            ShardHeader.SAMPLES_OFFSET, sampleBytes, (int) samplesCrc.getValue());
    ShardHeader.Section index =
        section(
            samples.offset() + samples.bytes(),
            new ShardIndex(
                    vocabulary.labels(),
                    vocabulary.superclasses(),
                    List.copyOf(patients.keySet()),
                    records)
                .encode());
    ShardHeader.Section text = section(index.offset() + index.bytes(), json(provenance));
    file.position(0);
    file.write(new ShardHeader(rate, preset, records.size(), samples, index, text).encode());
    file.commit();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private ShardHeader.Section section(long offset, byte[] content) throws IOException {
    file.write(ByteBuffer.wrap(content));
    CRC32C crc = new CRC32C();
    crc.update(content);
    return new ShardHeader.Section(offset, content.length, (int) crc.getValue());
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
    buffer.flip();
    samplesCrc.update(buffer.duplicate());
    file.write(buffer);
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
