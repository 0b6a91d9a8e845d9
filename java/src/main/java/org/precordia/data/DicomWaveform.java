// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One multiplex group of a DICOM waveform: channels that were sampled together. */
final class DicomWaveform {
  private static final String REMEDY = "export the file again";

  /** Codes of leads in SCP-ECG and in ISO/IEEE 11073 (MDC) share the number at their end. */
  private static final Pattern CODE = Pattern.compile("(?:5\\.6\\.3-9-|2:)(\\d{1,3})");

  private static final Pattern IN_BRACKETS = Pattern.compile("\\([^()]*\\)");
  private static final Map<Integer, Lead> BY_CODE =
      Map.ofEntries(
          Map.entry(1, Lead.I),
          Map.entry(2, Lead.II),
          Map.entry(3, Lead.V1),
          Map.entry(4, Lead.V2),
          Map.entry(5, Lead.V3),
          Map.entry(6, Lead.V4),
          Map.entry(7, Lead.V5),
          Map.entry(8, Lead.V6),
          Map.entry(61, Lead.III),
          Map.entry(62, Lead.AVR),
          Map.entry(63, Lead.AVL),
          Map.entry(64, Lead.AVF));

  private final Path file;
  private final DicomItem item;
  private final List<DicomItem> channels;

  DicomWaveform(Path file, DicomItem item) {
    this.file = file;
    this.item = item;
    this.channels = item.items(DicomTag.CHANNEL_DEFINITION_SEQUENCE);
  }

  /** Whether the samples were recorded, not averaged or filtered from others. */
  boolean original() {
    return !item.text(DicomTag.WAVEFORM_ORIGINALITY).equals("DERIVED");
  }

  /** Whether a channel is an ECG lead. */
  boolean hasLeads() {
    return channels.stream().anyMatch(channel -> lead(channel).isPresent());
  }

  /** Whether a channel was sampled later than others, for which nothing makes up. */
  boolean skewed() throws DataException {
    for (DicomItem channel : channels) {
      if (channel.decimal(DicomTag.CHANNEL_SAMPLE_SKEW, "ChannelSampleSkew", 0) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Sampling rate in Hz. */
  double rate() throws DataException {
    double rate = item.decimal(DicomTag.SAMPLING_FREQUENCY, "SamplingFrequency");
    if (!(rate > 0)) {
      throw error("SamplingFrequency (003A,001A) is " + rate + " Hz");
    }
    return rate;
  }

  /** Seconds from the acquisition's start. */
  double offset() throws DataException {
    return item.decimal(DicomTag.MULTIPLEX_GROUP_TIME_OFFSET, "MultiplexGroupTimeOffset", 0) / 1000;
  }

  /** Samples in mV by lead. */
  Map<Lead, float[]> rows() throws DataException {
    long count = item.unsigned(DicomTag.CHANNELS, "NumberOfWaveformChannels");
    long samples = item.unsigned(DicomTag.SAMPLES, "NumberOfWaveformSamples");
    if (count != channels.size()) {
      throw error(
          "NumberOfWaveformChannels (003A,0005) is %d, %d are defined"
              .formatted(count, channels.size()));
    }
    int width = width();
    ByteBuffer data = item.bytes(DicomTag.WAVEFORM_DATA);
    // Both numbers are below 2^32 and the width is 1 or 2: no product can overflow.
    if (samples == 0 || samples > data.remaining() / (count * width)) {
      throw error(
          "WaveformData (5400,1010) has %d bytes, %d samples of %d channels are announced"
              .formatted(data.remaining(), samples, count));
    }
    Map<Lead, float[]> rows = new EnumMap<>(Lead.class);
    for (int c = 0; c < count; c++) {
      Optional<Lead> lead = lead(channels.get(c));
      if (lead.isPresent()
          && rows.putIfAbsent(lead.get(), row(data, c, (int) samples, width)) != null) {
        throw error("lead " + lead.get() + " occurs twice in a multiplex group");
      }
    }
    return rows;
  }

  private float[] row(ByteBuffer data, int channel, int samples, int width) throws DataException {
    DicomItem definition = channels.get(channel);
    String unit =
        definition.item(DicomTag.CHANNEL_SENSITIVITY_UNITS_SEQUENCE).text(DicomTag.CODE_VALUE);
    double millivolts =
        VoltageUnit.millivolts(unit)
            .orElseThrow(() -> error("a lead's sensitivity has the unit \"" + unit + "\""));
    double scale =
        millivolts
            * definition.decimal(DicomTag.CHANNEL_SENSITIVITY, "ChannelSensitivity")
            * definition.decimal(
                DicomTag.CHANNEL_SENSITIVITY_CORRECTION_FACTOR,
                "ChannelSensitivityCorrectionFactor",
                1);
    double zero = millivolts * definition.decimal(DicomTag.CHANNEL_BASELINE, "ChannelBaseline", 0);
    if (!Amplitude.possible(scale * 0x1p16) || !Amplitude.possible(zero)) {
      throw error(
          "a channel's sensitivity (003A,0210) or baseline (003A,0213) is beyond all bounds");
    }
    boolean signed = item.text(DicomTag.SAMPLE_INTERPRETATION).startsWith("S");
    ByteBuffer padding = item.bytes(DicomTag.PADDING_VALUE);
    boolean padded = padding.remaining() >= width;
    int missing = padded ? sample(padding, 0, width, signed) : 0;
    float[] row = new float[samples];
    for (int t = 0; t < samples; t++) {
      int value = sample(data, (t * channels.size() + channel) * width, width, signed);
      row[t] = padded && value == missing ? Float.NaN : (float) (value * scale + zero);
    }
    return row;
  }

  private static int sample(ByteBuffer data, int at, int width, boolean signed) {
    if (width == 1) {
      return signed ? data.get(at) : data.get(at) & 0xFF;
    }
    return signed ? data.getShort(at) : data.getShort(at) & 0xFFFF;
  }

  /** Bytes of a sample. */
  private int width() throws DataException {
    String kind = item.text(DicomTag.SAMPLE_INTERPRETATION);
    long bits = item.unsigned(DicomTag.BITS_ALLOCATED, "WaveformBitsAllocated");
    return switch (kind + bits) {
      case "SB8", "UB8" -> 1;
      case "SS16", "US16" -> 2;
      default ->
          throw error(
              "samples are of the kind \"%s\" (5400,1006) in %d bits (5400,1004)"
                  .formatted(kind, bits));
    };
  }

  private static Optional<Lead> lead(DicomItem channel) {
    DicomItem source = channel.item(DicomTag.CHANNEL_SOURCE_SEQUENCE);
    Matcher code = CODE.matcher(source.text(DicomTag.CODE_VALUE));
    if (code.matches()) {
      return Optional.ofNullable(BY_CODE.get(Integer.parseInt(code.group(1))));
    }
    String meaning = IN_BRACKETS.matcher(source.text(DicomTag.CODE_MEANING)).replaceAll("");
    return Lead.parse(meaning).or(() -> Lead.parse(channel.text(DicomTag.CHANNEL_LABEL)));
  }

  private DataException error(String problem) {
    return new DataException(file, problem, REMEDY);
  }
}
