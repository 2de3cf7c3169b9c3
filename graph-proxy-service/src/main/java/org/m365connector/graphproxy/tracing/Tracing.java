package org.m365connector.graphproxy.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.common.export.ProxyOptions;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.MultiMap;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.m365connector.outbound.Outbound;

/**
 * Tells a collector of OpenTelemetry of calls: a span for each, and one for each attempt at Graph, in the trace that the caller's
 * {@code traceparent} names (W3C Trace Context). Nothing that somebody wrote or who he is stands in them: kinds of calls, statuses, ids of
 * Graph's support.
 */
@ApplicationScoped
public class Tracing {

    private static final String NAME = "graph-proxy-service";
    private static final Duration GATHERING = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private static final TextMapGetter<MultiMap> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(MultiMap headers) {
            return headers.names();
        }

        @Override
        public String get(MultiMap headers, String name) {
            return headers == null ? null : headers.get(name);
        }
    };

    private final Optional<SdkTracerProvider> provider;
    private final Optional<Tracer> tracer;

    Tracing(TracingConfig config, Outbound outbound) {
        provider = config.endpoint().map(endpoint -> provider(endpoint, config.sampled(), outbound));
        tracer = provider.map(traces -> traces.get(NAME));
    }

    /** None of its classes is loaded where nobody collects. */
    private static SdkTracerProvider provider(URI endpoint, double sampled, Outbound outbound) {
        String base = endpoint.toString();
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint((base.endsWith("/") ? base : base + "/") + "v1/traces")
                .setTimeout(PATIENCE)
                .setProxy(ProxyOptions.create(outbound.proxySelector()));
        outbound.sslContext()
                .ifPresent(tls ->
                        exporter.setSslContext(tls, outbound.trustManager().orElseThrow()));
        return SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), NAME)))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(sampled)))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build())
                        .setScheduleDelay(GATHERING)
                        .build())
                .build();
    }

    /**
     * A call has come.
     *
     * @param operation its kind: method and path without ids
     * @return empty where nobody collects
     */
    public Optional<CallTrace> call(MultiMap headers, Supplier<String> operation, String registrationKey) {
        if (tracer.isEmpty()) {
            return Optional.empty();
        }
        Context from = W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS);
        String kind = operation.get();
        Span span = tracer.get()
                .spanBuilder(kind)
                .setParent(from)
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("m365.operation", kind)
                .setAttribute("m365.registration", registrationKey)
                .startSpan();
        return Optional.of(new CallTrace(tracer.get(), span, kind));
    }

    @PreDestroy
    void close() {
        provider.ifPresent(traces -> traces.shutdown().join(FAREWELL.toMillis(), TimeUnit.MILLISECONDS));
    }
}
