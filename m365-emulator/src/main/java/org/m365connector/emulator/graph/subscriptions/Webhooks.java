package org.m365connector.emulator.graph.subscriptions;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** POSTs to subscribers. Follows no redirect; takes any certificate, since tests make their own. */
final class Webhooks {

    record Answer(int status, String contentType, Buffer body) {}

    private final Vertx vertx;
    private final HttpClient client;

    Webhooks(Vertx vertx) {
        this.vertx = vertx;
        HttpClientOptions options =
                new HttpClientOptions().setTrustAll(true).setVerifyHost(false).setConnectTimeout(5000);
        this.client = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(64));
    }

    /** Fails with {@link TimeoutException} if the whole answer is not there in time. */
    Future<Answer> post(String url, String contentType, Buffer body, Duration timeout) {
        Promise<Answer> promise = Promise.promise();
        RequestOptions options;
        try {
            options = new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(url);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
        options.putHeader("Content-Type", contentType);
        options.putHeader("User-Agent", "GraphEmulator-ChangeTracking");
        HttpClientRequest[] started = new HttpClientRequest[1];
        long timer = vertx.setTimer(Math.max(1, timeout.toMillis()), id -> {
            if (promise.tryFail(new TimeoutException("no answer within " + timeout)) && started[0] != null) {
                started[0].reset();
            }
        });
        client.request(options)
                .compose(request -> {
                    started[0] = request;
                    return request.send(body);
                })
                .compose(response -> response.body()
                        .map(text -> new Answer(
                                response.statusCode(),
                                response.getHeader("Content-Type") == null ? "" : response.getHeader("Content-Type"),
                                text)))
                .onSuccess(promise::tryComplete)
                .onFailure(promise::tryFail)
                .onComplete(done -> vertx.cancelTimer(timer));
        return promise.future();
    }
}
