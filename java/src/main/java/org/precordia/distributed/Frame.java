// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A message between ranks. */
record Frame(Type type, byte[] body) {
  private static final int LONGEST_TEXT = 4000;

  /** What a message is. */
  enum Type {
    /** A rank says who it is. */
    HELLO,
    /** Rank 0 takes it. */
    ACCEPT,
    /** Rank 0 does not, and says why. */
    REFUSE,
    /** All ranks are there. */
    START,
    /** A sign of life. */
    PING,
    /** Small data of rank 0. */
    SHARE,
    /** A rank's own error, to rank 0. */
    FAIL,
    /** A rank that is lost, from rank 0. */
    LOST,
    /** The end in order. */
    GOODBYE
  }

  /** Writes what a message carries. */
  interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  /** Reads what a message carries. */
  interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  static Frame of(Type type) {
    return new Frame(type, new byte[0]);
  }

  static Frame of(Type type, Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      writer.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("a message could not be put together", e);
    }
    return new Frame(type, bytes.toByteArray());
  }

  static Frame text(Type type, String text) {
    return of(type, out -> writeText(out, text));
  }

  /**
   * Reads the body; what is left over is ignored, so that a later version may add to it.
   *
   * @throws IOException if it is too short or malformed
   */
  <T> T read(Reader<T> reader) throws IOException {
    return reader.read(new DataInputStream(new ByteArrayInputStream(body)));
  }

  String text() throws IOException {
    return read(in -> in.readUTF());
  }

  /** Writes text, cut where it is very long. */
  static void writeText(DataOutputStream out, String text) throws IOException {
    out.writeUTF(text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " ...");
  }

  static void writeMember(DataOutputStream out, Member member) throws IOException {
    out.writeInt(member.rank());
    writeText(out, member.host());
    out.writeLong(member.pid());
  }

  static Member readMember(DataInputStream in) throws IOException {
    return new Member(in.readInt(), in.readUTF(), in.readLong());
  }

  static Frame lost(RankFailure failure) {
    return of(
        Type.LOST,
        out -> {
          writeMember(out, failure.member());
          writeText(out, failure.what());
        });
  }

  RankFailure failure() throws IOException {
    return read(in -> new RankFailure(readMember(in), in.readUTF()));
  }
}
