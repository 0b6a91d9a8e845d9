// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DICOM files that the test writes element by element, in each transfer syntax. */
class DicomFormatTest {
  private static final float GAP = Float.NaN;

  @TempDir Path folder;

  /** How elements are written. */
  private enum Syntax {
    IMPLICIT_LITTLE("1.2.840.10008.1.2", false, ByteOrder.LITTLE_ENDIAN, false),
    EXPLICIT_LITTLE("1.2.840.10008.1.2.1", true, ByteOrder.LITTLE_ENDIAN, false),
    EXPLICIT_UNDEFINED_LENGTHS("1.2.840.10008.1.2.1", true, ByteOrder.LITTLE_ENDIAN, true),
    IMPLICIT_UNDEFINED_LENGTHS("1.2.840.10008.1.2", false, ByteOrder.LITTLE_ENDIAN, true),
    EXPLICIT_BIG("1.2.840.10008.1.2.2", true, ByteOrder.BIG_ENDIAN, false);

    private final String uid;
    private final boolean explicit;
    private final ByteOrder order;
    private final boolean undefined;

    Syntax(String uid, boolean explicit, ByteOrder order, boolean undefined) {
      this.uid = uid;
      this.explicit = explicit;
      this.order = order;
      this.undefined = undefined;
    }
  }

  /** A data set or item under construction. */
  private static final class Elements {
    private final Syntax syntax;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Elements(Syntax syntax) {
      this.syntax = syntax;
    }

    private ByteBuffer buffer(int size) {
      return ByteBuffer.allocate(size).order(syntax.order);
    }

    private void tag(int tag) {
      out.writeBytes(buffer(4).putShort((short) (tag >>> 16)).putShort((short) tag).array());
    }

    Elements element(int tag, String vr, byte[] value, long announced) {
      tag(tag);
      if (!syntax.explicit) {
        out.writeBytes(buffer(4).putInt((int) announced).array());
      } else if (Set.of("OB", "OW", "SQ", "UN").contains(vr)) {
        out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(buffer(6).putShort((short) 0).putInt((int) announced).array());
      } else {
        out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(buffer(2).putShort((short) announced).array());
      }
      out.writeBytes(value);
      return this;
    }

    Elements text(int tag, String vr, String value) {
      String even = value.length() % 2 == 0 ? value : value + (vr.equals("UI") ? "\0" : " ");
      return element(tag, vr, even.getBytes(StandardCharsets.ISO_8859_1), even.length());
    }

    Elements unsignedShort(int tag, int value) {
      return element(tag, "US", buffer(2).putShort((short) value).array(), 2);
    }

    Elements unsignedLong(int tag, long value) {
      return element(tag, "UL", buffer(4).putInt((int) value).array(), 4);
    }

    Elements words(int tag, int... values) {
      ByteBuffer words = buffer(2 * values.length);
      for (int value : values) {
        words.putShort((short) value);
      }
      return element(tag, "OW", words.array(), words.capacity());
    }

    @SafeVarargs
    final Elements sequence(int tag, Consumer<Elements>... items) {
      Elements content = new Elements(syntax);
      for (Consumer<Elements> filler : items) {
        Elements item = new Elements(syntax);
        filler.accept(item);
        content.tag(0xFFFEE000);
        int length = syntax.undefined ? -1 : item.out.size();
        content.out.writeBytes(buffer(4).putInt(length).array());
        content.out.writeBytes(item.out.toByteArray());
        if (syntax.undefined) {
          content.tag(0xFFFEE00D);
          content.out.writeBytes(new byte[4]);
        }
      }
      if (syntax.undefined) {
        content.tag(0xFFFEE0DD);
        content.out.writeBytes(new byte[4]);
      }
      byte[] bytes = content.out.toByteArray();
      return element(tag, "SQ", bytes, syntax.undefined ? -1 : bytes.length);
    }
  }

  private static byte[] file(Syntax syntax, String uid, Consumer<Elements> filler) {
    Elements meta = new Elements(Syntax.EXPLICIT_LITTLE);
    meta.out.writeBytes(new byte[128]);
    meta.out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
    meta.element(0x00020001, "OB", new byte[] {0, 1}, 2);
    meta.text(0x00020010, "UI", uid);
    Elements set = new Elements(syntax);
    filler.accept(set);
    meta.out.writeBytes(set.out.toByteArray());
    return meta.out.toByteArray();
  }

  private static Consumer<Elements> channel(
      String code, String meaning, String unit, String sensitivity, String baseline) {
    return e ->
        e.text(0x003A0203, "SH", "channel")
            .sequence(
                0x003A0208,
                source ->
                    source
                        .text(0x00080100, "SH", code)
                        .text(0x00080102, "SH", "MDC")
                        .text(0x00080104, "LO", meaning))
            .text(0x003A0210, "DS", sensitivity)
            .sequence(0x003A0211, units -> units.text(0x00080100, "SH", unit))
            .text(0x003A0212, "DS", "1")
            .text(0x003A0213, "DS", baseline)
            .text(0x003A0215, "DS", "0");
  }

  /** A group of three channels at 500 Hz: I at 5 uV, II at 0.01 mV and 1 mV up, V6 at 2 uV. */
  private static Consumer<Elements> group(String originality, String offset, int... samples) {
    return e ->
        e.text(0x00181068, "DS", offset)
            .text(0x003A0004, "CS", originality)
            .unsignedShort(0x003A0005, 3)
            .unsignedLong(0x003A0010, samples.length / 3)
            .text(0x003A001A, "DS", "500")
            .sequence(
                0x003A0200,
                channel("2:1", "", "uV", "5", "0"),
                channel("5.6.3-9-2", "", "mV", "0.01", "1"),
                channel("MDC_ECG_LEAD_V6", "Lead V6 (lateral)", "uV", "2", "0"))
            .unsignedShort(0x54001004, 16)
            .text(0x54001006, "CS", "SS")
            .words(0x5400100A, -32768)
            .words(0x54001010, samples);
  }

  private static void about(Elements e) {
    e.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.9.1.1")
        .text(0x0008002A, "DT", "20240229101112.5")
        .text(0x00100010, "PN", "Doe^Jane")
        .text(0x00100020, "LO", "P-9")
        .text(0x00100040, "CS", "F")
        .text(0x00101010, "AS", "071Y");
  }

  private static byte[] plain(Syntax syntax) {
    return file(
        syntax,
        syntax.uid,
        e -> {
          about(e);
          e.sequence(
              0x54000100,
              group("DERIVED", "0", 9, 9, 9),
              group("ORIGINAL", "0", 100, -100, 500, -200, 32767, -32768));
        });
  }

  /** Sound files, one in each encoding. */
  static List<byte[]> samples() {
    return Arrays.stream(Syntax.values()).map(DicomFormatTest::plain).toList();
  }

  private Recording read(byte[] bytes) throws IOException {
    Path file = folder.resolve("ecg.dcm");
    Files.write(file, bytes);
    return Recordings.read(file);
  }

  @ParameterizedTest
  @EnumSource(Syntax.class)
  void leadsStartAndPatientAreReadInEveryTransferSyntax(Syntax syntax) throws IOException {
    Recording r = read(plain(syntax));
    assertEquals(500, r.rate());
    assertEquals(
        List.of(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF, Lead.V6), r.leads());
    assertArrayEquals(new float[] {.5f, -1}, r.signal(Lead.I), 1e-6f);
    assertArrayEquals(new float[] {0, 328.67f}, r.signal(Lead.II), 1e-4f);
    assertArrayEquals(new float[] {1, GAP}, r.signal(Lead.V6), 1e-6f);
    assertEquals("DICOM waveform", r.origin().format());
    assertEquals(
        LocalDateTime.of(2024, 2, 29, 10, 11, 12, 500_000_000), r.origin().start().orElseThrow());
    assertEquals(new Patient("P-9", 71, Subject.Sex.FEMALE), r.origin().patient().orElseThrow());
  }

  @Test
  void groupsOfOtherTimesArePutThere() throws IOException {
    Syntax syntax = Syntax.EXPLICIT_LITTLE;
    Recording r =
        read(
            file(
                syntax,
                syntax.uid,
                e ->
                    e.sequence(
                        0x54000100,
                        group("ORIGINAL", "100", 100, 0, 0),
                        group("ORIGINAL", "106", 200, 0, 0))));
    assertArrayEquals(new float[] {.5f, GAP, GAP, 1}, r.signal(Lead.I), 1e-6f);
    assertTrue(r.origin().patient().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"UB, 8, '4,5,6', '.02,.025,.03'", "SB, 8, '-4,5,6', '-.02,.025,.03'"})
  void eightBitSamplesAreReadToo(String kind, int bits, String samples, String expected)
      throws IOException {
    Syntax syntax = Syntax.EXPLICIT_LITTLE;
    byte[] data = new byte[4];
    String[] values = samples.split(",");
    for (int i = 0; i < values.length; i++) {
      data[i] = Byte.parseByte(values[i]);
    }
    byte[] bytes =
        file(
            syntax,
            syntax.uid,
            e ->
                e.sequence(
                    0x54000100,
                    g ->
                        g.unsignedShort(0x003A0005, 1)
                            .unsignedLong(0x003A0010, 3)
                            .text(0x003A001A, "DS", "250")
                            .sequence(0x003A0200, channel("2:4", "", "uV", "5", "0"))
                            .unsignedShort(0x54001004, bits)
                            .text(0x54001006, "CS", kind)
                            .element(0x54001010, "OB", data, 4)));
    String[] wanted = expected.split(",");
    for (int i = 0; i < 3; i++) {
      assertEquals(Float.parseFloat(wanted[i]), read(bytes).signal(Lead.V2)[i], 1e-6f);
    }
  }

  /** Every truncation ends in a typed error, whatever it cuts through. */
  @ParameterizedTest
  @EnumSource(Syntax.class)
  void filesCutShortAreRefused(Syntax syntax) {
    byte[] whole = plain(syntax);
    for (int length = 132; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(DataException.class, () -> read(cut), "cut to " + length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.50", ""})
  void compressedFilesAreRefused(String uid) {
    DataException e =
        assertThrows(
            DataException.class,
            () -> read(file(Syntax.EXPLICIT_LITTLE, uid, DicomFormatTest::about)));
    assertTrue(e.getMessage().contains("transfer syntax \"" + uid + "\""), e.getMessage());
  }

  private DataException failure(Consumer<Elements> filler) {
    Syntax syntax = Syntax.EXPLICIT_LITTLE;
    return assertThrows(DataException.class, () -> read(file(syntax, syntax.uid, filler)));
  }

  /** A sound group, with elements that replace those of the same tag. */
  private DataException spoilt(Consumer<Elements> replacement) {
    return failure(
        e -> e.sequence(0x54000100, group("ORIGINAL", "0", 1, 2, 3, 4, 5, 6).andThen(replacement)));
  }

  @Test
  void elementsThatMakeNoSenseAreNamed() {
    assertMessage(spoilt(e -> e.unsignedShort(0x003A0005, 4)), "is 4, 3 are defined");
    assertMessage(spoilt(e -> e.unsignedLong(0x003A0010, 3)), "3 samples of 3 channels");
    assertMessage(spoilt(e -> e.unsignedLong(0x003A0010, 0xFFFFFFFFL)), "4294967295 samples");
    assertMessage(spoilt(e -> e.unsignedLong(0x003A0010, 0)), "0 samples");
    assertMessage(spoilt(e -> e.text(0x003A0010, "LO", "abcde")), "NumberOfWaveformSamples");
    assertMessage(spoilt(e -> e.text(0x003A001A, "DS", "0")), "SamplingFrequency");
    assertMessage(spoilt(e -> e.text(0x003A001A, "DS", "-1")), "SamplingFrequency");
    assertMessage(spoilt(e -> e.text(0x003A001A, "DS", "1e999")), "SamplingFrequency");
    assertMessage(spoilt(e -> e.text(0x003A001A, "DS", "fast")), "SamplingFrequency");
    assertMessage(spoilt(e -> e.unsignedShort(0x54001004, 32)), "in 32 bits");
    assertMessage(spoilt(e -> e.text(0x54001006, "CS", "MB")), "of the kind \"MB\"");
    assertMessage(
        spoilt(
            e ->
                e.sequence(
                    0x003A0200,
                    channel("2:1", "", "uV", "5", "0"),
                    channel("2:1", "", "uV", "5", "0"),
                    channel("2:2", "", "uV", "5", "0"))),
        "lead I occurs twice");
    assertMessage(
        spoilt(
            e ->
                e.sequence(
                    0x003A0200,
                    channel("2:1", "", "mmHg", "5", "0"),
                    channel("2:3", "", "uV", "5", "0"),
                    channel("2:2", "", "uV", "5", "0"))),
        "unit \"mmHg\"");
    assertMessage(failure(DicomFormatTest::about), "no recorded waveform");
    assertMessage(
        failure(e -> e.sequence(0x54000100, group("DERIVED", "0", 1, 2, 3))),
        "no recorded waveform");
    assertMessage(
        failure(
            e ->
                e.sequence(
                    0x54000100, group("ORIGINAL", "0", 1, 2, 3), group("ORIGINAL", "0", 1, 2, 3))),
        "overlap");
    assertMessage(
        failure(
            e ->
                e.sequence(
                    0x54000100,
                    group("ORIGINAL", "0", 1, 2, 3),
                    group("ORIGINAL", "1e9", 1, 2, 3))),
        "cannot hold");
  }

  private static void assertMessage(DataException e, String part) {
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void lengthsBeyondTheFileTakeNoMemory() {
    for (long length : new long[] {0x7FFFFFFFL, 0xFFFFFFFEL, 1000}) {
      assertMessage(
          failure(e -> e.element(0x54001010, "OW", new byte[8], length)), "bytes are announced");
      assertMessage(
          failure(e -> e.element(0x54000100, "SQ", new byte[8], length)), "bytes are announced");
    }
    assertMessage(
        failure(e -> e.element(0x54001010, "OW", new byte[8], -1)), "in compressed pieces");
  }

  @Test
  void nestingIsLimited() {
    Consumer<Elements> nested = e -> e.text(0x00100020, "LO", "x");
    for (int i = 0; i < 40; i++) {
      Consumer<Elements> inner = nested;
      nested = e -> e.sequence(0x00400555, inner);
    }
    assertMessage(failure(nested), "more than 16 deep");
  }
}
