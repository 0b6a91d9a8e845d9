// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.precordia.signal.Preprocessing;

/**
 * Writes a {@link Shard} record by record, as one file or as a folder of files of a limited size.
 * Only the encoded index is held in memory. Nothing appears at the target until {@link #finish};
 * closed before that, everything written is removed.
 */
final class DataSetWriter implements Closeable {
  private final Path target;
  private final long partBytes;
  private final double rate;
  private final Preprocessing preset;
  private final Vocabulary vocabulary;

  /** Where the parts are written, or null when there is one file. */
  private final AtomicFolder folder;

  private final List<ShardWriter> parts = new ArrayList<>();

  /** First record of each part. */
  private final List<Integer> firstRecords = new ArrayList<>();

  /** For the part that duplicates are being marked in: records of others, and who repeats them. */
  private final Map<Integer, Integer> repeated = new HashMap<>();

  private final Set<String> patients = new HashSet<>();
  private int repeatingPart;
  private int records;

  /**
   * Begins a data set.
   *
   * @param target the file or folder, replaced if it is one of ours
   * @param partBytes samples from which on another file is begun, in bytes; 0: one file
   * @throws DataException when the target holds something else, or cannot be written
   */
  DataSetWriter(
      Path target, long partBytes, double rate, Preprocessing preset, Vocabulary vocabulary)
      throws IOException {
    this.target = target;
    this.partBytes = partBytes;
    this.rate = rate;
    this.preset = preset;
    this.vocabulary = vocabulary;
    requireReplaceable(target, partBytes > 0);
    this.folder = partBytes > 0 ? AtomicFolder.create(target) : null;
    boolean complete = false;
    try {
      begin();
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private static void requireReplaceable(Path target, boolean folder) throws IOException {
    if (folder && Files.isDirectory(target) && !Files.exists(target.resolve(Manifest.NAME))) {
      try (Stream<Path> content = Files.list(target)) {
        if (content.findAny().isPresent()) {
          throw new DataException(
              target,
              "is a folder that holds other things than a data set",
              "choose a folder that is empty or not there yet");
        }
      }
    }
    if (folder && Files.exists(target) && !Files.isDirectory(target)) {
      throw new DataException(
          target, "is a file", "choose another name for a folder, or leave out --shard-size");
    }
    if (!folder && Files.isDirectory(target)) {
      throw new DataException(
          target, "is a folder", "name a file, or write several into a folder with --shard-size");
    }
  }

  private void begin() throws IOException {
    Path file = folder == null ? target : folder.path().resolve(Manifest.partName(parts.size()));
    parts.add(new ShardWriter(AtomicFile.create(file), rate, preset, vocabulary));
    firstRecords.add(records);
  }

  /** Records added so far. */
  int size() {
    return records;
  }

  /** Patients of the records added so far. */
  int patients() {
    return patients.size();
  }

  /** As {@link ShardWriter#add}; the index is that in the data set. */
  int add(String id, Subject subject, QuantizedSignals signals, int[] rPeaks) throws IOException {
    ShardWriter part = parts.getLast();
    long bytes = (long) signals.length() * ShardHeader.LEADS * Short.BYTES;
    if (partBytes > 0 && part.size() > 0 && part.sampleBytes() + bytes > partBytes) {
      part.endSamples();
      begin();
    }
    patients.add(subject.patient());
    parts.getLast().add(id, subject, signals, rPeaks);
    return records++;
  }

  /**
   * Notes that a record repeats an earlier one that repeats none itself. Records come ascending.
   */
  void markDuplicate(int record, int of) {
    int part = partOf(record);
    int first = firstRecords.get(part);
    if (of >= first) {
      parts.get(part).markDuplicate(record - first, of - first);
      return;
    }
    if (part != repeatingPart) {
      repeated.clear();
      repeatingPart = part;
    }
    Integer earlier = repeated.putIfAbsent(of, record - first);
    parts
        .get(part)
        .markDuplicate(record - first, earlier == null ? ShardIndex.outside(of) : earlier);
  }

  private int partOf(int record) {
    int[] firsts = firstRecords.stream().mapToInt(first -> first).toArray();
    int found = Arrays.binarySearch(firsts, record);
    return found >= 0 ? found : -found - 2;
  }

  /**
   * Writes what is left and puts the data set in place.
   *
   * @param provenance where the data come from; values that JSON can hold
   * @throws DataException when the medium is full or fails; nothing is left behind
   */
  void finish(Map<String, Object> provenance) throws IOException {
    if (folder == null) {
      parts.getFirst().finish(provenance);
      return;
    }
    List<Manifest.Part> entries = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      ShardWriter part = parts.get(i);
      Map<String, Object> partOf = new LinkedHashMap<>();
      partOf.put("part", i + 1);
      partOf.put("of", parts.size());
      partOf.put("manifest", Manifest.NAME);
      partOf.put("dataset", provenance.getOrDefault("dataset", ""));
      ShardHeader header = part.write(partOf);
      String name = Manifest.partName(i);
      entries.add(
          new Manifest.Part(
              name, part.size(), Files.size(folder.path().resolve(name)), header.fingerprint()));
    }
    AtomicFile.write(
        folder.path().resolve(Manifest.NAME), new Manifest(entries, json(provenance)).encode());
    folder.commit();
  }

  private static String json(Map<String, Object> provenance) {
    try {
      return new ObjectMapper().writeValueAsString(provenance);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("provenance cannot be written as JSON", e);
    }
  }

  @Override
  public void close() throws IOException {
    for (ShardWriter part : parts) {
      part.close();
    }
    if (folder != null) {
      folder.close();
    }
  }
}
