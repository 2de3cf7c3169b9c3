package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Progress;

/**
 * What a call through graph-proxy-service costs, with access check, governor, audit and link rewriting on: beside the same call
 * without anything between, and through nginx where it is installed. All in one run, before one upstream, which takes its part
 * of the two processors as the callers do.
 */
final class Proxy {

    private static final List<Integer> CONNECTIONS = List.of(1, 32, 64);
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final Duration MEASURED = Duration.ofSeconds(8);
    private static final int ROUNDS = 7;
    private static final Duration ROUND = Duration.ofSeconds(5);
    private static final long TWO_GIB = 2L << 30;
    private static final int IDLE = 10_000;
    private static final double IDLE_BUDGET_MB = 64;

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);

    Proxy(Checkout checkout) {
        this.checkout = checkout;
    }

    /** One way to the upstream: where it is asked, what stands before the path there, and the headers that it wants. */
    record Way(String name, int port, String prefix, String headers) {
        byte[] question(String path) {
            return HttpCall.get(port, prefix + path, headers);
        }
    }

    void measure(Report report) {
        Path work = checkout.root().resolve("target/bench/proxy");
        try (ProxyStage stage = new ProxyStage(checkout, work)) {
            streaming(report, stage);
            Map<String, Way> ways = new LinkedHashMap<>();
            ways.put("direct", stage.direct());
            stage.nginx()
                    .ifPresentOrElse(
                            way -> ways.put("nginx", way),
                            () -> report.missing("nginx", "not installed, so no ratio to it"));
            ways.put("ours", stage.ours());
            ways.values().forEach(way -> {
                progress.say("Warming up: " + way.name());
                load(way, ProxyStage.SMALL, 32, WARM_UP);
            });
            Map<String, Double> capacity = new LinkedHashMap<>();
            for (int connections : CONNECTIONS) {
                for (Way way : ways.values()) {
                    String what = way.name() + "_c" + connections;
                    progress.say(what + ", closed loop");
                    long cpu = stage.cpuMicros();
                    Load.Counted small = load(way, ProxyStage.SMALL, connections, MEASURED);
                    if (way.name().equals("ours")) {
                        report.beside(
                                what + "_1k_cpu_per_request",
                                (stage.cpuMicros() - cpu) / (double) small.answers(),
                                "us");
                    }
                    capacity.put(what + "_1k", small.perSecond());
                    report.beside(what + "_1k", small.perSecond(), "1/s");
                    Load.Counted large = load(way, ProxyStage.LARGE, connections, Duration.ofSeconds(4));
                    report.beside(what + "_1m", large.perSecond(), "1/s");
                }
            }
            ratios(report, capacity);
            if (ways.containsKey("nginx")) {
                besideNginx(report, ways.get("nginx"), ways.get("ours"));
            }
            latency(report, ways, capacity);
            idle(report, stage);
            report.beside("rss_peak_mb", stage.replica().peakMegabytes(), "MB");
        }
    }

    private static void ratios(Report report, Map<String, Double> capacity) {
        for (int connections : CONNECTIONS) {
            double ours = capacity.get("ours_c" + connections + "_1k");
            report.beside(
                    "ratio_direct_c" + connections + "_1k", ours / capacity.get("direct_c" + connections + "_1k"), "");
            Double nginx = capacity.get("nginx_c" + connections + "_1k");
            if (nginx != null && connections != 32) {
                report.beside("ratio_nginx_c" + connections + "_1k", ours / nginx, "");
            }
        }
    }

    /** The machine's speed changes within a minute: each round has one of nginx beside it, and of the ratios the middle one counts. */
    private void besideNginx(Report report, Way nginx, Way ours) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            progress.say("nginx and ours in turn, round " + round + " of " + ROUNDS);
            double theirs = load(nginx, ProxyStage.SMALL, 32, ROUND).perSecond();
            ratios.add(load(ours, ProxyStage.SMALL, 32, ROUND).perSecond() / theirs);
        }
        ratios.sort(null);
        report.beside("ratio_nginx_c32_1k_lowest", ratios.get(0), "");
        report.atLeast(0.6, "ratio_nginx_c32_1k", ratios.get(ROUNDS / 2));
        report.beside("ratio_nginx_c32_1k_highest", ratios.get(ROUNDS - 1), "");
    }

    /** At half of what each can do on one connection, so that the answer to one call does not hold up the next. */
    private void latency(Report report, Map<String, Way> ways, Map<String, Double> capacity) {
        Map<String, Histogram> histograms = new LinkedHashMap<>();
        for (Way way : ways.values()) {
            double half = capacity.get(way.name() + "_c1_1k") / 2;
            progress.say(way.name() + " at fixed moments, " + Math.round(half) + " a second");
            List<byte[]> questions = List.of(way.question(ProxyStage.SMALL));
            Load.openLoop(way.port(), 1, questions, half, Duration.ofSeconds(3));
            Histogram open = Load.openLoop(way.port(), 1, questions, half, Duration.ofSeconds(10));
            histograms.put(way.name(), open);
            report.beside(way.name() + "_p50_ms_c1_1k", millis(open, 50), "ms");
            report.beside(way.name() + "_p99_ms_c1_1k", millis(open, 99), "ms");
        }
        Histogram direct = histograms.get("direct");
        Histogram ours = histograms.get("ours");
        report.atMost(0.2, "added_p50_ms_c1_1k", millis(ours, 50) - millis(direct, 50), "ms");
        report.atMost(1.5, "added_p99_ms_c1_1k", millis(ours, 99) - millis(direct, 99), "ms");
    }

    private void streaming(Report report, ProxyStage stage) {
        load(stage.ours(), ProxyStage.SMALL, 4, Duration.ofSeconds(3));
        Replica replica = stage.replica();
        long idle = replica.residentMegabytes();
        progress.say("2 GiB through the proxy");
        replica.forgetPeak();
        long begin = System.nanoTime();
        try (HttpCall call = new HttpCall(stage.ours().port())) {
            if (call.ask(stage.ours().question(ProxyStage.HUGE)) != 200) {
                throw new LocalException("2 GiB cannot be streamed");
            }
        } catch (IOException e) {
            throw new LocalException("2 GiB broke off: " + e, e);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        report.beside("idle_mb", idle, "MB");
        report.atMost(idle + 64.0, "stream_2gb_peak_mb", (double) replica.peakMegabytes(), "MB");
        report.beside("stream_2gb_mib_per_s", TWO_GIB / seconds / (1 << 20), "");
    }

    /** So many who hold a connection and say nothing, and one who means it. */
    private void idle(Report report, ProxyStage stage) {
        progress.say(IDLE + " idle connections");
        long before = stage.replica().residentMegabytes();
        List<Socket> callers = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE; i++) {
                callers.add(new Socket(
                        InetAddress.getLoopbackAddress(), stage.ours().port()));
            }
            Load.Counted beside = load(stage.ours(), ProxyStage.SMALL, 1, Duration.ofSeconds(4));
            double more = stage.replica().residentMegabytes() - (double) before;
            report.atMost(IDLE_BUDGET_MB, "idle_" + IDLE + "_mb", more, "MB");
            report.beside("idle_" + IDLE + "_c1_1k", beside.perSecond(), "1/s");
        } catch (IOException e) {
            // It has a budget, so that a run without it is none.
            throw new LocalException(
                    IDLE + " connections are not to be had here (ulimit -n, ports): " + callers.size() + ", then " + e,
                    e);
        } finally {
            for (Socket caller : callers) {
                close(caller);
            }
        }
    }

    private static void close(Socket caller) {
        try {
            caller.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Load.Counted load(Way way, String path, int connections, Duration length) {
        Load.Counted counted = Load.closedLoop(way.port(), connections, List.of(way.question(path)), length);
        if (counted.refused() > 0) {
            throw new LocalException(counted.refused() + " of " + counted.answers() + " calls failed: " + way.name());
        }
        return counted;
    }

    private static double millis(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1000.0;
    }
}
