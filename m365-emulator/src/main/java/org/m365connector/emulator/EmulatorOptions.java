package org.m365connector.emulator;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How an emulator is started. {@link #defaults()} takes free ports and Microsoft's documented lives; each {@code with…}
 * method gives a copy with one thing changed.
 */
public final class EmulatorOptions {

    private String host = "127.0.0.1";
    private int httpPort;
    private int httpsPort;
    private List<String> certificateHosts = List.of();
    private Optional<String> publicBase = Optional.empty();
    private List<String> redirectUris = Seed.REDIRECT_URIS;
    private boolean allowLoopbackHttpNotifications = true;
    private boolean shortLives;
    private Optional<Path> limitsFile = Optional.empty();
    private Map<String, Object> limits = Map.of();

    private EmulatorOptions() {}

    public static EmulatorOptions defaults() {
        return new EmulatorOptions();
    }

    private EmulatorOptions copy() {
        EmulatorOptions copy = new EmulatorOptions();
        copy.host = host;
        copy.httpPort = httpPort;
        copy.httpsPort = httpsPort;
        copy.certificateHosts = certificateHosts;
        copy.publicBase = publicBase;
        copy.redirectUris = redirectUris;
        copy.allowLoopbackHttpNotifications = allowLoopbackHttpNotifications;
        copy.shortLives = shortLives;
        copy.limitsFile = limitsFile;
        copy.limits = limits;
        return copy;
    }

    /** Address to listen on; only this machine by default. */
    public EmulatorOptions withHost(String address) {
        EmulatorOptions copy = copy();
        copy.host = address;
        return copy;
    }

    /** 0 takes a free port. */
    public EmulatorOptions withPorts(int http, int https) {
        EmulatorOptions copy = copy();
        copy.httpPort = http;
        copy.httpsPort = https;
        return copy;
    }

    /** Names that the HTTPS certificate is valid for, besides localhost and the loopback addresses. */
    public EmulatorOptions withCertificateHosts(List<String> hosts) {
        EmulatorOptions copy = copy();
        copy.certificateHosts = List.copyOf(hosts);
        return copy;
    }

    /** Scheme, host and port that go into issuers, endpoints and pages; otherwise these are as the request addressed us. */
    public EmulatorOptions withPublicBase(String base) {
        EmulatorOptions copy = copy();
        copy.publicBase = Optional.of(base);
        return copy;
    }

    /** What the seeded app registration may redirect to, exactly; {@code :*} stands for any port. */
    public EmulatorOptions withRedirectUris(List<String> uris) {
        EmulatorOptions copy = copy();
        copy.redirectUris = List.copyOf(uris);
        return copy;
    }

    /** Whether a subscription's notification URL may be plain http on this machine, which Graph never allows. */
    public EmulatorOptions withAllowLoopbackHttpNotifications(boolean allow) {
        EmulatorOptions copy = copy();
        copy.allowLoopbackHttpNotifications = allow;
        return copy;
    }

    /** The lives of {@code limits-short.json} for black-box tests: tokens of 30 seconds and so on. */
    public EmulatorOptions withShortLives() {
        EmulatorOptions copy = copy();
        copy.shortLives = true;
        return copy;
    }

    /** A JSON file laid over {@code limits.json}. */
    public EmulatorOptions withLimitsFile(Path file) {
        EmulatorOptions copy = copy();
        copy.limitsFile = Optional.of(file);
        return copy;
    }

    /** One limit by its dotted path, laid over the file: {@code withLimit("entra.codeSeconds", 5)}. */
    public EmulatorOptions withLimit(String path, Object value) {
        Map<String, Object> more = new TreeMap<>(limits);
        more.put(path, value);
        EmulatorOptions copy = copy();
        copy.limits = Map.copyOf(more);
        return copy;
    }

    /** The life of every access token, instead of a random one. */
    public EmulatorOptions withAccessTokenSeconds(int seconds) {
        return withLimit("entra.accessTokenSeconds.min", seconds).withLimit("entra.accessTokenSeconds.max", seconds);
    }

    public String host() {
        return host;
    }

    public int httpPort() {
        return httpPort;
    }

    public int httpsPort() {
        return httpsPort;
    }

    public List<String> certificateHosts() {
        return certificateHosts;
    }

    public Optional<String> publicBase() {
        return publicBase;
    }

    public List<String> redirectUris() {
        return redirectUris;
    }

    public boolean allowLoopbackHttpNotifications() {
        return allowLoopbackHttpNotifications;
    }

    public boolean shortLives() {
        return shortLives;
    }

    public Optional<Path> limitsFile() {
        return limitsFile;
    }

    public Map<String, Object> limits() {
        return limits;
    }
}
