package org.m365connector.sync.rich;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.http.Response;
import org.jose4j.http.SimpleResponse;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.m365connector.outbound.Outbound;

/** Entra's published signing keys, kept for a while; an unknown one makes us ask again, but not all the time. */
@ApplicationScoped
class SigningKeys {
    private final Map<String, VerificationKeyResolver> byUrl = new ConcurrentHashMap<>();
    private final RichConfig config;
    private final HttpClient http;

    SigningKeys(RichConfig config, Outbound outbound) {
        this.config = config;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(outbound.proxySelector())
                .connectTimeout(config.signingKeysTimeout());
        outbound.sslContext().ifPresent(builder::sslContext);
        http = builder.build();
    }

    VerificationKeyResolver at(String url) {
        return byUrl.computeIfAbsent(url, this::resolver);
    }

    private VerificationKeyResolver resolver(String url) {
        HttpsJwks keys = new HttpsJwks(url);
        keys.setSimpleHttpGet(this::get);
        keys.setDefaultCacheDuration(config.signingKeysLive().toSeconds());
        keys.setRetainCacheOnErrorDuration(config.signingKeysLive().toSeconds());
        keys.setRefreshReprieveThreshold(config.signingKeysPause().toMillis());
        return new HttpsJwksVerificationKeyResolver(keys);
    }

    private SimpleResponse get(String url) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(config.signingKeysTimeout())
                .build();
        try {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            return new Response(answer.statusCode(), "", answer.headers().map(), answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
