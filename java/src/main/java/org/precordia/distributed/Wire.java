// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A socket that carries {@link Frame}s. Both sides begin with eight letters and a version; a frame
 * is its type, the length of what follows and that many bytes. Nothing is believed: lengths have
 * limits, reads have deadlines, and what is wrong is a {@link ProtocolException}.
 */
final class Wire implements AutoCloseable {
  /** The protocol's version; ranks of two versions do not talk. */
  static final int VERSION = 1;

  /** Most bytes of a frame between ranks that do not know each other yet. */
  static final int GREETING_LIMIT = 64 << 10;

  /** Most bytes of a frame in a job. */
  static final int LIMIT = Rendezvous.LARGEST_SHARE;

  private static final byte[] LETTERS = "PRECORDI".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 1 + Integer.BYTES;
  private static final int SHOWN = 60;

  private final Socket socket;
  private final InputStream in;

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    socket.setTcpNoDelay(true);
  }

  /** What the other side sent is not this protocol. */
  static final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    ProtocolException(String sentence) {
      super(sentence);
    }
  }

  void sendGreeting() throws IOException {
    ByteBuffer greeting = ByteBuffer.allocate(LETTERS.length + Integer.BYTES);
    socket.getOutputStream().write(greeting.put(LETTERS).putInt(VERSION).array());
  }

  /**
   * Reads the other side's first bytes.
   *
   * @return its version
   */
  int readGreeting(Deadline deadline) throws IOException {
    byte[] first = new byte[LETTERS.length];
    for (int i = 0; i < first.length; i++) {
      read(first, i, 1, deadline);
      if (first[i] != LETTERS[i]) {
        throw new ProtocolException("it sent \"" + printable(first, i + 1) + "\"");
      }
    }
    byte[] version = new byte[Integer.BYTES];
    read(version, 0, version.length, deadline);
    return ByteBuffer.wrap(version).getInt();
  }

  /** Reads a frame of at most that many bytes. */
  Frame read(int limit, Deadline deadline) throws IOException {
    byte[] header = new byte[HEADER];
    read(header, 0, HEADER, deadline);
    int type = header[0];
    int length = ByteBuffer.wrap(header, 1, Integer.BYTES).getInt();
    Frame.Type[] types = Frame.Type.values();
    if (type < 0 || type >= types.length || length < 0 || length > limit) {
      throw new ProtocolException(
          "it sent a message of type %d and %d bytes".formatted(type, length));
    }
    byte[] body = new byte[length];
    read(body, 0, length, deadline);
    return new Frame(types[type], body);
  }

  /** Sends a frame; one thread at a time. */
  void send(Frame frame) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + frame.body().length);
    bytes.put((byte) frame.type().ordinal()).putInt(frame.body().length).put(frame.body());
    socket.getOutputStream().write(bytes.array());
  }

  /** Tells the other side that nothing more comes; it may still send. */
  void endSending() throws IOException {
    socket.shutdownOutput();
  }

  private void read(byte[] target, int offset, int length, Deadline deadline) throws IOException {
    int done = 0;
    while (done < length) {
      if (deadline.over()) {
        throw new SocketTimeoutException("no answer in time");
      }
      socket.setSoTimeout(deadline.milliseconds());
      int count = in.read(target, offset + done, length - done);
      if (count < 0) {
        throw new EOFException("connection lost");
      }
      done += count;
    }
  }

  /** Foreign bytes so far and those that already lie there, for a message. */
  private String printable(byte[] first, int count) {
    byte[] seen = Arrays.copyOf(first, SHOWN);
    int length = count;
    try {
      if (in.available() > 0) {
        length += Math.max(0, in.read(seen, count, SHOWN - count));
      }
    } catch (IOException e) {
      length = count;
    }
    return new String(seen, 0, length, StandardCharsets.US_ASCII)
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll("[^\\x20-\\x7e]", ".");
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // What is wrong with a connection that is given up changes nothing.
      return;
    }
  }
}
