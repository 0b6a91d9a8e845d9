// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files of a web server. Redirections are followed within http and https, never back to http. */
final class HttpMirror implements Mirror {
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  /** Request timeout, too early, too many requests, and faults of a server or what is before it. */
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

  private final HttpClient client;
  private final URI home;
  private final DownloadSettings settings;

  /**
   * @param home address of the folder
   * @throws IllegalArgumentException when it is none
   */
  HttpMirror(String home, DownloadSettings settings, EnvironmentProxy proxy) {
    this.home = folder(home);
    this.settings = settings;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // One connection a worker: a stalled one is closed without harm to the others.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(settings.connect())
            .proxy(proxy);
    proxy.authenticator().ifPresent(builder::authenticator);
    this.client = builder.build();
  }

  private static URI folder(String address) {
    try {
      URI uri = new URI(address.endsWith("/") ? address : address + "/");
      if (uri.getHost() == null
          || uri.getRawUserInfo() != null
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null) {
        throw new IllegalArgumentException(
            "--mirror takes the address of a folder, https://HOST/PATH/ without user, query or"
                + " fragment");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("--mirror is no address: " + e.getMessage(), e);
    }
  }

  @Override
  public Body open(String path, long from, String validator)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .header("User-Agent", settings.userAgent())
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
      if (!validator.isEmpty()) {
        request.header("If-Range", validator);
      }
    }
    HttpResponse<InputStream> response = send(request.build());
    if (from > 0 && response.statusCode() == RANGE_NOT_SATISFIABLE) {
      // The file is shorter than what was fetched of it, so that was another one.
      response.body().close();
      return open(path, 0, "");
    }
    try {
      return body(response, from);
    } catch (MirrorException e) {
      response.body().close();
      throw e;
    }
  }

  /** Waits for the answer's header; the body's time is the reader's affair. */
  private HttpResponse<InputStream> send(HttpRequest request)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    try {
      return answer.get(settings.stall().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw MirrorException.passing(
          "no answer within " + settings.stall().toMillis() / 1000.0 + " s");
    } finally {
      answer.cancel(true);
    }
  }

  private static Body body(HttpResponse<InputStream> response, long from) throws MirrorException {
    int status = response.statusCode();
    if (status != OK && status != PARTIAL) {
      throw refused(response);
    }
    String encoding = header(response, "Content-Encoding");
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
      throw MirrorException.lasting(
          "was sent with Content-Encoding " + encoding + ", which was not asked for");
    }
    if (status == OK) {
      long size = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      return new Body(response.body(), 0, size, validator(response));
    }
    Matcher range = CONTENT_RANGE.matcher(header(response, "Content-Range"));
    if (!range.matches() || Long.parseLong(range.group(1)) != from) {
      throw MirrorException.passing(
          "asked for bytes from %d on, the server sent '%s'"
              .formatted(from, header(response, "Content-Range")));
    }
    long size = range.group(3).equals("*") ? -1 : Long.parseLong(range.group(3));
    return new Body(response.body(), from, size, validator(response));
  }

  private static MirrorException refused(HttpResponse<InputStream> response) {
    int status = response.statusCode();
    String said = "the server answered " + status;
    if (status >= 300 && status < 400) {
      return MirrorException.lasting(
          "%s with a redirection to '%s', which is not followed"
              .formatted(said, header(response, "Location")));
    }
    return PASSING.contains(status)
        ? MirrorException.passing(said, retryAfter(header(response, "Retry-After")))
        : MirrorException.lasting(said);
  }

  /** Seconds or a date (RFC 9110, 10.2.3); zero for anything else. */
  private static Duration retryAfter(String value) {
    if (value.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    try {
      Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration left = Duration.between(Instant.now(), until);
      return left.isNegative() ? Duration.ZERO : left;
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }

  /** What If-Range may name: a strong entity tag, else the date (RFC 9110, 13.1.5). */
  private static String validator(HttpResponse<InputStream> response) {
    String tag = header(response, "ETag");
    return tag.startsWith("\"") ? tag : header(response, "Last-Modified");
  }

  private static String header(HttpResponse<InputStream> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private URI uri(String path) {
    try {
      // The constructor of several parts encodes what an address cannot have.
      String encoded = new URI(null, null, "/" + path, null).getRawPath().substring(1);
      return home.resolve(encoded.replace("?", "%3F").replace("#", "%23"));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(path, e);
    }
  }

  @Override
  public String address(String path) {
    return uri(path).toString();
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
