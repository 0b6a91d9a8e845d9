// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy that Java's system properties name ({@code https.proxyHost}), else the one of the
 * environment: {@code https_proxy}, {@code http_proxy}, {@code all_proxy} and {@code no_proxy},
 * small or large.
 */
final class EnvironmentProxy extends ProxySelector {
  private static final int DEFAULT_PORT = 80;
  private static final URI NONE = URI.create("");

  private final ProxySelector system;
  private final Map<String, URI> proxies;
  private final List<String> exceptions;

  /**
   * @throws IllegalArgumentException when a variable names no proxy; the message names the variable
   */
  EnvironmentProxy(Map<String, String> environment, ProxySelector system) {
    this.system = system;
    this.proxies =
        Map.of(
            "http", first(environment, "http_proxy", "all_proxy"),
            "https", first(environment, "https_proxy", "all_proxy"));
    this.exceptions =
        Arrays.stream(value(environment, "no_proxy").split("[,\\s]+"))
            .map(name -> name.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
            .filter(name -> !name.isEmpty())
            .toList();
  }

  private static URI first(Map<String, String> environment, String... names) {
    for (String name : names) {
      String value = value(environment, name);
      if (!value.isBlank()) {
        return parse(name, value.strip());
      }
    }
    return NONE;
  }

  private static String value(Map<String, String> environment, String name) {
    String small = environment.get(name);
    return small != null ? small : environment.getOrDefault(name.toUpperCase(Locale.ROOT), "");
  }

  private static URI parse(String name, String value) {
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      if (uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // It may hold a password, so neither it nor what is wrong with it is repeated.
      throw unusable(name);
    }
    throw unusable(name);
  }

  private static IllegalArgumentException unusable(String name) {
    return new IllegalArgumentException(
        "the environment variable " + name + " names no HTTP proxy: write http://HOST:PORT");
  }

  @Override
  public List<Proxy> select(URI uri) {
    List<Proxy> named = system == null ? List.of() : system.select(uri);
    if (named.stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT)) {
      return named;
    }
    URI proxy = proxies.getOrDefault(uri.getScheme().toLowerCase(Locale.ROOT), NONE);
    if (proxy == NONE || isException(uri.getHost().toLowerCase(Locale.ROOT))) {
      return List.of(Proxy.NO_PROXY);
    }
    return List.of(new Proxy(Proxy.Type.HTTP, address(proxy)));
  }

  private boolean isException(String host) {
    return exceptions.stream()
        .anyMatch(name -> name.equals("*") || host.equals(name) || host.endsWith("." + name));
  }

  private static InetSocketAddress address(URI proxy) {
    int port = proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort();
    return new InetSocketAddress(proxy.getHost(), port);
  }

  /** Answers a proxy of the environment that asks for the user and password named there. */
  Optional<Authenticator> authenticator() {
    if (proxies.values().stream().allMatch(proxy -> proxy.getUserInfo() == null)) {
      return Optional.empty();
    }
    return Optional.of(
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return getRequestorType() == RequestorType.PROXY
                ? credentials(getRequestingHost(), getRequestingPort())
                : null;
          }
        });
  }

  private PasswordAuthentication credentials(String host, int port) {
    return proxies.values().stream()
        .filter(proxy -> proxy.getUserInfo() != null)
        .filter(proxy -> proxy.getHost().equalsIgnoreCase(host) && address(proxy).getPort() == port)
        .map(proxy -> proxy.getUserInfo().split(":", 2))
        .map(
            parts ->
                new PasswordAuthentication(
                    parts[0], parts.length > 1 ? parts[1].toCharArray() : new char[0]))
        .findFirst()
        .orElse(null);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress proxy, IOException failure) {
    // The attempt itself fails with the same exception.
    if (system != null) {
      system.connectFailed(uri, proxy, failure);
    }
  }
}
