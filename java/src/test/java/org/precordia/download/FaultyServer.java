// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/**
 * A web server for tests, on the loopback interface: it serves files with ranges and entity tags as
 * it should, except where it was told what else to answer.
 */
public final class FaultyServer implements AutoCloseable {
  private final ServerSocket socket;
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, Deque<Answer>> planned = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** A request: path behind the first slash, and headers by lower-case name. */
  public record Request(String line, String path, Map<String, String> headers) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /** The first byte that is asked for. */
    int from() {
      return header("range").isEmpty()
          ? 0
          : Integer.parseInt(header("range").replaceAll("bytes=(\\d+)-", "$1"));
    }
  }

  /** What is answered to a request. */
  public interface Answer {
    void to(Request request, Reply reply) throws IOException;
  }

  /** Listens on a port of its own. */
  public FaultyServer() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::listen);
  }

  /** Address of the folder that has the files. */
  public String url() {
    return "http://localhost:" + socket.getLocalPort() + "/";
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Serves a file. */
  public void put(String path, byte[] content) {
    files.put(path, content);
  }

  /** Serves a list of the sums of all files there are. */
  public void putSums() {
    files.remove(Checksums.NAME);
    String list =
        new TreeMap<>(files)
            .entrySet().stream()
                .map(file -> sum(file.getValue()) + " " + file.getKey() + "\n")
                .collect(Collectors.joining());
    put(Checksums.NAME, list.getBytes(StandardCharsets.UTF_8));
  }

  static String sum(byte[] content) {
    return Digests.hex(Digests.sha256().digest(content));
  }

  /** Answers the next requests for a file so, one each, and those after them as it should. */
  public void plan(String path, Answer... answers) {
    planned.computeIfAbsent(path, any -> new ArrayDeque<>()).addAll(Arrays.asList(answers));
  }

  /** The requests for a file. */
  List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().equals(path)).toList();
  }

  /** All requests. */
  List<Request> requests() {
    return List.copyOf(requests);
  }

  private void listen() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      Reply reply = new Reply(connection);
      for (Request request = read(in); request != null && reply.isOpen(); request = read(in)) {
        requests.add(request);
        Deque<Answer> plan = planned.getOrDefault(request.path(), new ArrayDeque<>());
        Answer answer;
        synchronized (plan) {
          answer = plan.isEmpty() ? this::properly : plan.poll();
        }
        answer.to(request, reply);
      }
    } catch (IOException | UncheckedIOException e) {
      // The client went away, which is its right.
      return;
    }
  }

  private static Request read(InputStream in) throws IOException {
    String line = readLine(in);
    if (line.isEmpty()) {
      return null;
    }
    Map<String, String> headers = new HashMap<>();
    for (String header = readLine(in); !header.isEmpty(); header = readLine(in)) {
      String[] parts = header.split(": *", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    return new Request(line, URI.create(line.split(" ")[1]).getPath().substring(1), headers);
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** As a server should: the whole file, or the rest of it where it is still the same. */
  void properly(Request request, Reply reply) throws IOException {
    byte[] content = files.get(request.path());
    if (content == null) {
      reply.send(404, Map.of(), new byte[0]);
      return;
    }
    String tag = "\"" + sum(content).substring(0, 8) + "\"";
    int from = request.from();
    String ifRange = request.header("if-range");
    if (from > 0 && (ifRange.isEmpty() || ifRange.equals(tag))) {
      if (from >= content.length) {
        reply.send(416, Map.of("Content-Range", "bytes */" + content.length), new byte[0]);
        return;
      }
      reply.send(
          206,
          Map.of(
              "ETag",
              tag,
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length)),
          Arrays.copyOfRange(content, from, content.length));
      return;
    }
    reply.send(200, Map.of("ETag", tag), content);
  }

  /** Only a status, with headers given as name, value, name, value. */
  static Answer status(int status, String... headers) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      map.put(headers[i], headers[i + 1]);
    }
    return (request, reply) -> reply.send(status, map, new byte[0]);
  }

  /** The whole of some content, whatever was asked for. */
  static Answer whole(byte[] content, String... headers) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      map.put(headers[i], headers[i + 1]);
    }
    return (request, reply) -> reply.send(200, map, content);
  }

  /** As it should, but only so many bytes of the answer; then what {@code end} does. */
  public Answer cut(int bytes, End end) {
    return (request, reply) -> {
      reply.cutAfter(bytes);
      properly(request, reply);
      end.of(reply);
    };
  }

  /** How an answer that was cut ends. */
  public interface End {
    void of(Reply reply) throws IOException;
  }

  /** Keeps the connection open and sends nothing until the server is closed. */
  public void silence(Reply reply) {
    try {
      reply.flush();
      closed.await();
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }

  /** An answer on its way. */
  public static final class Reply implements Closeable {
    private final Socket socket;
    private final OutputStream out;
    private int limit = Integer.MAX_VALUE;

    private Reply(Socket socket) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
    }

    boolean isOpen() {
      return !socket.isClosed();
    }

    void cutAfter(int bytes) {
      limit = bytes;
    }

    void flush() throws IOException {
      out.flush();
    }

    /** Sends a whole answer; a length or encoding among the headers stands for the true one. */
    public void send(int status, Map<String, String> headers, byte[] body) throws IOException {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Status\r\n");
      if (!headers.containsKey("Content-Length") && !headers.containsKey("Transfer-Encoding")) {
        head.append("Content-Length: ").append(body.length).append("\r\n");
      }
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      out.write(body, 0, Math.min(limit, body.length));
      out.flush();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
